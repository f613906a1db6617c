import type { SimEvent } from '../machine/event.ts'

/** Something a recording cannot show, because what would show it was not switched on. */
export interface Unrecorded {
  readonly events: readonly SimEvent['type'][]
  /** `pages freed`, for a sentence. */
  readonly what: string
  /** The probe or tracepoint. */
  readonly by: string
}

/**
 * Each with the names of which one would be there if it had been recorded. That a probe is missing while others of its kind are
 * there proves nothing: then what it would show did not happen.
 */
const SHOWN_BY: readonly (Unrecorded & { readonly names: RegExp })[] = [
  { events: ['rmap-removed'], what: 'mappings dropped', by: 'page_remove_rmap', names: /remove_rmap/ },
  {
    events: ['page-gathered', 'table-gathered'],
    what: 'pages queued',
    by: '__tlb_remove_page_size',
    names: /^__tlb_remove_(page|folio)/,
  },
  {
    events: ['page-freed', 'table-freed', 'page-allocated'],
    what: 'pages and tables freed',
    by: 'kmem:mm_page_free',
    names: /^mm_page_(free|alloc)/,
  },
  {
    events: [
      'zap-started',
      'free-pgtables-started',
      'table-unlinked',
      'tables-queued-for-rcu',
      'rcu-callback-ran',
      'gather-flushed',
      'tlb-finish-started',
    ],
    what: 'what becomes of page tables and gathers',
    by: 'unmap_page_range, free_pgtables, tlb_finish_mmu, …',
    names:
      /^(tlb_gather_mmu|unmap_page_range|free_pgtables|free_pgd_range|tlb_finish_mmu|tlb_flush_mmu|___p.._free_tlb)$/,
  },
  {
    events: ['cpu-flush-started', 'ipi-sent', 'cpu-tlb-flushed'],
    what: 'CPU flushes',
    by: 'flush_tlb_mm_range',
    names: /^(flush_tlb_mm_range|flush_tlb_func|native_flush_tlb_multi)$/,
  },
  // Every flush comes through it on its own CPU too.
  { events: ['cpu-tlb-flushed'], what: 'flushes on each CPU', by: 'flush_tlb_func', names: /^flush_tlb_func$/ },
  {
    events: ['mmap-lock-downgraded'],
    what: 'the mmap lock',
    by: 'mmap_lock:mmap_lock_acquire_returned',
    names: /^mmap_lock_/,
  },
  {
    events: ['invalidate-range-started', 'invalidate-range-ended', 'secondary-tlb-invalidate-called'],
    what: 'notifier callbacks',
    by: '__mmu_notifier_invalidate_range_start',
    names: /^(mn_|__mmu_notifier_)/,
  },
]

/** Whether entries and returns of system calls are in the recording. */
export const callsRecorded = (names: ReadonlySet<string>): boolean => [...names].some(n => n.startsWith('sys_'))

/** Where no system call was recorded: what then is not seen of one, or not known to belong to it. */
export const NO_CALLS: Unrecorded = {
  events: ['syscall-entered', 'syscall-returned', 'mmap-lock-downgraded'],
  what: 'the system call, and what comes before its first work on pages',
  by: 'syscalls:sys_enter_*',
}

export const NO_RETURNS: Unrecorded = {
  events: ['syscall-returned'],
  what: 'returns of system calls',
  by: 'syscalls:sys_exit_*',
}

/** What one probe shows, whose fields are needed to make anything of it. */
const BY_FIELDS: readonly (readonly [name: RegExp, what: string, events: readonly SimEvent['type'][]])[] = [
  [/^unmap_page_range$/, 'zaps', ['zap-started']],
  [/remove_rmap/, 'mappings dropped', ['rmap-removed']],
  [/^__tlb_remove_(page|folio)/, 'pages queued', ['page-gathered', 'table-gathered']],
  [/^___p.._free_tlb$/, 'page tables taken out', ['table-unlinked', 'table-gathered']],
  [/^flush_tlb_mm_range$/, 'flushes asked for', ['cpu-flush-started']],
  [/^flush_tlb_func$/, 'flushes on each CPU', ['cpu-tlb-flushed']],
  [/^native_flush_tlb_multi$/, 'IPIs', ['ipi-sent']],
  [/^mm_page_free$/, 'pages and tables freed', ['page-freed', 'table-freed']],
]

/** What a recording with events of these names does not show; those of `unreadable` came without their fields. */
export function unrecordedIn(names: ReadonlySet<string>, unreadable: ReadonlySet<string>): Unrecorded[] {
  const all = [...names]
  const missing = SHOWN_BY.flatMap(({ names: any, ...rest }) => (all.some(n => any.test(n)) ? [] : [rest]))
  const without = [...unreadable].flatMap(name =>
    BY_FIELDS.flatMap(([any, what, events]) =>
      any.test(name) ? [{ events, what, by: `${name} with its fields` }] : [],
    ),
  )
  return [...missing, ...without]
}
