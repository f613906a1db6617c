import type { PageRange, Pfn, Vpn } from '../../units.ts'
import type { Tellings } from './telling.ts'

/** Changes of PTEs and VMAs that neither map nor unmap a page. */
export type MemoryEvent =
  | { readonly type: 'pte-protected'; readonly vpn: Vpn; readonly pfn: Pfn; readonly writable: boolean }
  | { readonly type: 'write-refused-by-tlb'; readonly vpn: Vpn }
  | { readonly type: 'pte-cleaned'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'vma-protected'; readonly range: PageRange; readonly to: 'r' | 'rw' | 'none' }
  | {
      readonly type: 'soft-pte-set'
      readonly vpn: Vpn
      readonly kind: 'swap entry' | 'migration entry' | 'PROT_NONE'
      readonly pfn: Pfn | null
    }
  | { readonly type: 'stack-grown'; readonly range: PageRange }
  | { readonly type: 'pte-lost'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'table-unshared'; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'page-copied'; readonly from: Pfn; readonly pfn: Pfn }

export const memoryTellings: Tellings<MemoryEvent> = {
  'pte-protected': {
    caption: (e, n) => `the PTE of ${n.page(e.vpn)} allows ${e.writable ? 'writing' : 'reading only'} from here on`,
    mark: (e, n) => `${e.writable ? 'rw' : 'ro'} ${n.page(e.vpn)}`,
    tone: 'unmapped',
  },
  'write-refused-by-tlb': {
    caption: (e, n) => `the IOTLB says that ${n.page(e.vpn)} must not be written, and nobody looks at the page table`,
    mark: (e, n) => `refused ${n.page(e.vpn)}`,
    tone: 'invalidated',
  },
  'pte-cleaned': {
    caption: (e, n) => `the PTE of ${n.page(e.vpn)} is clean from here on: dropped, unless somebody writes it`,
    mark: (e, n) => `clean ${n.page(e.vpn)}`,
    tone: 'unmapped',
  },
  'vma-protected': {
    caption: (e, n) =>
      `the VMA of ${n.page(e.range.start)}${e.range.end - e.range.start > 1 ? ' and of pages after it' : ''} ${{ r: 'may be read only', rw: 'may be written', none: 'may not be touched' }[e.to]}`,
    mark: e => (e.to === 'none' ? 'PROT_NONE' : e.to),
    tone: 'unmapped',
  },
  'soft-pte-set': {
    caption: (e, n) =>
      `the entry of ${n.page(e.vpn)} becomes a ${e.kind}${e.pfn === null ? '' : `, which still names pfn ${e.pfn}`}`,
    mark: e => e.kind,
    tone: 'unmapped',
  },
  'stack-grown': {
    caption: (e, n) => `the stack grows down: its VMA begins at ${n.page(e.range.start)} from here on`,
    mark: () => 'stack grows',
    tone: 'mapped',
  },
  'pte-lost': {
    caption: (e, n) => `the PTE of ${n.page(e.vpn)} goes with its table, though it maps pfn ${e.pfn}`,
    mark: e => `lost ${e.pfn}`,
    tone: 'damage',
    also: true,
    why: 'The page was mapped after the PTEs of this table had been cleared. What is written in it is lost, and the frame is never freed.',
  },
  'table-unshared': {
    caption: (e, n) =>
      `the entry for the shared page table in pfn ${e.pfn} is cleared, and with it every page from ${n.page(e.vpn)} on`,
    mark: e => `unshare ${e.pfn}`,
    tone: 'table',
  },
  'page-copied': {
    caption: e => `pfn ${e.from} is copied to pfn ${e.pfn}`,
    mark: e => `copy ${e.from}`,
    tone: 'mapped',
  },
}
