import { asPfn, type PageRange, type Vpn } from '../units.ts'
import type { PagesKnown, RecordedPage } from './operation.ts'
import { pagesOf } from './pages.ts'
import type { FaultedPage } from './presence.ts'
import type { RecordedCallback, TimedEvent } from './timed.ts'

/**
 * Pages of a process that forks: notifiers are told of each mapping by itself, and of no other than one in which something was written
 * once (anon_vma). Where nothing else tells what is in it, its first page is taken to be there (read off).
 */
export function pagesByMapping(
  mappings: readonly PageRange[],
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  faulted: ReadonlyMap<Vpn, FaultedPage>,
  ptes: readonly Vpn[],
): { readonly pages: RecordedPage[]; readonly known: PagesKnown } {
  const pages = mappings.flatMap(range => {
    const inside = (vpn: Vpn): boolean => vpn >= range.start && vpn < range.end
    const told = callbacks.filter(c => c.range?.start === range.start && c.range.end === range.end)
    const measured = told.some(c => c.kind === 'start' && (c.summary !== null || c.pages.length > 0))
    const seen = new Map([...faulted].filter(([vpn]) => inside(vpn)))
    if (!measured && seen.size === 0) seen.set(range.start, { pfn: asPfn(0), order: 0 })
    const tables = ptes.filter(t => t < range.end && t + 512 > range.start)
    return pagesOf(range, events, told, seen, tables).pages.filter(p => inside(p.vpn))
  })
  return { pages, known: 'number' }
}
