import type { PagesAt } from '../device/footprints.ts'
import type { NewPte } from '../kernel/change-pte.ts'
import type { Task } from '../kernel/task.ts'
import type { Column, Machine } from '../machine/cells.ts'
import type { Emit, InvalidateSite, NotifierReason } from '../machine/event.ts'
import type { ActorKind } from '../threads/actor.ts'
import type { Label, OpSpec, ProgramBuilder } from '../threads/program.ts'
import type { ConsumerPicture } from './picture.ts'

/** One call of a notifier, as a subscriber gets it: pages [lo, hi). struct mmu_notifier_range, include/linux/mmu_notifier.h */
export interface NotifierCall {
  readonly reason: NotifierReason
  readonly lo: number
  readonly hi: number
  /**
   * start() must not sleep. A subscriber in the interval tree that would have to goes here; one in the list notes it (machine/refusals.ts),
   * and the others in the list are called all the same.
   */
  readonly nonblock?: Label
  /** It is mmu_notifier_invalidate_page(), up to 4.12. */
  readonly single?: true
}

/** One call of the range hook. The pages are asked for when the call is made; none when nothing was flushed. */
export interface RangeCall {
  readonly site: InvalidateSite
  readonly range: PagesAt
}

/** Somebody who runs code of a consumer: a vCPU, a thread of a driver. Its place in its program is in the machine. */
export interface ConsumerThread {
  /** Name of the actor and of its lane: `vCPU 0`. */
  readonly name: string
  readonly kind: ActorKind
  readonly pc: Column
  readonly write: (asm: ProgramBuilder) => void
  /** Where each access of its script begins in the program that was written last, and what it is: equal texts do the same. */
  readonly accesses?: () => readonly { readonly at: number; readonly what: string }[]
}

export type MemslotChange = 'delete' | 'create'

/** struct mmu_interval_notifier, as the mm sees it: include/linux/mmu_notifier.h */
export interface IntervalSub {
  /** Pages [first, end) that it has asked about. */
  readonly first: number
  readonly end: number
  readonly linked: (m: Machine) => boolean
  /** The mm looks at it: harm if its driver has freed it (rule I13). */
  readonly touched: (m: Machine, emit?: Emit) => void
  /** An invalidation of pages [lo, hi) that it was told of has ended: what was read before does not count any more (rule I9). */
  readonly ended: (m: Machine, lo: number, hi: number) => void
  /** The last end(): what was put off for it until now is done, it is taken out of the tree or put in. */
  readonly settle: (m: Machine, emit?: Emit) => void
  /** Its driver can insert or remove it, so ends are written in two steps. */
  readonly changes: boolean
}

/**
 * Somebody who has subscribed to the notifiers of the app's mm besides the IOMMU driver: struct mmu_notifier_ops, or
 * mmu_interval_notifier_ops. What a callback does is written into the program of the task that calls it, one operation at a time, so
 * that others may move between any two. To add a kind: a folder here, and a line in scenarios/consumers.ts.
 */
export interface Consumer {
  /** As in the scenario: `VM 0`. */
  readonly name: string
  /** Subscribers in the interval tree hear of a start before those in the list. __mmu_notifier_invalidate_range_start(), mm/mmu_notifier.c */
  readonly subscribed: 'interval' | 'list' | 'none'
  /** What the interval tree knows of it. */
  readonly interval?: IntervalSub
  readonly start?: (t: Task, call: NotifierCall) => void
  /** One that may refuse a start() has none: it would not know that nobody counts on it. WARN_ON() since 5.12, mm/mmu_notifier.c */
  readonly end?: (t: Task, call: NotifierCall) => void
  /** Its start() sleeps, so it answers -EAGAIN where that is not allowed. */
  readonly refuses?: true
  /** invalidate_range up to 6.5, arch_invalidate_secondary_tlbs from 6.6 on: operations, for the flush that makes the call to put in. */
  readonly range?: (t: Task, call: RangeCall) => readonly OpSpec[]
  /** change_pte(), up to 6.9, between the clear of a PTE and the new one. Called under the page-table lock. */
  readonly changePte?: (t: Task, pte: NewPte) => void
  /** KVM_SET_USER_MEMORY_REGION: what a task does to make the memslot of this region go, or come. */
  readonly memslot?: (t: Task, region: string, change: MemslotChange) => void
  /** ops->release(), which unregister() calls first: nothing of it names a page any more. */
  readonly release?: (t: Task) => void
  /** Its threads have done what they had to do. Only then somebody gives it up. */
  readonly idle?: (m: Machine) => boolean
  /** It is freed: what it had counted is of no account any more. */
  readonly gone?: (m: Machine) => void
  /** Sets what is not 0 before the first step. */
  readonly begin?: (m: Machine) => void
  /** Who runs its code, besides the tasks that call it. */
  readonly threads: readonly ConsumerThread[]
  /** What of it still names the frame as a page, and could be used: `an SPTE of VM 0`; '' when nothing does. */
  readonly holds: (m: Machine, pfn: number) => string
  /** Everything there is to see of it. */
  readonly picture: (m: Machine) => ConsumerPicture
}

/** Those who hear of this mm, in the order in which a start reaches them. Only the app's mm has any. */
export const consumersOf = ({ s, mm }: Pick<Task, 's' | 'mm'>): readonly Consumer[] =>
  mm === 0 && s.policy.configMmuNotifier
    ? [
        ...(s.policy.intervalNotifiers ? s.consumers.filter(c => c.subscribed === 'interval') : []),
        ...s.consumers.filter(c => c.subscribed === 'list'),
      ]
    : []
