import { asPfn, asVpn, type PageRange } from '../units.ts'
import type { RecordedPage } from './operation.ts'
import type { TimedEvent } from './timed.ts'

/**
 * The pages of a whole address space, mapping by mapping, read off their going: as many in each as were unmapped after its
 * unmap_page_range() began, in order. Where in the mapping they lay is not known; they get its first addresses. A page that is
 * not freed with the others has another reference.
 */
export function pagesByZap(events: readonly TimedEvent[]): RecordedPage[] {
  const freed = new Set(events.flatMap(({ event }) => (event.type === 'page-freed' ? [event.pfn as number] : [])))
  const pages: RecordedPage[] = []
  let zap: PageRange | null = null
  let next = 0
  for (const { event } of events) {
    if (event.type === 'zap-started') {
      zap = event.range
      next = zap.start
    } else if (event.type === 'rmap-removed' && zap !== null) {
      for (let i = 0; i < event.count && next < zap.end; i++, next++) {
        const otherReferences = freed.has(event.pfn + i) ? 0 : 1
        pages.push({ ...PLAIN_PAGE, vpn: asVpn(next), pfn: asPfn(event.pfn + i), otherReferences })
      }
    }
  }
  return pages
}

/** A small page of which nothing else is known. */
export const PLAIN_PAGE = {
  order: 0,
  partOf: null,
  entry: null,
  zeroPage: false,
  dirtyFile: false,
  ofFile: false,
  lazilyFreed: false,
} as const
