import type { EventType, SimEvent, Translator } from '../../core/machine/event.ts'
import { hexAddr, type PageRange, pagesIn, type Vpn } from '../../core/units.ts'

/** Turns a page into the words the reader knows it by: `buf[0]`. */
export type PageName = (vpn: Vpn) => string

type Captions = {
  readonly [T in EventType]: (event: Extract<SimEvent, { readonly type: T }>, name: PageName) => string
}

/** One sentence for each event, for the list under a step, for tooltips and for readers who listen. */
const captions: Captions = {
  'syscall-entered': (e, n) => `${e.name}() begins${e.range === null ? '' : ` on ${span(e.range, n)}`}.`,
  'syscall-returned': e => `${e.name}() returns.`,
  'mmap-lock-taken': e => `The mmap lock is taken for ${e.mode === 'read' ? 'reading' : 'writing'}.`,
  'mmap-lock-downgraded': () => 'The mmap lock is downgraded from writing to reading.',
  'mmap-lock-released': () => 'The mmap lock is dropped.',
  'ptl-taken': e => `The page-table lock of table ${e.table} is taken.`,
  'ptl-released': e => `The page-table lock of table ${e.table} is dropped.`,
  'vma-mapped': (e, n) => `A VMA now covers ${span(e.range, n)}.`,
  'vma-detached': (e, n) => `The VMA of ${span(e.range, n)} leaves the VMA tree.`,
  'invalidate-range-started': (e, n) => `invalidate_range_start() is called for ${span(e.range, n)} (${e.reason}).`,
  'invalidate-range-ended': (e, n) => `invalidate_range_end() is called for ${span(e.range, n)} (${e.reason}).`,
  'secondary-tlb-invalidate-called': (e, n) =>
    `The secondary-TLB invalidate is called for ${reach(e.range, n)}${e.tables ? ', page tables included' : ''}, ${sites[e.site]}.`,
  'empty-hook-called': e => `${e.hook}() is called and does nothing: the function is empty.`,
  'pte-change-notified': (e, n) => `change_pte() tells the notifier that the PTE of ${n(e.vpn)} changes.`,
  'young-cleared': (e, n) => `The accessed bits of ${span(e.range, n)} are cleared.`,
  'notifier-released': () => 'release() tells the notifier that the address space goes away.',
  'gather-started': () => 'An mmu_gather begins to collect pages.',
  'zap-started': (e, n) => `Zapping ${span(e.range, n)} begins.`,
  'pte-cleared': (e, n) =>
    `The PTE of ${n(e.vpn)} is cleared; it named frame ${e.pfn}${e.dirty ? ' and was dirty' : ''}.`,
  'rmap-removed': e => `Frame ${e.pfn} loses a reverse mapping; ${e.count} left.`,
  'page-gathered': e => `Frame ${e.pfn} waits in the mmu_gather, ${e.count} in the batch.`,
  'free-pgtables-started': () => 'Freeing the page tables begins.',
  'table-unlinked': (e, n) => `The ${e.level} table in frame ${e.pfn}, over ${n(e.vpn)}, is unlinked from its parent.`,
  'table-gathered': e => `The page table in frame ${e.pfn} waits in the mmu_gather.`,
  'tables-queued-for-rcu': e =>
    `${e.count} page ${e.count === 1 ? 'table waits' : 'tables wait'} for an RCU grace period.`,
  'rcu-callback-ran': () => 'The RCU grace period is over; its callback runs.',
  'flush-forced': e =>
    `The gather must flush early: ${e.why === 'batch-full' ? 'its batch is full' : 'a dirty file page'}.`,
  'gather-flushed': () => 'The gather has flushed.',
  'tlb-finish-started': e =>
    `tlb_finish_mmu() begins${e.nested ? '; another gather is active, so it flushes everything' : ''}.`,
  'cpu-flush-started': (e, n) =>
    `A CPU TLB flush of ${reach(e.range, n)} begins${e.freedTables ? '; page tables are freed too' : ''}.`,
  'ipi-sent': e => `A flush request goes to ${e.to.map(i => `CPU ${i}`).join(', ')}.`,
  'cpu-tlb-flushed': (e, n) =>
    `CPU ${e.cpu} drops ${reach(e.range, n)} from its TLB${e.from === e.cpu ? '' : `, as CPU ${e.from} asked`}.`,
  'cpu-flush-completed': () => 'Every CPU has answered the flush.',
  'page-allocated': e => `Frame ${e.pfn} is given to ${e.owner}${e.order > 0 ? ` with ${2 ** e.order - 1} more` : ''}.`,
  'table-allocated': e => `Frame ${e.pfn} becomes a ${e.level} table.`,
  'pte-set': (e, n) => `The PTE of ${n(e.vpn)} now names frame ${e.pfn}${e.writable ? '' : ', read-only'}.`,
  'page-put': e => `A reference to frame ${e.pfn} is dropped; ${e.left} left.`,
  'page-freed': e => `Frame ${e.pfn} goes back to the allocator.`,
  'table-freed': e => `The page table in frame ${e.pfn} goes back to the allocator.`,
  'frame-filled': e =>
    `${e.owner} fills frame ${e.pfn}${e.looksLikePte === null ? '' : `; read as PTEs, its bytes name frame ${e.looksLikePte}`}.`,
  'fault-taken': (e, n) => `The ${e.by === 'cpu' ? 'CPU' : 'device'} faults on ${n(e.vpn)}, to ${verb(e.write)} it.`,
  'fault-refused': (e, n) => `The fault on ${n(e.vpn)} is refused: ${e.why}.`,
  'cpu-accessed': (e, n) => `CPU ${e.cpu} ${verb(e.write)}s ${n(e.vpn)} in frame ${e.pfn}.`,
  'tlb-hit': (e, n) => `${cacheOf(e.by)} has ${n(e.vpn)}: frame ${e.pfn}.`,
  'tlb-missed': (e, n) => `${cacheOf(e.by)} has nothing for ${n(e.vpn)}.`,
  'walk-started': (e, n) =>
    `${who(e.by)} begins to walk for ${n(e.vpn)} at the ${e.level} table in frame ${e.table}${e.fromCache ? ', from its walk cache' : ''}.`,
  'walk-read': (e, n) =>
    `${who(e.by)} reads the ${e.level} entry of ${n(e.vpn)} in frame ${e.table}: ${e.found === null ? 'nothing there' : `frame ${e.found}`}.`,
  'walk-cache-filled': e => `${who(e.by)} keeps the ${e.level} table in frame ${e.table} in its walk cache.`,
  'tlb-filled': (e, n) => `${cacheOf(e.by)} keeps ${n(e.vpn)}: frame ${e.pfn}${e.writable ? '' : ', read-only'}.`,
  'walk-aborted': (e, n) => `${who(e.by)} gives up its walk for ${n(e.vpn)}.`,
  'invalidation-queued': (e, n) =>
    `${e.by} queues an invalidation of ${reach(e.range, n)}${e.leafOnly ? ', leaf entries only' : ''}.`,
  'invalidation-executed': (e, n) =>
    `The IOMMU runs the invalidation of ${reach(e.range, n)}: ${e.dropped} ${e.dropped === 1 ? 'entry' : 'entries'} dropped.`,
  'invalidation-completed': () => 'The IOMMU reports the invalidation complete.',
  'pasid-root-set': e => `The PASID now points to ${roots[e.root]}.`,
  'page-requested': (e, n) => `Device ${e.device} asks for ${n(e.vpn)}, to ${verb(e.write)} it.`,
  'page-request-answered': (e, n) =>
    `The page request of device ${e.device} for ${n(e.vpn)} is answered: ${e.response}.`,
  'device-accessed': (e, n) => `Device ${e.device} ${verb(e.write)}s ${n(e.vpn)} in frame ${e.pfn}.`,
  'device-stopped': (e, n) => `Device ${e.device} stops at ${n(e.vpn)}.`,
  'used-after-free': (e, n) =>
    `Use after free: ${n(e.vpn)} still leads to frame ${e.pfn}, which ${belongs(e.owner)}, and was ${e.write ? 'written' : 'read'}.`,
  'walked-after-free': (e, n) =>
    `Walk after free: for ${n(e.vpn)}, frame ${e.pfn} was read as a page table; it ${belongs(e.owner)}.`,
  'freed-too-early': e => `Frame ${e.pfn} was freed while ${e.holder} could still reach it.`,
  'range-not-covered': (e, n) => `No callback covered the ${e.what} at ${n(e.vpn)}.`,
  'pairing-broken': e => `The start/end pairing is broken: ${e.why}.`,
  'kernel-function-entered': e => `${e.name}() is entered.`,
  marked: e => `${e.text}.`,
}

