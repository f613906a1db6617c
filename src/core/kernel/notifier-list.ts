import { consumersOf, type NotifierCall } from '../consumers/consumer.ts'
import type { Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { driverEndOps, driverStartOps } from './iommu-driver.ts'
import { subscribed, type Task } from './task.ts'

/*
 * The list of subscribers of the mm, mm->notifier_subscriptions->list: mn_hlist_invalidate_range_start() and mn_hlist_invalidate_end(),
 * mm/mmu_notifier.c. The IOMMU driver is in it too, first.
 */

type Counts = (m: Machine, emit?: Emit) => void

/** start() of those in the list. `begins` opens the pair, where the driver is the only subscriber. */
export function startOfList(t: Task, call: NotifierCall, begins: Counts): void {
  if (subscribed(t)) driverStartOps(t, call.lo, call.hi, begins)
  for (const c of consumersOf(t)) if (c.subscribed === 'list') c.start?.(t, call)
}

/** end() of those in the list. `ends` closes the pair, where the driver is the only subscriber. */
export function endOfList(t: Task, call: NotifierCall, ends: Counts): void {
  if (subscribed(t)) driverEndOps(t, call.lo, call.hi, ends)
  for (const c of consumersOf(t)) if (c.subscribed === 'list') c.end?.(t, call)
}
