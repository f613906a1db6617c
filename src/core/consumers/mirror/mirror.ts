import { add, get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { deviceHolds, isLinked, SUB, subAt } from '../../machine/mirror.ts'
import type { Setup } from '../../machine/setup.ts'
import type { Consumer, IntervalSub } from '../consumer.ts'
import { Steps } from '../steps.ts'
import { changesSub, judgeSubscription, type Mirror, type MirrorFacts, mirrorOf, who } from './device.ts'
import { deviceAccess } from './fault.ts'
import { insertMirror } from './insert.ts'
import { mirrorInvalidate } from './invalidate.ts'
import { mirrorPicture } from './picture.ts'
import { removeMirror } from './remove.ts'

/**
 * A driver that mirrors pages of the app in a page table of its device, under an interval notifier: HMM mirrors of GPUs, and on-demand
 * paging of RDMA. Like KVM it makes no translation between start() and end(), so it needs no callback in between. From 5.5 on.
 */
export function mirrorConsumer(s: Setup, facts: MirrorFacts): Consumer {
  const v = mirrorOf(s, facts)
  const written = { steps: new Steps(), length: 0 }
  return {
    name: facts.name,
    subscribed: 'interval',
    refuses: true,
    interval: intervalOf(v),
    ...(facts.script.includes('insert') ? { begin: m => set(m, v.k.sub, 0, SUB.notYet) } : {}),
    start: (t, call) => mirrorInvalidate(v, t, call),
    threads: [
      {
        name: threadName(facts),
        kind: 'driver',
        pc: v.t.pc,
        write: asm => {
          const steps = new Steps()
          for (const step of facts.script) {
            steps.nextAccess(asm)
            if (step === 'insert') insertMirror(v, asm, steps)
            else if (step === 'remove') removeMirror(v, asm, steps)
            else deviceAccess(v, asm, steps, step)
          }
          written.steps = steps
          written.length = asm.here
        },
        accesses: () => written.steps.accesses(facts.script),
      },
    ],
    holds: (m, pfn) => {
      const what = deviceHolds(v.k, m, pfn)
      return what === '' ? '' : `a ${what} of ${facts.name}`
    },
    picture: m => mirrorPicture(v, written, m),
  }
}

export const threadName = ({ name }: { readonly name: string }): string => `${name} driver`

function intervalOf(v: Mirror): IntervalSub {
  const { facts, k, t } = v
  return {
    first: facts.first,
    end: facts.end,
    changes: changesSub(facts),
    linked: m => isLinked(k, m),
    touched: (m, emit) => judgeSubscription(v, m, 'the search of the tree', emit),
    ended: (m, lo, hi) => ended(m, Math.max(lo, facts.first), Math.min(hi, facts.end)),
    settle: (m, emit) => settle(v, m, emit),
  }

  /** It was told unless it was out of the tree by then: told is 0 there. */
  function ended(m: Machine, lo: number, hi: number): void {
    for (let page = lo; page < hi; page++) if (get(m, k.told, page) > 0) add(m, k.told, page, -1)
    const page = get(m, t.reading, 0) - 1
    if (page >= lo && page < hi) set(m, t.outdated, 0, 1)
  }
}

function settle(v: Mirror, m: Machine, emit?: Emit): void {
  const at = subAt(v.k, m)
  if (at === SUB.deferredIn) {
    set(m, v.k.sub, 0, SUB.inTree)
    emit?.({ type: 'interval-inserted', ...who(v), how: 'is put into the tree, as was asked for before' })
    return
  }
  if (at !== SUB.deferred && at !== SUB.freedDeferred) return
  judgeSubscription(v, m, 'the end of the invalidation', emit)
  set(m, v.k.sub, 0, at === SUB.deferred ? SUB.out : SUB.freed)
  emit?.({ type: 'interval-taken-out', ...who(v) })
}
