import type { Column } from './cells.ts'
import { get, type Machine, set } from './cells.ts'
import type { Setup } from './setup.ts'
import type { WalkerColumns } from './shape.ts'

/*
 * TLBs and paging-structure caches, the CPUs' and the IOMMU's alike. Entries lie oldest first; a full cache drops the oldest.
 * The two are different things: a TLB entry names a page, a walk-cache entry names a page table.
 */

export const mkTlbEntry = (s: Setup, page: number, pfn: number, writable: boolean): number =>
  ((page + 1) << (s.pfnBits + 1)) | (pfn << 1) | (writable ? 1 : 0)
/** What the entry is for: a page, or past the last page a place whose memory it maps as a huge page. Two of one key are the same entry. */
export const tlbKey = (s: Setup, entry: number): number => (entry >>> (s.pfnBits + 1)) - 1
/** The place that a huge entry maps, or -1. */
export const tlbPlace = (s: Setup, entry: number): number => {
  const key = tlbKey(s, entry)
  return key < s.vpns.length ? -1 : key - s.vpns.length
}
/** Pages that the entry translates: [first, end). */
export const tlbFirst = (s: Setup, entry: number): number => {
  const place = s.shape.places[tlbPlace(s, entry)]
  return place === undefined ? tlbKey(s, entry) : place.firstPage
}
export const tlbEnd = (s: Setup, entry: number): number =>
  s.shape.places[tlbPlace(s, entry)]?.endPage ?? tlbKey(s, entry) + 1
export const tlbCovers = (s: Setup, entry: number, page: number): boolean =>
  s.tagOf.length > 0
    ? s.tagOf[tlbKey(s, entry)] === s.tagOf[page]
    : page >= tlbFirst(s, entry) && page < tlbEnd(s, entry)
/** Some of pages [start, end) are covered. */
function coversAny(s: Setup, entry: number, start: number, end: number): boolean {
  if (s.tagOf.length === 0) return tlbEnd(s, entry) > start && tlbFirst(s, entry) < end
  for (let page = start; page < end; page++) if (tlbCovers(s, entry, page)) return true
  return false
}
/** Frame of its first page. */
export const tlbPfn = (s: Setup, entry: number): number => (entry >>> 1) & (2 ** s.pfnBits - 1)
/** Frame that it has for one of its pages. */
export const tlbPfnFor = (s: Setup, entry: number, page: number): number =>
  s.tagOf.length > 0 ? tlbPfn(s, entry) : tlbPfn(s, entry) + page - tlbFirst(s, entry)
export const tlbWritable = (entry: number): boolean => (entry & 1) === 1

export const walkEntryPlace = (s: Setup, entry: number): number => (entry >>> s.pfnBits) - 1
export const walkEntryPfn = (s: Setup, entry: number): number => entry & (2 ** s.pfnBits - 1)

/** The entry that translates `page` for this kind of access, or 0. A write needs an entry that was filled by a write: Dirty is set then. */
export function tlbLookup(s: Setup, m: Machine, w: WalkerColumns, page: number, write: boolean): number {
  for (let i = 0; i < w.tlb.length; i++) {
    const entry = get(m, w.tlb, i)
    if (entry === 0) return 0
    if (tlbCovers(s, entry, page) && (!write || tlbWritable(entry))) return entry
  }
  return 0
}

/** Fills, replacing an entry for the same page. */
export function tlbFill(s: Setup, m: Machine, w: WalkerColumns, page: number, pfn: number, writable: boolean): void {
  keep(m, w.tlb, entry => (s.tagOf.length > 0 ? !tlbCovers(s, entry, page) : tlbKey(s, entry) !== page))
  push(m, w.tlb, mkTlbEntry(s, page, pfn, writable))
}

/** Fills with a huge page. Entries for single pages of it stay: two sizes for one address, if there are any (rule I14). */
export const tlbFillHuge = (
  s: Setup,
  m: Machine,
  w: WalkerColumns,
  place: number,
  pfn: number,
  writable: boolean,
): void => tlbFill(s, m, w, s.vpns.length + place, pfn, writable)

/** A page that a TLB translates in two sizes at once, or -1. */
export function mixedSizes(s: Setup, m: Machine, w: WalkerColumns): number {
  const entries = entriesOf(m, w.tlb)
  for (const huge of entries) {
    if (tlbPlace(s, huge) < 0) continue
    for (const entry of entries) {
      if (tlbPlace(s, entry) < 0 && tlbCovers(s, huge, tlbFirst(s, entry))) return tlbFirst(s, entry)
    }
  }
  return -1
}

