import { itreeBlocked, itreeFree } from '../../kernel/interval-tree.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { itreeInvalidating, SUB } from '../../machine/mirror.ts'
import { omitting, type ProgramBuilder } from '../../threads/program.ts'
import type { Steps } from '../steps.ts'
import { type Mirror, who } from './device.ts'

export const INSERT_STEPS = ['insert'] as const

/**
 * The driver begins to mirror. While an invalidation of some subscriber runs the tree must not change, so it is put in at its end. Its
 * sequence says that an invalidation is running whenever one is, also one that it has not been told of: who wants to read pages waits.
 *
 * Kernel: __mmu_interval_notifier_insert(), mm/mmu_notifier.c, as in 5.5 and 6.6.
 */
export function insertMirror(v: Mirror, asm: ProgramBuilder, steps: Steps): void {
  const { s, k } = v
  if (!s.policy.intervalNotifiers || !s.policy.configMmuNotifier) return
  const { itree } = s.shape
  const insert = (m: Machine, knows: boolean, emit?: Emit): void => {
    const running = get(m, itree.active, 0) > 0
    const deferred = running && itreeInvalidating(itree, m)
    if (running && !deferred) set(m, itree.seq, 0, get(m, itree.seq, 0) | 1)
    set(m, k.sub, 0, deferred ? SUB.deferredIn : SUB.inTree)
    set(m, k.seq, 0, get(m, itree.seq, 0) + (running && knows ? 1 : 0))
    const how = deferred
      ? 'is on the deferred list: an invalidation is running, the tree must not change'
      : running
        ? 'is in the tree, and the invalidation that runs counts as one of its own'
        : 'is in the tree'
    emit?.({ type: 'interval-inserted', ...who(v), how })
  }
  steps.at(asm, 'insert')
  asm.op({
    fn: 'mmu_interval_notifier_insert',
    file: 'mm/mmu_notifier.c',
    label: m =>
      itreeInvalidating(itree, m) ? 'put the subscription on the deferred list' : 'put the subscription into the tree',
    why: 'An invalidation that runs already will not tell it of anything. So its sequence is made to say that one is running.',
    needs: [itreeFree(s)],
    blocked: itreeBlocked(s),
    run: (m, emit, next) => {
      insert(m, true, emit)
      return next
    },
    without: [
      omitting(
        'the sequence of the invalidation that is running',
        (m, emit, next) => {
          insert(m, false, emit)
          return next
        },
        { ready: itreeFree(s).holds },
      ),
    ],
  })
}
