import { assert } from '../base/assert.ts'
import { add, type Column, get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { threadsIn } from './features.ts'

/*
 * struct mmu_interval_notifier of drivers that mirror pages of the app in page tables of their own, and what struct
 * mmu_notifier_subscriptions of the mm keeps for all of them: include/linux/mmu_notifier.h, mm/mmu_notifier.c. Nothing else indexes
 * these columns.
 */

/** One mirror. */
export interface MirrorSizes {
  /** Those who run its code: how long their programs are. */
  readonly threads: readonly number[]
  /** Its subscription can be inserted or removed. */
  readonly changes: boolean
  /** Invalidations that any one run can make: how far the sequence can count. */
  readonly ends: number
}

/** struct mmu_notifier_subscriptions: one for all interval subscribers of the mm. */
export interface ItreeColumns {
  /** Holder of subscriptions->lock, as in other lock columns. Zero length where no subscription comes or goes: then each holds it within one step. */
  readonly lock: Column
  /** invalidate_seq, counted from 0 where the kernel starts with 2: odd while an invalidation of some subscriber runs. */
  readonly seq: Column
  /** active_invalidate_ranges */
  readonly active: Column
}

export interface MirrorColumns {
  /** Holder of user_lock, the driver's own mutex. */
  readonly lock: Column
  /** invalidate_seq of the subscription, less 1: that of the mm, plus 1, when the driver was told last. */
  readonly seq: Column
  /** Where its subscription is: SUB. */
  readonly sub: Column
  /** By page, device PTE and entry of the device's TLB: 0 none, else (pfn + 1) << 1 | writable. */
  readonly pte: Column
  readonly tlb: Column
  /** By page: invalidations that have told the driver and are not over. For rule I9; the driver knows nothing of them. */
  readonly told: Column
  readonly threads: readonly MirrorThreadColumns[]
}

export interface MirrorThreadColumns {
  readonly pc: Column
  /** invalidate_seq of the subscription as read_begin() returned it; 0 none. */
  readonly seq: Column
  /** Page found by hmm_range_fault(): pfn + 1, 0 none, no reference held; and whether it may be written. */
  readonly pfn: Column
  readonly writable: Column
  /** Page + 1 of which it has read something in the mm, 0 none; and whether an invalidation of it has ended since. For rule I9. */
  readonly reading: Column
  readonly outdated: Column
}

/**
 * Where a subscription is. deferred: in the tree, and on the list of what the last end() takes out; deferredIn: not yet in it, and on the list
 * of what the last end() puts in. freed: the driver has freed it.
 */
export const SUB = { inTree: 0, deferred: 1, out: 2, freedDeferred: 3, freed: 4, notYet: 5, deferredIn: 6 } as const

export const mirrorColumns = (b: LayoutBuilder, { features, pages, cpus, frames, pfnBits }: FeatureSizes) => {
  const { mirrors } = features
  const some = mirrors.length > 0 ? 1 : 0
  const holders = cpus.length + 1 + threadsIn(features)
  const ends = Math.max(0, ...mirrors.map(mirror => mirror.ends))
  return {
    itree: {
      lock: b.column('subscriptions lock', mirrors.some(mirror => mirror.changes) ? 1 : 0, holders),
      seq: b.column('subscriptions seq', some, 2 * ends + 1),
      active: b.column('active_invalidate_ranges', some, ends),
    } satisfies ItreeColumns,
    mirrors: mirrors.map((mirror, v): MirrorColumns => {
      b.region()
      const column = (name: string, length: number, max: number): Column => b.column(`mirror${v} ${name}`, length, max)
      const entry = 2 ** (pfnBits + 1) - 1
      return {
        lock: column('user_lock', 1, holders),
        seq: column('seq', 1, 2 * ends + 2),
        sub: column('sub', mirror.changes ? 1 : 0, SUB.deferredIn),
        pte: column('pte', pages.length, entry),
        tlb: column('tlb', pages.length, entry),
        told: column('told', pages.length, ends),
        threads: mirror.threads.map((length, t): MirrorThreadColumns => {
          const own = (name: string, max: number): Column => column(`thread${t} ${name}`, 1, max)
          return {
            pc: own('pc', length),
            seq: own('seq', 2 * ends + 2),
            pfn: own('pfn', frames),
            writable: own('writable', 1),
            reading: own('reading', pages.length),
            outdated: own('outdated', 1),
          }
        }),
      }
    }),
  }
}

/** Who holds subscriptions->lock across a step: 0 nobody. Where no subscription comes or goes nobody does. */
export const itreeHolder = ({ lock }: ItreeColumns, m: Machine): number => (lock.length === 0 ? 0 : get(m, lock, 0))
export const itreeLock = ({ lock }: ItreeColumns, m: Machine, holder: number): void => {
  if (lock.length > 0) set(m, lock, 0, holder)
}

/** mn_itree_is_invalidating() */
export const itreeInvalidating = (itree: ItreeColumns, m: Machine): boolean => (get(m, itree.seq, 0) & 1) === 1

/** mn_itree_inv_start_range(): one invalidation more; the sequence is odd from here on if it concerns a subscriber. */
export function itreeStart(itree: ItreeColumns, m: Machine, concerns: boolean): void {
  add(m, itree.active, 0, 1)
  if (concerns) set(m, itree.seq, 0, get(m, itree.seq, 0) | 1)
}

/** First part of mn_itree_inv_end(): true when the last invalidation is over, with the sequence even again. */
export function itreeEnd(itree: ItreeColumns, m: Machine): boolean {
  assert(get(m, itree.active, 0) > 0, 'an end has a start')
  add(m, itree.active, 0, -1)
  if (get(m, itree.active, 0) > 0 || !itreeInvalidating(itree, m)) return false
  const seq = get(m, itree.seq, 0) + 1
  assert(seq <= itree.seq.mask, 'invalidate_seq has room for every end()')
  set(m, itree.seq, 0, seq)
  return true
}

/** Where the subscription is. Where it never comes or goes it is in the tree. */
export const subAt = (k: MirrorColumns, m: Machine): number => (k.sub.length === 0 ? SUB.inTree : get(m, k.sub, 0))

/** The subscription is linked where the mm will find it, freed or not. */
export const isLinked = (k: MirrorColumns, m: Machine): boolean => {
  const at = subAt(k, m)
  return at === SUB.inTree || at === SUB.deferred || at === SUB.freedDeferred
}

export const devPfn = (entry: number): number => (entry >>> 1) - 1
export const devWritable = (entry: number): boolean => (entry & 1) === 1
export const mkDevPte = (pfn: number, writable: boolean): number => ((pfn + 1) << 1) | (writable ? 1 : 0)
export const devAllows = (entry: number, write: boolean): boolean => entry !== 0 && (!write || devWritable(entry))

/** Who of the device still names the frame: 'device PTE', 'TLB entry', or ''. */
export function deviceHolds(k: { readonly pte: Column; readonly tlb: Column }, m: Machine, pfn: number): string {
  const names = (column: Column): boolean => {
    for (let page = 0; page < column.length; page++) if (get(m, column, page) >>> 1 === pfn + 1) return true
    return false
  }
  if (names(k.tlb)) return 'TLB entry'
  return names(k.pte) ? 'device PTE' : ''
}

/** mmu_interval_read_retry(): the driver has been told of an invalidation since this thread began. */
export const overtaken = (k: MirrorColumns, t: MirrorThreadColumns, m: Machine): boolean =>
  get(m, k.seq, 0) + 1 !== get(m, t.seq, 0)
