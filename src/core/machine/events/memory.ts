import type { Pfn, Vpn } from '../../units.ts'
import type { Tellings } from './telling.ts'

/** Changes of one PTE that neither map nor unmap a page. */
export type MemoryEvent =
  | { readonly type: 'pte-protected'; readonly vpn: Vpn; readonly pfn: Pfn; readonly writable: boolean }
  | {
      readonly type: 'soft-pte-set'
      readonly vpn: Vpn
      readonly kind: 'swap entry' | 'migration entry' | 'PROT_NONE'
      readonly pfn: Pfn | null
    }
  | { readonly type: 'page-copied'; readonly from: Pfn; readonly pfn: Pfn }

export const memoryTellings: Tellings<MemoryEvent> = {
  'pte-protected': {
    caption: (e, n) => `the PTE of ${n.page(e.vpn)} allows ${e.writable ? 'writing' : 'reading only'} from here on`,
    mark: (e, n) => `${e.writable ? 'rw' : 'ro'} ${n.page(e.vpn)}`,
    tone: 'unmapped',
  },
  'soft-pte-set': {
    caption: (e, n) =>
      `the entry of ${n.page(e.vpn)} becomes a ${e.kind}${e.pfn === null ? '' : `, which still names pfn ${e.pfn}`}`,
    mark: e => e.kind,
    tone: 'unmapped',
  },
  'page-copied': {
    caption: e => `pfn ${e.from} is copied to pfn ${e.pfn}`,
    mark: e => `copy ${e.from}`,
    tone: 'mapped',
  },
}
