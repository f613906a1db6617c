import { type Consumer, consumersOf, type NotifierCall } from '../consumers/consumer.ts'
import type { Machine } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { holdPair, LISTED, listedAt, mayLeave, readSrcu } from '../machine/subscriptions.ts'
import { driverEndOps, driverStartOps } from './iommu-driver.ts'
import { subscribed, type Task } from './task.ts'

/*
 * The list of subscribers of the mm, mm->notifier_subscriptions->list: mn_hlist_invalidate_range_start() and mn_hlist_invalidate_end(),
 * mm/mmu_notifier.c. The IOMMU driver is in it too, first, and stays. Where others come and go, the walk of the list is a reader of SRCU.
 */

type Counts = (m: Machine, emit?: Emit) => void
const nothing: Counts = () => {}

/** start() of those in the list. `begins` opens the pair, where the driver is the only subscriber. */
export function startOfList(t: Task, call: NotifierCall, begins: Counts): void {
  if (subscribed(t)) driverStartOps(t, call, begins)
  walkList(t, 'mn_hlist_invalidate_range_start', c => c.start?.(t, call))
}

/** end() of those in the list. `ends` closes the pair, where the driver is the only subscriber; `after` runs when the last was called. */
export function endOfList(t: Task, call: NotifierCall, ends: Counts, after: Counts = nothing): void {
  if (subscribed(t)) driverEndOps(t, call, ends)
  walkList(t, 'mn_hlist_invalidate_end', c => c.end?.(t, call), { after })
}

/** The pair, or the call, is over for the locks of whoever makes it. */
export const releasePair =
  ({ s }: Task): Counts =>
  m =>
    holdPair(s.shape, m, -1)

/** hlist_for_each_entry_rcu(): calls those who are in the list when it comes to them. */
export function walkList(
  { s, asm, mm }: Task,
  fn: string,
  calls: (c: Consumer) => void,
  { before = nothing, after = nothing }: { readonly before?: Counts; readonly after?: Counts } = {},
): void {
  const list = consumersOf({ s, mm }).filter(c => c.subscribed === 'list')
  if (!mayLeave(s.shape) || list.length === 0) {
    for (const c of list) calls(c)
    return
  }
  const at = { fn: 'hlist_for_each_entry_rcu', file: 'include/linux/rculist.h' } as const
  asm.within(fn, () => {
    asm.op({
      fn: 'srcu_read_lock',
      file: 'include/linux/srcu.h',
      label: `begin to walk the list, as a reader of ${s.policy.invalidatePagePlacement === 'under-ptl' ? 'RCU' : 'SRCU'}`,
      why: 'Who takes a subscriber out of the list waits until everybody is done who may have found it there.',
      run: (m, emit, next) => {
        before(m, emit)
        readSrcu(s.shape, m, 1)
        return next
      },
    })
    for (const c of list) {
      const skip = asm.label()
      const i = s.consumers.indexOf(c)
      const listed = (m: Machine): boolean => listedAt(s.shape, m, i) === LISTED.in
      asm.op({
        ...at,
        label: m => (listed(m) ? `come to ${c.name} in the list` : `not find ${c.name} in the list`),
        why: 'Whether it is called is decided here. Who is taken out of the list after this is called all the same.',
        run: (m, _emit, next) => (listed(m) ? next : skip.at),
        goes: ['next', skip],
      })
      calls(c)
      asm.op({
        ...at,
        label: `go on from ${c.name} to the next`,
        why: 'The callback has returned to its subscription, and the way to the next is written in it.',
        run: (m, emit, next) => {
          if (listedAt(s.shape, m, i) === LISTED.freed) {
            noteDamage(s, m, DAMAGE.usedAfterItsEnd)
            emit?.({ type: 'subscription-used-after-free', consumer: i, who: c.name, where: `${fn}()` })
          }
          return next
        },
      })
      asm.place(skip)
    }
    asm.op({
      fn: 'srcu_read_unlock',
      file: 'include/linux/srcu.h',
      label: 'be done with the list',
      why: 'Whoever waits for a grace period need not wait for this one any more.',
      run: (m, emit, next) => {
        readSrcu(s.shape, m, -1)
        after(m, emit)
        return next
      },
    })
  })
}