/** A walk cache takes one place for the other: they are the same, or under one PASID. */
const samePlace = (s: Setup, a: number, b: number): boolean =>
  a === b || (s.placeTagOf.length > 0 && a >= 0 && s.placeTagOf[a] === s.placeTagOf[b])

/** Some table of pages [start, end) is taken for this one. */
function placeMeets(s: Setup, id: number, start: number, end: number): boolean {
  const place = s.shape.places[id]
  if (place === undefined) return false
  if (place.endPage > start && place.firstPage < end) return true
  if (s.placeTagOf.length === 0) return false
  return s.shape.places.some(p => p.endPage > start && p.firstPage < end && samePlace(s, p.id, id))
}

/** Remembers that the table for `place` is in `pfn`. */
export function walkCacheFill(s: Setup, m: Machine, w: WalkerColumns, place: number, pfn: number): void {
  keep(m, w.walkCache, entry => !samePlace(s, walkEntryPlace(s, entry), place))
  push(m, w.walkCache, ((place + 1) << s.pfnBits) | pfn)
}

/** Frame of the table for `place`, as the walk cache remembers it, or -1. */
export function walkCacheLookup(s: Setup, m: Machine, w: WalkerColumns, place: number): number {
  for (let i = 0; i < w.walkCache.length; i++) {
    const entry = get(m, w.walkCache, i)
    if (entry === 0) return -1
    if (samePlace(s, walkEntryPlace(s, entry), place)) return walkEntryPfn(s, entry)
  }
  return -1
}

/** Drops what lies in pages [start, end), be it in part: TLB entries always, walk-cache entries unless `leafOnly`. Returns how many. */
export function invalidate(
  s: Setup,
  m: Machine,
  w: WalkerColumns,
  start: number,
  end: number,
  leafOnly: boolean,
): number {
  let dropped = keep(m, w.tlb, entry => !coversAny(s, entry, start, end))
  if (!leafOnly) {
    dropped += keep(m, w.walkCache, entry => !placeMeets(s, walkEntryPlace(s, entry), start, end))
  }
  return dropped
}

/** Would invalidate() drop anything? */
export function holdsIn(
  s: Setup,
  m: Machine,
  w: WalkerColumns,
  start: number,
  end: number,
  leafOnly: boolean,
): boolean {
  const inRange = (entry: number): boolean => coversAny(s, entry, start, end)
  if (entriesOf(m, w.tlb).some(inRange)) return true
  return !leafOnly && entriesOf(m, w.walkCache).some(entry => placeMeets(s, walkEntryPlace(s, entry), start, end))
}

/** What an entry names: a page (TLB) or a page table (walk cache). */
export type Holds = 'page' | 'table' | 'either'

/** Does an entry name the frame? */
export function holdsFrame(s: Setup, m: Machine, w: WalkerColumns, pfn: number, what: Holds = 'either'): boolean {
  if (what !== 'table') {
    for (let i = 0; i < w.tlb.length; i++) {
      const entry = get(m, w.tlb, i)
      if (entry === 0) break
      const first = tlbPfn(s, entry)
      if (pfn === first || (pfn > first && pfn < first + tlbEnd(s, entry) - tlbFirst(s, entry))) return true
    }
  }
  if (what !== 'page') {
    for (let i = 0; i < w.walkCache.length; i++) {
      const entry = get(m, w.walkCache, i)
      if (entry === 0) break
      if (walkEntryPfn(s, entry) === pfn) return true
    }
  }
  return false
}

/** What a TLB or walk cache holds, oldest first. */
export function entriesOf(m: Machine, column: Column): number[] {
  const entries: number[] = []
  for (let i = 0; i < column.length; i++) {
    const entry = get(m, column, i)
    if (entry !== 0) entries.push(entry)
  }
  return entries
}

/** Keeps the entries that `wanted` wants, in order, and closes the gaps. */
function keep(m: Machine, column: Column, wanted: (entry: number) => boolean): number {
  let to = 0
  let dropped = 0
  for (let i = 0; i < column.length; i++) {
    const entry = get(m, column, i)
    if (entry === 0) break
    if (wanted(entry)) {
      if (to !== i) set(m, column, to, entry)
      to++
    } else {
      dropped++
    }
  }
  for (let i = to; i < to + dropped; i++) set(m, column, i, 0)
  return dropped
}

function push(m: Machine, column: Column, entry: number): void {
  const size = column.length
  if (size === 0) return
  let count = 0
  while (count < size && get(m, column, count) !== 0) count++
  if (count === size) {
    for (let i = 1; i < size; i++) set(m, column, i - 1, get(m, column, i))
    count--
  }
  set(m, column, count, entry)
}
