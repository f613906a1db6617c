import { asPfn, asVpn, type PageRange, type Pfn, type Vpn } from '../units.ts'
import type { EntryBits, PagesKnown, RecordedPage } from './operation.ts'
import type { FaultedPage } from './presence.ts'
import type { PageSeen, RecordedCallback, TimedEvent } from './timed.ts'

/** No operation we can simulate has more; a misread number must not become a list. */
const MAX_PAGES = 1 << 20

/**
 * Which pages of `range` were mapped when the operation began. In this order are believed: the reports at start(), which
 * name the first few; the faults of the recording; and for the rest the count that start() gives of all of them. Those are
 * put where a PTE table (`ptes`) is known to be.
 */
export function pagesOf(
  range: PageRange,
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  faulted: ReadonlyMap<Vpn, FaultedPage>,
  ptes: readonly Vpn[],
): { readonly pages: RecordedPage[]; readonly known: PagesKnown } {
  const starts = callbacks.filter(c => c.kind === 'start')
  const reported = new Map<Vpn, PageSeen>()
  for (const p of starts.flatMap(c => c.pages)) if (p.state === 'present' && isCounted(p)) reported.set(p.vpn, p)
  const unmapped = unmappedFrames(events)
  const freed = new Set(events.flatMap(({ event }) => (event.type === 'page-freed' ? [event.pfn as number] : [])))
  const measured = starts.some(c => c.summary !== null || c.pages.length > 0)
  const total = Math.min(
    MAX_PAGES,
    totalOf(
      starts,
      reported.size,
      unmapped.length,
      measured ? faulted.size : Math.max(faulted.size, freed.size),
      measured,
    ),
  )

  const { vpns, known } = place(range, total, reported, faulted, starts, ptes)
  const nothingFreedSeen = freed.size === 0 && unmapped.length === 0
  const dirty = looksDirty([...reported.values()], events, unmapped.length)
  const heads = compoundHeads([...reported.values()], events)
  const inOrder = unmapped.length === vpns.length

  const pages = vpns.map((vpn, i): RecordedPage => {
    const report = reported.get(vpn)
    const fault = faulted.get(vpn)
    const pfn = report?.pfn ?? (inOrder ? unmapped[i] : undefined) ?? fault?.pfn ?? besideParts(vpn, reported)
    const order = isHuge(report, fault, vpns[i + 1], vpn) ? 9 : 0
    const partOf = order === 0 && pfn !== null ? (heads.find(h => pfn >= h && pfn < h + 512) ?? null) : null
    const stays = pfn !== null && !nothingFreedSeen && !freed.has(partOf ?? pfn) ? 1 : 0
    return {
      vpn,
      pfn,
      order,
      partOf,
      entry: report === undefined ? null : entryOf(report.pte),
      zeroPage: false,
      dirtyFile: report === undefined ? dirty : isDirtyFile(report),
      ofFile: report !== undefined && isOfFile(report),
      lazilyFreed: report !== undefined && isLazilyFreed(report),
      otherReferences: report !== undefined && partOf === null ? Math.max(0, report.references - 1) : stays,
    }
  })
  const flushed = events.some(({ event }) => event.type === 'cpu-flush-started')
  const nothingKnown = pages.length === 0 && !measured && flushed
  return { pages: withCompoundReferences(pages, reported), known: nothingKnown ? 'unknown' : known }
}

/** The references of a compound page are counted on its head, and one of them is that of each part that is mapped. */
function withCompoundReferences(pages: readonly RecordedPage[], reported: ReadonlyMap<Vpn, PageSeen>): RecordedPage[] {
  const parts = new Map<Pfn, number>()
  const references = new Map<Pfn, number>()
  for (const { partOf, vpn } of pages) {
    if (partOf === null) continue
    parts.set(partOf, (parts.get(partOf) ?? 0) + 1)
    const report = reported.get(vpn)
    if (report !== undefined) references.set(partOf, Math.max(report.references, references.get(partOf) ?? 0))
  }
  return pages.map(p => {
    const all = p.partOf === null ? undefined : references.get(p.partOf)
    return p.partOf === null || all === undefined
      ? p
      : { ...p, otherReferences: Math.max(0, all - (parts.get(p.partOf) ?? 0)) }
  })
}

/** One PMD entry: reported as one, or faulted in as one with nothing else mapped beside it since (no split). */
function isHuge(
  report: PageSeen | undefined,
  fault: FaultedPage | undefined,
  next: Vpn | undefined,
  vpn: Vpn,
): boolean {
  if (report !== undefined) return report.level === 'pmd'
  return fault?.order === 9 && (next === undefined || next >= vpn + 512)
}

/** First frames of the compound pages of which parts are mapped one by one, as after a split of a huge PMD. */
function compoundHeads(reported: readonly PageSeen[], events: readonly TimedEvent[]): Pfn[] {
  const heads = new Set<number>()
  for (const p of reported) if (p.level === 'pte' && /[tH]/.test(p.flags)) heads.add(Math.floor(p.was / 512) * 512)
  for (const { event } of events) if (event.type === 'page-freed' && event.order === 9) heads.add(event.pfn)
  return [...heads].map(asPfn)
}

