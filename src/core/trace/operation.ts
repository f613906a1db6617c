import type { PageRange, Pfn, Vpn } from '../units.ts'
import type { RecordedKernel } from './kernel.ts'
import type { KnownTable } from './tables.ts'
import type { RecordedCallback, TableBounds } from './timed.ts'
import type { Unrecorded } from './unrecorded.ts'

/** The kinds of operations that are told apart, each with its file in kinds/. `madvise` alone is MADV_DONTNEED. */
export type OperationName =
  | 'munmap'
  | 'brk'
  | 'madvise'
  | 'madvise-free'
  | 'madvise-pageout'
  | 'mprotect'
  | 'mremap'
  | 'fork'
  | 'cow'
  | 'fault'
  | 'clear-refs'
  | 'migrate'
  | 'reclaim'
  | 'thp-split'
  | 'collapse'
  | 'ksm'
  | 'exit'
  | 'other'

/**
 * What a recording tells about the circumstances of one call: an input for the simulation, never an order to imitate.
 * A recording does not list circumstances, it shows what came of them; each field says whether it is a *cause*, known
 * before the operation did anything, or had to be *read off* what the operation then did.
 */
export interface RecordedOperation {
  /** Cause: the system call; for a fault or work without a call, what it turned out to be. */
  readonly name: OperationName
  /**
   * Cause: its arguments, in whole pages. For brk the part of the heap given up, from the end it had before. Of what is no call
   * with a range: from the first page that the notifiers were told of to the last (read off).
   */
  readonly range: PageRange
  /** It is a part of a call of another kind, and has no entry and return of its own. */
  readonly inCall: string | null
  /** Cause: what else the call was told. */
  readonly argument: RecordedArgument | null
  /**
   * Mappings in the range, in order of address; none when there was nothing to unmap. A cause, but only unmap_page_range()
   * names them, so they are read off its arguments.
   */
  readonly vmas: readonly PageRange[]
  /** Cause: where the task ran. */
  readonly cpu: number
  /** Cause, inferred from the names of the recording's events; null when they do not tell. */
  readonly kernel: RecordedKernel | null
  /** Mapped when the operation began, in order of address; a huge page is one. See `RecordedPage`, `pagesKnown`. */
  readonly pages: readonly RecordedPage[]
  readonly pagesKnown: PagesKnown
  readonly tables: RecordedTables
  /** Cause: a huge page lies across an end of the range and is mapped by one entry, so that it must be split first. */
  readonly splitsHugePage: boolean
  /**
   * Cause: the mmap lock may be downgraded to a read lock before the zap. 6.1 keeps the write lock when the next mapping
   * can grow down, that is the stack (do_mas_align_munmap() mm/mmap.c): concluded from the ceiling for page tables. Read
   * off the lock events where free_pgd_range() was not recorded. For munmap and brk only.
   */
  readonly mayDowngrade: boolean
  /** Cause: set at boot; paravirtual TLB flush frees tables by RCU. Known from tlb_remove_table() in the recording. */
  readonly tablesFreedBy: 'gather' | 'rcu'
  /**
   * Other CPUs in the mm's cpumask. Which they are is a cause, but only the flush names them: read off its cpumask.
   * Whether one was lazy is read off its not answering. None are known when the operation flushed nothing.
   */
  readonly otherCpus: readonly OtherCpu[]
  /**
   * For each tlb_finish_mmu() of the call: whether another task's gather was at work on the same mm, so that everything is
   * flushed whatever was gathered. Cause, known from where the other gathers began and ended; read off the range of the flush
   * only where one of these came in the same few instructions.
   */
  readonly nested: readonly boolean[]
  /** Cause: the sizes of the gather of these kernels. */
  readonly gather: GatherLimits
  /** Read off: CPUs were flushed, or secondary TLBs told outside of a pair. Only where nothing else tells of the bits of an entry. */
  readonly flushes: boolean
  /** Cause: an earlier MADV_FREE in the recording had a part of the range. */
  readonly lazilyFreed: boolean
  /** Cause: reclaim had put a flush of the address space off earlier in the recording, and nobody has come to its entries since. */
  readonly flushPutOff: boolean
  /** Cause: another task put more off in its course; whether before or after it looked is not told. */
  readonly putOffMeanwhile: boolean
  /** Read off: start()/end() pairs. Of a merge one only protects, two also replace: what ksmd found to be the same is in no recording. */
  readonly pairs: number
  /**
   * Read off: it unmaps a page with a flush of its own, which it does while no other CPU runs the process, and asks other CPUs too. So which
   * ran it changed in its course.
   */
  readonly cpusChange: boolean
  /** Cause, where start() reports the pages: some entry lets nobody in, for a NUMA hint. Such an entry is in no TLB. */
  readonly hinted: boolean
  /** Read off what end() reports: entries let nobody in afterwards. Without a call that asked for it, it is a NUMA hint. */
  readonly leavesHints: boolean
  /** About the recording, not the operation: what it could not show, and is therefore not looked for. */
  readonly unrecorded: readonly Unrecorded[]
  /** Likewise: the functions whose entering is a phase, and of which the recording has any event. Inlined ones have none. */
  readonly probed: readonly string[]
  /** Likewise. */
  readonly missedFlushes: readonly MissedFlush[]
}

