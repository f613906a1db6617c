import { hexAddr, type Vpn } from '../units.ts'
import type { BaseEvent, SimEvent, Translator } from './event.ts'
import { tellingOf } from './events/further.ts'
import { rangeWords } from './events/range-words.ts'

/** What captions need to know to speak of things by name. */
export interface Names {
  /** `buf[0]`, or the address where the page has no name. */
  readonly page: (vpn: Vpn) => string
  readonly cpu: (index: number) => string
  readonly device: (index: number) => string
  /** Absent where there are none. */
  readonly consumer?: (index: number) => string
}

/** Names for recordings, where nothing but addresses is known. */
export const plainNames: Names = {
  page: hexAddr,
  cpu: index => `CPU ${index}`,
  device: index => `device ${index}`,
}

type Captions = {
  readonly [T in BaseEvent['type']]: (e: Extract<BaseEvent, { readonly type: T }>, n: Names) => string
}

/** One clause for each event: transcript, tooltip, alt text, live region and export all speak it. */
const captions: Captions = {
  'syscall-entered': (e, n) => `${e.name}${e.range === null ? '' : ` of ${range(e.range, n)}`} begins`,
  'syscall-returned': e => `${e.name} returns`,
  'mmap-lock-taken': e => `the mmap lock is taken for ${e.mode === 'read' ? 'reading' : 'writing'}`,
  'mmap-lock-downgraded': () => 'the mmap lock is downgraded to reading',
  'mmap-lock-released': () => 'the mmap lock is dropped',
  'ptl-taken': e => `the lock of the page table in pfn ${e.table} is taken`,
  'ptl-released': () => 'the page-table lock is dropped',
  'vma-mapped': (e, n) => `${range(e.range, n)} gets a VMA`,
  'vma-detached': (e, n) => `${range(e.range, n)} leaves the VMA tree`,
  'invalidate-range-started': (e, n) => `invalidate_range_start for ${range(e.range, n)}, all of it still mapped`,
  'invalidate-range-ended': (e, n) => `invalidate_range_end for ${range(e.range, n)}`,
  'secondary-tlb-invalidate-called': (e, n) =>
    `the secondary-TLB invalidate is called for ${range(e.range, n)}${{ by_end: ', by end()', inside: ', inside the pair', outside: ', outside every pair' }[e.site]}${e.emptied === true ? ': an empty range is passed, and the driver takes it for everything' : ''}`,
  'empty-hook-called': e => `${e.hook} is called and is empty`,
  'pte-change-notified': (e, n) => `change_pte is called for ${n.page(e.vpn)}`,
  'young-cleared': (e, n) => `the accessed bits of ${range(e.range, n)} are asked for`,
  'notifier-released': () => 'release is called: the mm is going away',
  'gather-started': () => 'a gather begins',
  'zap-started': (e, n) => `unmapping of ${range(e.range, n)} begins`,
  'pte-cleared': (e, n) =>
    `the PTE of ${n.page(e.vpn)} is cleared, pfn ${e.pfn} is unmapped${e.dirty ? ', dirty' : ''}`,
  'rmap-removed': e =>
    e.count === 1 ? `pfn ${e.pfn} has one mapping less` : `${e.count} pages from pfn ${e.pfn} have one mapping less`,
  'page-gathered': e =>
    e.count === 1 ? `pfn ${e.pfn} waits in the gather` : `${e.count} pages from pfn ${e.pfn} wait in the gather`,
  'free-pgtables-started': () => 'page tables that nobody needs are looked for',
  'table-unlinked': (e, n) => `the ${e.level} table in pfn ${e.pfn}, over ${n.page(e.vpn)}, is unlinked`,
  'table-gathered': e => `the table in pfn ${e.pfn} waits in the gather`,
  'tables-queued-for-rcu': e => `${count(e.count, 'page table')} will wait for a grace period`,
  'rcu-callback-ran': () => 'a grace period is over',
  'flush-forced': e => (e.why === 'batch-full' ? 'the batch is full: flush now' : 'a dirty page of a file: flush now'),
  'gather-flushed': () => 'the gather is flushed in mid-operation',
  'tlb-finish-started': e =>
    e.nested
      ? 'the last flush begins, forced to take in everything: another gather is at work'
      : 'the last flush begins',
  'cpu-flush-started': (e, n) =>
    `the CPUs’ TLBs are to drop ${range(e.range, n)}${e.freedTables ? ', tables too' : ''}`,
  'ipi-sent': (e, n) =>
    [
      ...(e.to.length === 0 ? [] : [`${e.to.map(n.cpu).join(', ')} ${e.to.length === 1 ? 'is' : 'are'} sent an IPI`]),
      ...(e.skipped.length === 0
        ? []
        : [
            `${e.skipped.map(n.cpu).join(', ')}, in lazy TLB mode, ${e.skipped.length === 1 ? 'is' : 'are'} left alone`,
          ]),
    ].join('; '),
  'cpu-tlb-flushed': (e, n) => `${n.cpu(e.cpu)} flushes its TLB${e.cpu === e.from ? '' : ` for ${n.cpu(e.from)}`}`,
  'cpu-flush-completed': () => 'every CPU has acknowledged',
  'page-allocated': e =>
    `pfn ${e.pfn}${e.order > 0 ? ` and the ${2 ** e.order - 1} after it` : ''} is allocated${e.owner === '' ? '' : ` to ${e.owner}`}`,
  'table-allocated': (e, n) => `pfn ${e.pfn} becomes the ${e.level} table over ${n.page(e.vpn)}`,
  'pte-set': (e, n) => `${n.page(e.vpn)} is mapped to pfn ${e.pfn}, ${e.writable ? 'writable' : 'read-only'}`,
  'page-put': e => `pfn ${e.pfn} loses a reference, ${e.left} left`,
  'page-freed': e => `pfn ${e.pfn} goes back to the allocator`,
  'table-freed': e => `the table in pfn ${e.pfn} goes back to the allocator`,
  'frame-filled': e =>
    `${e.owner} writes its own data into pfn ${e.pfn}${e.looksLikePte === null ? '' : `, bytes that read as PTEs of pfn ${e.looksLikePte}`}`,
  'fault-taken': (e, n) => `a ${e.by === 'cpu' ? 'page fault' : 'device fault'} on ${n.page(e.vpn)}`,
  'fault-refused': (e, n) => `the fault on ${n.page(e.vpn)} is refused: ${e.why}`,
  'cpu-accessed': (e, n) => `${n.cpu(e.cpu)} ${verb(e.write)} ${n.page(e.vpn)} in pfn ${e.pfn}`,
  'tlb-hit': (e, n) => `${tlb(e.by, n)} names pfn ${e.pfn} for ${n.page(e.vpn)}`,
  'tlb-missed': (e, n) => `${tlb(e.by, n)} has no entry for ${n.page(e.vpn)} that fits`,
  'walk-started': (e, n) =>
    `${walker(e.by, n)} begins to walk for ${n.page(e.vpn)}, at the ${e.level} table in pfn ${e.table}${e.fromCache ? ', named by its walk cache' : ''}`,
  'walk-read': (e, n) =>
    `${walker(e.by, n)} reads the ${e.level} entry for ${n.page(e.vpn)} in pfn ${e.table}: ${e.found === null ? 'not present' : `pfn ${e.found}`}`,
  'walk-cache-filled': e => `the walk cache remembers the ${e.level} table in pfn ${e.table}`,
  'tlb-filled': (e, n) =>
    `${tlb(e.by, n)} caches ${n.page(e.vpn)} in pfn ${e.pfn}, ${e.writable ? 'writable' : 'for reading'}`,
  'walk-aborted': (e, n) => `${walker(e.by, n)} gives up its walk for ${n.page(e.vpn)}`,
  'invalidation-queued': (e, n) =>
    `${e.by} queues an invalidate of ${range(e.range, n)}${e.leafOnly ? ', leaf entries only' : ''}${sentAs(e.command)}`,
  'invalidation-executed': (e, n) =>
    `${e.command === undefined ? '' : `${e.command}: `}the IOMMU drops what it holds of ${range(e.range, n)}${e.leafOnly ? ', leaf entries only' : ''}: ${count(e.dropped, 'entry', 'entries')}`,
  'invalidation-completed': e =>
    `the invalidate is seen to be complete${e.wait === undefined ? '' : `: the ${e.wait} is done`}`,
  'pasid-root-set': e =>
    ({
      real: 'the PASID points at the real page table',
      empty: 'the PASID points at an empty page table',
      none: 'the PASID points nowhere',
    })[e.root],
  'page-requested': (e, n) => `${n.device(e.device)} asks the CPU to map ${n.page(e.vpn)}`,
  'page-request-answered': (e, n) =>
    `the page request of ${n.device(e.device)} for ${n.page(e.vpn)} is answered: ${e.response}`,
  'device-accessed': (e, n) => `${n.device(e.device)} ${verb(e.write)} ${n.page(e.vpn)} in pfn ${e.pfn}`,
  'device-stopped': (e, n) => `${n.device(e.device)} stops: its access to ${n.page(e.vpn)} was refused`,
  'used-after-free': e =>
    e.others === undefined
      ? `pfn ${e.pfn} belongs to ${e.owner}: use after free`
      : `pfn ${e.pfn} is that of ${e.others}, of ${e.owner}, which had the PASID before`,
  'walked-after-free': e =>
    e.others === undefined
      ? `pfn ${e.pfn} is no page table any more, it belongs to ${e.owner}: walk after free`
      : `pfn ${e.pfn} is a page table of ${e.others}, which had the PASID before`,
  'freed-too-early': e => `${e.holder} still holds pfn ${e.pfn} as it is freed`,
  'range-not-covered': (e, n) => `nobody told the secondary TLB about the ${e.what} at ${n.page(e.vpn)}`,
  'pairing-broken': e => e.why,
  'operation-left-out': e => `leaves out ${e.what}`,
  'kernel-function-entered': e => `${e.name} is entered`,
  marked: e => e.text,
}