/** `event` as a sentence. Pages are called by address when no name is known. */
export function captionOf(event: SimEvent, name: PageName = hexAddr): string {
  // One lookup by the tag: the table above is what makes the pair fit.
  return (captions[event.type] as (e: SimEvent, n: PageName) => string)(event, name)
}

const sites = {
  by_end: 'from within end()',
  inside: 'inside the start/end pair',
  outside: 'outside every start/end pair',
}
const roots = { real: 'the page table of the process', empty: 'an empty page table', none: 'nothing' }

const verb = (write: boolean): string => (write ? 'write' : 'read')
const who = (by: Translator): string => (by.kind === 'cpu' ? `CPU ${by.index}` : 'The IOMMU')
const cacheOf = (by: Translator): string => (by.kind === 'cpu' ? `The TLB of CPU ${by.index}` : 'The IOTLB')
const belongs = (owner: string): string => (owner === '' ? 'is free' : `belongs to “${owner}”`)
const reach = (range: PageRange | 'all', name: PageName): string => (range === 'all' ? 'everything' : span(range, name))

function span(range: PageRange, name: PageName): string {
  const pages = pagesIn(range)
  if (pages <= 1) return name(range.start)
  return `${name(range.start)} to ${name((range.end - 1) as Vpn)}`
}
