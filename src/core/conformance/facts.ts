import type { RecordedOperation } from '../trace/operation.ts'
import { phaseName, type SecondaryName } from '../trace/phases.ts'
import { type RecordedCallback, remembersNothing, type TimedEvent } from '../trace/timed.ts'
import type { PageRange } from '../units.ts'
import type { SimulatedStep } from './simulated.ts'

/** What stood in the page table, and which frames were free, at one callback; counted over the callback's range. */
export interface CallbackFacts {
  readonly pages: number
  /** Still mapped by the entry they had. */
  readonly mapped: number
  /** Without any reference left. */
  readonly freed: number
  readonly tables: number
  readonly tablesLinked: number
  readonly tablesFreed: number
}

/** One callback, as measured and as simulated. */
export interface ComparedCallback {
  /** `start(UNMAP)`, `end`, `invalidate_range:outside`, … */
  readonly callback: string
  /** Which one of that name in the operation, from 1. */
  readonly number: number
  readonly measured: CallbackFacts | null
  readonly simulated: CallbackFacts | null
  /** The page counts agree. Null when there is nothing to compare. */
  readonly agree: boolean | null
}

interface Named {
  readonly callback: string
  readonly facts: CallbackFacts | null
}

/** Facts at each callback of an operation, the recording's beside the simulation's, paired by name and number. */
export function compareFacts(
  operation: RecordedOperation,
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  steps: readonly SimulatedStep[],
  secondary: SecondaryName,
): ComparedCallback[] {
  const measured = callbacks.flatMap((c): Named[] => {
    const e = events[c.at]
    const callback = e === undefined ? null : phaseName(e.event, secondary)
    return callback === null ? [] : [{ callback, facts: measuredFacts(c) }]
  })
  const simulated = simulatedFacts(operation, steps, secondary)
  const result: ComparedCallback[] = []
  const names = [...new Set([...measured, ...simulated].map(n => n.callback))]
  for (const callback of names) {
    const left = measured.filter(n => n.callback === callback)
    const right = simulated.filter(n => n.callback === callback)
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const m = left[i]?.facts ?? null
      const s = right[i]?.facts ?? null
      const agree =
        m === null || s === null ? null : m.pages === s.pages && m.mapped === s.mapped && m.freed === s.freed
      result.push({ callback, number: i + 1, measured: m, simulated: s, agree })
    }
  }
  return result
}

/** From the summary; from the pages reported one by one when there is none. */
export function measuredFacts(c: RecordedCallback): CallbackFacts | null {
  if (remembersNothing(c)) return null
  if (c.summary !== null) {
    const s = c.summary
    return {
      pages: s.remembered,
      mapped: s.samePfn,
      freed: s.freed,
      tables: s.tables,
      tablesLinked: s.tablesLinked,
      tablesFreed: s.tablesFreed,
    }
  }
  if (c.pages.length === 0) return null
  return {
    pages: c.pages.length,
    mapped: c.pages.filter(p => p.state === 'present' && p.pfn === p.was).length,
    freed: c.pages.filter(p => p.references === 0).length,
    tables: c.tables.length,
    tablesLinked: c.tables.filter(t => t.linked).length,
    tablesFreed: c.tables.filter(t => t.references === 0).length,
  }
}

function simulatedFacts(
  operation: RecordedOperation,
  steps: readonly SimulatedStep[],
  secondary: SecondaryName,
): Named[] {
  /** Frame of a page once it is unmapped, by page. */
  const cleared = new Map<number, number>()
  const freed = new Set<number>()
  const unlinked = new Map<number, { readonly vpn: number }>()
  const tablesFreed = new Set<number>()
  const found: Named[] = []
  let open: PageRange | null = null

  const count = (range: PageRange | 'all'): CallbackFacts => {
    const inside = (vpn: number): boolean => range === 'all' || (vpn >= range.start && vpn < range.end)
    const touched = (vpn: number, level: string): boolean => range === 'all' || overlaps(vpn, level, range)
    const pages = operation.pages.filter(p => inside(p.vpn))
    const tables = operation.tables.present.filter(t => touched(t.vpn, t.level))
    const gone = [...unlinked].filter(([, t]) => range === 'all' || t.vpn < range.end)
    return {
      pages: pages.length,
      mapped: pages.filter(p => !cleared.has(p.vpn)).length,
      freed: pages.filter(p => freed.has(cleared.get(p.vpn) ?? -1)).length,
      tables: tables.length,
      tablesLinked: tables.length - gone.length,
      tablesFreed: gone.filter(([pfn]) => tablesFreed.has(pfn)).length,
    }
  }

  for (const { events } of steps) {
    for (const event of events) {
      if (event.type === 'pte-cleared') cleared.set(event.vpn, event.pfn)
      else if (event.type === 'pte-set' && cleared.get(event.vpn) === event.pfn) cleared.delete(event.vpn)
      else if (event.type === 'page-freed') freed.add(event.pfn)
      else if (event.type === 'table-unlinked') unlinked.set(event.pfn, event)
      else if (event.type === 'table-freed') tablesFreed.add(event.pfn)
      if (event.type === 'invalidate-range-started') open = event.range
      const callback = isCallback(event.type) ? phaseName(event, secondary) : null
      if (callback !== null && 'range' in event && event.range !== null) {
        // Told of everything within a pair, a module measures what it remembers from its start().
        const range = event.range === 'all' && open !== null ? open : (event.range as PageRange | 'all')
        found.push({ callback, facts: count(range) })
      }
      if (event.type === 'invalidate-range-ended') open = null
    }
  }
  return found
}

const isCallback = (type: string): boolean =>
  type === 'invalidate-range-started' || type === 'invalidate-range-ended' || type === 'secondary-tlb-invalidate-called'

const SPAN: Readonly<Record<string, number>> = { PTE: 512, PMD: 512 ** 2, PUD: 512 ** 3, PGD: 512 ** 4 }

function overlaps(vpn: number, level: string, range: PageRange): boolean {
  return vpn < range.end && vpn + (SPAN[level] ?? 1) > range.start
}
