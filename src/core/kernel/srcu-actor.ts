import type { Machine } from '../machine/cells.ts'
import type { Setup } from '../machine/setup.ts'
import { LISTED, listedAt, srcuQuiet } from '../machine/subscriptions.ts'
import type { Actor } from '../threads/actor.ts'
import { free } from './register.ts'

/** call_srcu(): frees subscribers that were put, once nobody walks the list any more. mmu_notifier_free_rcu(), mm/mmu_notifier.c */
export function srcuActor(s: Setup, id: number): Actor {
  const waiting = (m: Machine) => s.consumers.find((_, i) => listedAt(s.shape, m, i) === LISTED.put)
  return {
    id,
    name: 'SRCU',
    kind: 'rcu',
    lane: 'SRCU',
    ready: m => (waiting(m) !== undefined && srcuQuiet(s.shape, m) ? 1 : 0),
    blocked: m => (waiting(m) === undefined ? 'no subscriber was put' : 'somebody walks the list of subscribers'),
    finished: m => waiting(m) === undefined,
    op: m => ({
      fn: 'mmu_notifier_free_rcu',
      file: 'mm/mmu_notifier.c',
      stack: [],
      phase: null,
      label: `free ${waiting(m)?.name ?? 'nothing'}`,
      why: 'The grace period is over: whoever may have found it in the list is done with it.',
    }),
    step: (m, _alternative, emit) => {
      const c = waiting(m)
      if (c !== undefined) free({ s }, c, m, emit)
    },
  }
}
