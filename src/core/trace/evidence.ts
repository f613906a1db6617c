import type { InvalidateSite, NotifierReason } from '../machine/event.ts'
import type { PageRange } from '../units.ts'
import { type PageSeen, type RecordedCallback, remembersNothing, type TimedEvent } from './timed.ts'

/** One page as it was found at one moment. What was not looked at is null. */
export interface PageAt {
  readonly vpn: number
  /** The frame it had when the operation began. */
  readonly was: number
  /** The frame its entry names now; null when it names none. */
  readonly pfn: number | null
  /** The entry translates: it is present. */
  readonly present: boolean
  /** none, present, protnone, swap, migration, … */
  readonly state: string
  readonly huge: boolean
  readonly writable: boolean | null
  readonly accessed: boolean | null
  readonly dirty: boolean | null
  readonly softDirty: boolean | null
  /** References and mappings of `was`; 0 references is freed. */
  readonly references: number
  readonly mappings: number | null
}

/** The same counted over a whole range. */
export interface PageCounts {
  readonly pages: number
  /** Still mapped by the entry they had. */
  readonly mapped: number
  /** Without any reference left. */
  readonly freed: number
}

/** Something in the course of an operation that its promises are about. */
export type Moment =
  | ({ readonly type: 'start'; readonly reason: NotifierReason; readonly range: PageRange } & Found)
  | ({ readonly type: 'end'; readonly range: PageRange } & Found)
  | ({ readonly type: 'secondary'; readonly site: InvalidateSite; readonly range: PageRange | 'all' } & Found)
  | ({ readonly type: 'release' } & Found)
  | { readonly type: 'freed'; readonly what: 'page' | 'table'; readonly pfn: number; readonly line: number | null }
  | { readonly type: 'flushed' | 'change-pte'; readonly line: number | null }

/** What a callback found. */
export interface Found {
  readonly counts: PageCounts | null
  readonly pages: readonly PageAt[]
  readonly line: number | null
}

/** What is known of an operation's course, recorded or simulated: promises are tried on either alike. */
export interface Evidence {
  readonly moments: readonly Moment[]
  /** Nothing went unseen: a callback that is not there did not happen. */
  readonly complete: boolean
  /** It breaks off: what is still open may end later. */
  readonly breaksOff?: boolean
}

/** The course of an operation as it was recorded. */
export function evidenceOf(
  events: readonly TimedEvent[],
  indices: readonly number[],
  callbacks: readonly RecordedCallback[],
  breaksOff = false,
): Evidence {
  const byIndex = new Map(callbacks.map(c => [c.at, c]))
  const moments = indices.flatMap((i): Moment[] => {
    const e = events[i]
    return e === undefined ? [] : momentOf(e, foundBy(byIndex.get(i), e.line))
  })
  return { moments, complete: false, breaksOff }
}

function momentOf({ event, line }: TimedEvent, found: Found): Moment[] {
  switch (event.type) {
    case 'invalidate-range-started':
      return [{ type: 'start', reason: event.reason, range: event.range, ...found }]
    case 'invalidate-range-ended':
      return [{ type: 'end', range: event.range, ...found }]
    case 'secondary-tlb-invalidate-called':
      return [{ type: 'secondary', site: event.site, range: event.range, ...found }]
    case 'notifier-released':
      return [{ type: 'release', ...found }]
    case 'page-freed':
      return [{ type: 'freed', what: 'page', pfn: event.pfn, line }]
    case 'table-freed':
      return [{ type: 'freed', what: 'table', pfn: event.pfn, line }]
    case 'cpu-flush-started':
      return [{ type: 'flushed', line }]
    case 'pte-change-notified':
      return [{ type: 'change-pte', line }]
    default:
      return []
  }
}

function foundBy(c: RecordedCallback | undefined, line: number): Found {
  if (c === undefined) return { counts: null, pages: [], line }
  return { counts: countsOf(c), pages: c.pages.map(pageAt), line }
}

/** From the summary; from the pages reported one by one when there is none. */
function countsOf(c: RecordedCallback): PageCounts | null {
  if (remembersNothing(c)) return null
  if (c.summary !== null) {
    const { remembered, samePfn, freed } = c.summary
    return { pages: remembered, mapped: samePfn, freed }
  }
  if (c.pages.length === 0) return null
  return {
    pages: c.pages.length,
    mapped: c.pages.filter(p => p.state === 'present' && p.pfn === p.was).length,
    freed: c.pages.filter(p => p.references === 0).length,
  }
}

function pageAt(p: PageSeen): PageAt {
  const bits = entryBits(p)
  return {
    vpn: p.vpn,
    was: p.was,
    pfn: p.state === 'present' || p.state === 'protnone' ? p.pfn : null,
    present: p.state === 'present',
    state: p.state,
    huge: p.level === 'pmd',
    writable: bit(bits, 1),
    accessed: bit(bits, 5),
    dirty: bit(bits, 6),
    softDirty: bit(bits, 11),
    references: p.references,
    mappings: p.mappings,
  }
}

/** The low 12 bits of an x86 entry that holds a page: arch/x86/include/asm/pgtable_types.h. Null for one that does not. */
function entryBits(p: PageSeen): number | null {
  if (p.state !== 'present' && p.state !== 'protnone') return null
  const low = Number.parseInt(p.pte.slice(-3), 16)
  return Number.isNaN(low) ? null : low
}

const bit = (bits: number | null, n: number): boolean | null => (bits === null ? null : (bits & (1 << n)) !== 0)