/** A page beside reported parts of a compound page is taken to be the next part. */
function besideParts(vpn: Vpn, reported: ReadonlyMap<Vpn, PageSeen>): Pfn | null {
  for (const p of reported.values()) {
    if (p.level !== 'pte' || !/[tH]/.test(p.flags)) continue
    const pfn = p.pfn + (vpn - p.vpn)
    if (Math.floor(pfn / 512) === Math.floor(p.pfn / 512)) return asPfn(pfn)
  }
  return null
}

/** The zero page is mapped but belongs to nobody: no mapping count, never gathered. */
const isCounted = (p: PageSeen): boolean => p.mappings > 0

/** Frames in the order they were unmapped, which is that of their addresses; empty without the probes. */
function unmappedFrames(events: readonly TimedEvent[]): Pfn[] {
  const gathered: Pfn[] = []
  const removed: Pfn[] = []
  for (const { event } of events) {
    if (event.type !== 'page-gathered' && event.type !== 'rmap-removed') continue
    const list = event.type === 'page-gathered' ? gathered : removed
    for (let i = 0; i < event.count && list.length < MAX_PAGES; i++) list.push(asPfn(event.pfn + i))
  }
  return removed.length >= gathered.length ? removed : gathered
}

function totalOf(
  starts: readonly RecordedCallback[],
  reported: number,
  unmapped: number,
  otherwise: number,
  measured: boolean,
): number {
  // Each page is unmapped once, whatever else is mapped (the zero page is, and is not): the probes count best.
  if (unmapped > 0) return unmapped
  const remembered = starts.reduce((n, c) => n + (c.summary?.remembered ?? 0), 0)
  return measured ? Math.max(reported, remembered) : otherwise
}

function place(
  range: PageRange,
  total: number,
  reported: ReadonlyMap<Vpn, PageSeen>,
  faulted: ReadonlyMap<Vpn, FaultedPage>,
  starts: readonly RecordedCallback[],
  ptes: readonly Vpn[],
): { readonly vpns: Vpn[]; readonly known: PagesKnown } {
  const ascending = (vpns: Iterable<Vpn>): Vpn[] => [...vpns].sort((a, b) => a - b)
  if (reported.size >= total && (total > 0 || starts.length > 0))
    return { vpns: ascending(reported.keys()), known: 'seen' }
  const both = new Set([...reported.keys(), ...faulted.keys()])
  if (both.size === total && total > 0) return { vpns: ascending(both), known: 'seen' }
  if (total === 0) return { vpns: [], known: starts.length > 0 ? 'seen' : 'unknown' }

  const pages = range.end - range.start
  if (total >= pages) {
    return { vpns: Array.from({ length: Math.min(pages, MAX_PAGES) }, (_, i) => asVpn(range.start + i)), known: 'all' }
  }
  const chosen = new Set(both.size < total ? both : reported.keys())
  // Reports come in order from the beginning of the range: what is not reported lies behind them.
  const lastReported = Math.max(range.start - 1, ...reported.keys())
  for (const table of ptes) {
    const end = Math.min(range.end, table + 512)
    for (let v = Math.max(lastReported + 1, table); v < end && chosen.size < total; v++) chosen.add(asVpn(v))
  }
  for (let v = lastReported + 1; v < range.end && chosen.size < total; v++) chosen.add(asVpn(v))
  for (let v = range.start as number; v < range.end && chosen.size < total; v++) chosen.add(asVpn(v))
  return { vpns: ascending(chosen), known: 'number' }
}

/** Bit 6 of an x86 entry, _PAGE_DIRTY; bit 58, _PAGE_SAVED_DIRTY, which has it for a read-only entry (6.12). */
const isDirtyPte = (pte: string): boolean => bit(pte, 6) || bit(pte, 58)

const entryOf = (pte: string): EntryBits => ({ writable: bit(pte, 1), dirty: isDirtyPte(pte), accessed: bit(pte, 5) })

/** One bit of a hexadecimal number, with or without 0x. */
function bit(hex: string, n: number): boolean {
  const at = hex.length - 1 - Math.floor(n / 4)
  return (Number.parseInt(hex[at] ?? '0', 16) & (1 << (n % 4))) !== 0
}

const isOfFile = (p: PageSeen): boolean => p.state === 'present' && !p.flags.includes('A')
/** Anonymous and not swap-backed: folio_mark_lazyfree(), mm/swap.c */
const isLazilyFreed = (p: PageSeen): boolean => p.flags.includes('A') && !p.flags.includes('b')
const isDirtyFile = (p: PageSeen): boolean => isOfFile(p) && isDirtyPte(p.pte)

/**
 * Whether pages nobody reported are dirty file pages: as the reported ones are; without reports, if the zap flushed though
 * the gather was far from full, which nothing else makes it do.
 */
function looksDirty(reported: readonly PageSeen[], events: readonly TimedEvent[], unmapped: number): boolean {
  if (reported.length > 0) return reported.filter(isDirtyFile).length * 2 > reported.length
  let open = 0
  let forced = false
  for (const { event } of events) {
    if (event.type === 'invalidate-range-started') open++
    else if (event.type === 'invalidate-range-ended') open--
    else if (event.type === 'cpu-flush-started' && open > 0 && event.range !== 'all') forced = true
  }
  return forced && unmapped > 0 && unmapped < 9698
}
