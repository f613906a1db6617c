import type { Task } from '../kernel/task.ts'
import type { NotifierReason } from '../machine/event.ts'

/** One call of a notifier, as a subscriber gets it: pages [lo, hi). struct mmu_notifier_range, include/linux/mmu_notifier.h */
export interface NotifierCall {
  readonly reason: NotifierReason
  readonly lo: number
  readonly hi: number
}

/**
 * Somebody who has subscribed to the notifiers of the app's mm besides the IOMMU driver: struct mmu_notifier_ops, or
 * mmu_interval_notifier_ops. What a callback does is written into the program of the task that calls it, one operation at a time, so
 * that others may move between any two.
 */
export interface Consumer {
  /** As in the scenario: `VM 0`. */
  readonly name: string
  /** Subscribers in the interval tree hear of a start before those in the list. __mmu_notifier_invalidate_range_start(), mm/mmu_notifier.c */
  readonly subscribed: 'interval' | 'list'
  readonly start?: (t: Task, call: NotifierCall) => void
  readonly end?: (t: Task, call: NotifierCall) => void
  /** invalidate_range up to 6.5, arch_invalidate_secondary_tlbs from 6.6 on. */
  readonly range?: (t: Task, call: NotifierCall) => void
  readonly release?: (t: Task) => void
}

/** Those who hear of this mm, in the order in which a start reaches them. Only the app's mm has any. */
export const consumersOf = ({ s, mm }: Task): readonly Consumer[] =>
  mm === 0 && s.policy.configMmuNotifier
    ? [...s.consumers.filter(c => c.subscribed === 'interval'), ...s.consumers.filter(c => c.subscribed === 'list')]
    : []
