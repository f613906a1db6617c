import { add, type Column, get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'

/*
 * Subscribers in the list of the mm that come and go: struct mmu_notifier, and the SRCU domain under which the list is walked,
 * mm/mmu_notifier.c. Nothing else indexes these columns.
 */

export interface SubscriptionColumns {
  /** By consumer: LISTED. */
  readonly subscription: Column
  /** Tasks that walk the list: readers of the SRCU domain. */
  readonly srcuReaders: Column
  /** Pairs under way, from before the start() of the first subscriber until after the end() of the last: so long the caller keeps its locks. */
  readonly heldPairs: Column
}

/** Where a subscriber in the list is. put: out of it, and freed after a grace period. */
export const LISTED = { in: 0, notYet: 1, out: 2, put: 3, freed: 4 } as const

export const subscriptionColumns = (b: LayoutBuilder, { features, cpus }: FeatureSizes): SubscriptionColumns => {
  const some = features.comingSubscribers > 0 ? 1 : 0
  return {
    subscription: b.column('subscription', features.comingSubscribers, LISTED.freed),
    srcuReaders: b.column('srcu readers', some, cpus.length),
    heldPairs: b.column('held pairs', some, 2 * cpus.length),
  }
}

/** Subscribers come and go here. */
export const mayLeave = ({ subscription }: SubscriptionColumns): boolean => subscription.length > 0

export const listedAt = ({ subscription }: SubscriptionColumns, m: Machine, consumer: number): number =>
  subscription.length === 0 ? LISTED.in : get(m, subscription, consumer)

export const setListed = ({ subscription }: SubscriptionColumns, m: Machine, consumer: number, at: number): void =>
  set(m, subscription, consumer, at)

/** srcu_read_lock() and srcu_read_unlock(). */
export const readSrcu = ({ srcuReaders }: SubscriptionColumns, m: Machine, by: 1 | -1): void =>
  add(m, srcuReaders, 0, by)

/** Nobody walks the list. Simplified: a grace period waits for those too who began after it. */
export const srcuQuiet = ({ srcuReaders }: SubscriptionColumns, m: Machine): boolean => get(m, srcuReaders, 0) === 0

/** A pair begins, or is over. Nothing where nobody comes or goes. */
export function holdPair({ heldPairs }: SubscriptionColumns, m: Machine, by: 1 | -1): void {
  if (heldPairs.length > 0) add(m, heldPairs, 0, by)
}

export const noPairHeld = ({ heldPairs }: SubscriptionColumns, m: Machine): boolean => get(m, heldPairs, 0) === 0
