import type { SimEvent } from '../machine/event.ts'
import type { PageRange, Pfn, Vpn } from '../units.ts'

/** Something that happened, by whom, where and when. The simulation fills in `cpu` and `who` alike. */
export interface ActorEvent {
  readonly event: SimEvent
  readonly cpu: number
  /** The task that did it; events of one task are in order. A simulation may use the CPU. */
  readonly who: number
}

/** An event read off a recording. */
export interface TimedEvent extends ActorEvent {
  readonly line: number
  /** Microseconds on the trace clock. */
  readonly time: number
  readonly task: string
  /** The mm_struct it is about, as the kernel's pointer; null for markers. */
  readonly mm: string | null
}

/** One page as a callback found it: `mn_page`. */
export interface PageSeen {
  readonly vpn: Vpn
  /** Level of the entry found: pte, pmd, pud, p4d, pgd. */
  readonly level: string
  /** The raw entry, as printed. */
  readonly pte: string
  /** none, present, protnone, swap, migration, othernp */
  readonly state: string
  /** Frame in the entry now, and the one remembered from start(). */
  readonly pfn: Pfn
  readonly was: Pfn
  /** Reference and map count of `was`: 0 references is freed. */
  readonly references: number
  readonly mappings: number
  /** L on LRU, A anonymous, D dirty, H head of a compound page, … */
  readonly flags: string
}

/** One page table as a callback found it: `mn_table`. */
export interface TableSeen {
  readonly level: 'PTE' | 'PMD'
  readonly vpn: Vpn
  readonly was: Pfn
  readonly linked: boolean
  readonly references: number
}

/** The same counted over the whole range: `mn_summary`. */
export interface SummarySeen {
  readonly remembered: number
  readonly present: number
  readonly samePfn: number
  readonly freed: number
  readonly mapped: number
  readonly tables: number
  readonly tablesLinked: number
  readonly tablesFreed: number
}

export type CallbackKind = 'start' | 'end' | 'secondary' | 'release' | 'probe'

/** A callback of the notifier with what it measured. */
export interface RecordedCallback {
  readonly kind: CallbackKind
  /** Index into the events of the import; -1 for a probe, which is no event. */
  readonly at: number
  readonly line: number
  readonly time: number
  readonly cpu: number
  readonly who: number
  readonly mm: string
  readonly range: PageRange | null
  /** It was measured on the pages of another task's pair, which was open over the range, while its own task had none. */
  ofAnother?: true
  readonly pages: PageSeen[]
  readonly tables: TableSeen[]
  summary: SummarySeen | null
}

/** A system call of a followed task, with those arguments no event carries. */
export interface RecordedCall {
  /** Without `sys_`. */
  readonly name: string
  /** Index of its entry among the events. */
  readonly from: number
  /** Index of its return; null when the recording ends before. */
  to: number | null
  readonly who: number
  readonly cpu: number
  readonly mm: string
  readonly range: PageRange | null
  /** madvise: the advice. */
  readonly advice: number | null
  /** mprotect: PROT_… */
  readonly protection: number | null
  /** brk: the end of the heap asked for, rounded up to a page. */
  readonly heapEnd: Vpn | null
  /** The page of the address returned: the end of the heap for brk, the new place for mremap. */
  result: Vpn | null
}

/** One call of free_pgd_range(): between which neighbours tables may go. mm/memory.c */
export interface TableBounds {
  /** Number of events read before it. */
  readonly at: number
  readonly who: number
  readonly range: PageRange
  /** First page not below the previous mapping, and first page of the next one; 0 as a ceiling is the end of memory. */
  readonly floor: Vpn
  readonly ceiling: Vpn
}

/** A module that remembers nothing of the pages that it is told of measures nothing there, though it says so in numbers. */
export const remembersNothing = ({ kind, summary }: RecordedCallback): boolean =>
  kind === 'secondary' && summary !== null && summary.remembered === 0