/** The event as a clause, without capital and full stop. */
export function captionOf(event: SimEvent, names: Names): string {
  const caption = (tellingOf(event)?.caption ?? captions[event.type as BaseEvent['type']]) as (
    e: SimEvent,
    n: Names,
  ) => string
  return caption(event, names)
}

/** A clause made a sentence. Names keep their case: `pfn 5`, `buf[0]`, `invalidate_range_start`. */
export function sentenceFrom(clause: string): string {
  const first = clause.split(' ', 1)[0] ?? ''
  const word = /^[a-z’]+$/.test(first) && first !== 'pfn' && first !== 'munmap' && first !== 'madvise'
  return `${word ? clause.charAt(0).toUpperCase() + clause.slice(1) : clause}.`
}

const range = rangeWords

/** The command that the driver has put into the queue. */
const sentAs = (command: string | undefined): string => (command === undefined ? '' : `, as ${command}`)

const verb = (write: boolean): string => (write ? 'writes' : 'reads')
const tlb = (by: Translator, n: Names): string =>
  by.kind === 'iommu'
    ? 'the IOTLB'
    : by.kind === 'device'
      ? `the ATC of ${n.device(by.index)}`
      : `the TLB of ${walker(by, n)}`
function walker(by: Translator, n: Names): string {
  if (by.kind === 'cpu') return n.cpu(by.index)
  if (by.kind === 'device') return n.device(by.index)
  return by.kind === 'iommu' ? 'the IOMMU' : (n.consumer?.(by.index) ?? `consumer ${by.index}`)
}
const count = (n: number, one: string, many = `${one}s`): string => `${n === 0 ? 'no' : n} ${n === 1 ? one : many}`
