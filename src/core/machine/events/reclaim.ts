import type { PageRange, Pfn, Vpn } from '../../units.ts'
import type { Tellings } from './telling.ts'

/** Unmapping through the reverse map: flushes put off, single pages told of, pages written out. */
export type ReclaimEvent =
  | { readonly type: 'flush-deferred'; readonly cpu: number; readonly pending: number }
  | { readonly type: 'page-invalidate-called'; readonly range: PageRange }
  | { readonly type: 'page-aged'; readonly vpn: Vpn; readonly pfn: Pfn; readonly young: boolean }
  | { readonly type: 'page-written-out'; readonly vpn: Vpn; readonly pfn: Pfn }

export const reclaimTellings: Tellings<ReclaimEvent> = {
  'flush-deferred': {
    caption: () => 'the flush of the CPUs is put off: the task owes it, and the mm is marked',
    mark: () => 'put off',
    tone: 'unmapped',
  },
  'page-invalidate-called': {
    caption: (e, n) => `invalidate_page tells secondary TLBs of ${n.page(e.range.start)}`,
    mark: () => 'invalidate_page',
    tone: 'invalidated',
  },
  'page-aged': {
    caption: (e, n) =>
      e.young
        ? `${n.page(e.vpn)} was accessed: the bit is cleared`
        : `${n.page(e.vpn)} shows no access since it was looked at`,
    mark: e => (e.young ? 'young' : 'old'),
    tone: 'neutral',
  },
  'page-written-out': {
    caption: (e, n) => `pfn ${e.pfn} of ${n.page(e.vpn)} is written out as it is now`,
    mark: e => `write out ${e.pfn}`,
    tone: 'mapped',
  },
}