/** mprotect: PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. mremap: where the pages go, as the call returned it. Faults: which. */
export type RecordedArgument =
  | { readonly type: 'protection'; readonly bits: number }
  | { readonly type: 'target'; readonly range: PageRange }
  | { readonly type: 'touched'; readonly write: boolean; readonly pages: readonly TouchedPage[] }

/** In the order of the faults; one page may fault again, when it was refused or went in between. */
export interface TouchedPage {
  readonly vpn: Vpn
  /** Read off: it got a page of its own, of this order; null: what was there already, of a file or the zero page. */
  readonly order: number | null
}

export interface RecordedPage {
  /** Cause when `pagesKnown` says so. */
  readonly vpn: Vpn
  /** Cause, from start() or the fault; read off the order of unmapping otherwise. Null: unknown. */
  readonly pfn: Pfn | null
  /** Cause: 9 for a page mapped by one PMD entry, else 0. */
  readonly order: 0 | 9
  /** Cause: first frame of the huge page this is a part of, when it is mapped in parts, as after a split; else null. */
  readonly partOf: Pfn | null
  /** Cause, where start() reports the page: bits of its entry. Null: not reported. */
  readonly entry: EntryBits | null
  /** Cause: it is the zero page, which has no mapping count. Known for copy on write only: elsewhere it is left out. */
  readonly zeroPage: boolean
  /**
   * Cause where start() reports the page: a dirty page of a shared file mapping, for which zap_pte_range() forces a flush.
   * For pages beyond the reported ones taken to be like those.
   */
  readonly dirtyFile: boolean
  /** Cause where start() reports the page: it is one of a file. Else false, which is not known. */
  readonly ofFile: boolean
  /** Cause where start() reports the page: MADV_FREE had it, and reclaim may drop it if nobody has written it since. */
  readonly lazilyFreed: boolean
  /**
   * References that stay when the mapping's own is dropped: page cache, pins, other mappings. Cause where start() reports
   * the page; read off its being freed or not (1) where it does not. Of a huge page mapped in parts: those that stay when all
   * parts in the range have dropped theirs.
   */
  readonly otherReferences: number
}

export interface EntryBits {
  readonly writable: boolean
  readonly dirty: boolean
  readonly accessed: boolean
}

/** How far the addresses in `pages` are known. */
export type PagesKnown =
  /** Each was reported at start(), or faulted in during the recording. */
  | 'seen'
  /** As many were mapped as the range has pages. */
  | 'all'
  /** Only their number is known: those not seen were given the lowest free addresses. */
  | 'number'
  /** Nothing was recorded about them. */
  | 'unknown'

export interface RecordedTables {
  /** Cause: the neighbours of the mapping, as free_pgd_range() gets them. One a mapping; empty for madvise. */
  readonly bounds: readonly Pick<TableBounds, 'range' | 'floor' | 'ceiling'>[]
  /**
   * Tables under the range, by level and first page; empty ones too. Cause where a fault of the recording needed them or a
   * callback reported them; one that went without having been heard of is read off its going.
   */
  readonly present: readonly KnownTable[]
  /** Read off: those made in its course. Of any other table that it needs, none was made because it was there. */
  readonly made: readonly Omit<KnownTable, 'pfn'>[]
  /** Read off: how many went, by level. Only for a check: which ones go follows from `bounds` and `present`. */
  readonly unlinked: Readonly<Record<'PTE' | 'PMD' | 'PUD', number>>
}

export interface OtherCpu {
  readonly cpu: number
  readonly state: 'running' | 'lazy'
}

/**
 * A flush on another CPU that only its interrupt shows, or the tracepoint tlb_flush: a probe that is hit while its CPU is in
 * the handler of another probe misses (kprobes do not nest).
 */
export interface MissedFlush {
  readonly cpu: number
  /** Which flush of the operation it was part of, from 0. */
  readonly flush: number
}

export interface GatherLimits {
  /** Pages in the gather on the stack: MMU_GATHER_BUNDLE. */
  readonly onStack: number
  /** Pages in one further batch, which is a page: MAX_GATHER_BATCH. */
  readonly perBatch: number
  /** Further batches: MAX_GATHER_BATCH_COUNT, less the one on the stack. */
  readonly batches: number
}

/** include/asm-generic/tlb.h, 6.1 and 6.12 alike: 8 + 19 × 510 = 9698 pages before a forced flush. */
export const GATHER_LIMITS: GatherLimits = { onStack: 8, perBatch: 510, batches: 19 }

/** An operation as recorded: what the simulation may know of it, and what it is compared with. */
export interface SeenOperation {
  readonly input: RecordedOperation
  /** Indices of its events, ascending: its task's own, the flushes it caused on other CPUs, its tables' end by RCU. */
  readonly events: readonly number[]
  readonly callbacks: readonly RecordedCallback[]
  /** Why the recording does not show all of it, so that it is not judged; null when it does. */
  readonly incomplete: string | null
  /** The recording ends in its course: its task does nothing further in it. */
  readonly endsEarly: boolean
  /** The recording ends before the operation is over, or before the grace period of its tables. */
  readonly cutShort: boolean
}
