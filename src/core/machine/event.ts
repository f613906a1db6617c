import type { Level, PageRange, Pfn, Vpn } from '../units.ts'
import type { FurtherEvent } from './events/further.ts'

/** enum mmu_notifier_event, include/linux/mmu_notifier.h */
export type NotifierReason =
  | 'UNMAP'
  | 'CLEAR'
  | 'PROTECTION_VMA'
  | 'PROTECTION_PAGE'
  | 'SOFT_DIRTY'
  | 'RELEASE'
  | 'MIGRATE'
  | 'EXCLUSIVE'

/**
 * From where the secondary-TLB invalidate (invalidate_range; arch_invalidate_secondary_tlbs from 6.6) was called:
 * by end() itself, inside an open start/end pair, or outside every pair.
 */
export type InvalidateSite = 'by_end' | 'inside' | 'outside'

/** Who translates: a CPU, the one IOMMU, or a consumer with translations of its own, by its number among them (a VM). */
export type Translator =
  | { readonly kind: 'cpu'; readonly index: number }
  | { readonly kind: 'iommu' }
  | { readonly kind: 'device'; readonly index: number }
  | { readonly kind: 'consumer'; readonly index: number }

/**
 * Everything a step can be seen to do, in the past tense. There is no second list: the simulation emits these, a trace
 * import produces them, captions, motions, phases, transcript and tests read them.
 */
export type SimEvent = BaseEvent | FurtherEvent

/** What can happen in every scenario; further families have files of their own in events/. */
export type BaseEvent =
  // The operation and its locks
  | { readonly type: 'syscall-entered'; readonly name: string; readonly range: PageRange | null }
  | { readonly type: 'syscall-returned'; readonly name: string }
  | { readonly type: 'mmap-lock-taken'; readonly mode: 'read' | 'write' }
  | { readonly type: 'mmap-lock-downgraded' }
  | { readonly type: 'mmap-lock-released' }
  | { readonly type: 'ptl-taken'; readonly table: Pfn }
  | { readonly type: 'ptl-released'; readonly table: Pfn }
  | { readonly type: 'vma-mapped'; readonly range: PageRange }
  | { readonly type: 'vma-detached'; readonly range: PageRange }
  // Notifier callbacks
  | { readonly type: 'invalidate-range-started'; readonly range: PageRange; readonly reason: NotifierReason }
  | { readonly type: 'invalidate-range-ended'; readonly range: PageRange; readonly reason: NotifierReason }
  | {
      readonly type: 'secondary-tlb-invalidate-called'
      readonly range: PageRange | 'all'
      readonly site: InvalidateSite
      readonly tables: boolean
      /** The range was passed as an empty one, which the driver takes for everything. */
      readonly emptied?: true
    }
  | { readonly type: 'empty-hook-called'; readonly hook: string }
  | { readonly type: 'pte-change-notified'; readonly vpn: Vpn }
  | { readonly type: 'young-cleared'; readonly range: PageRange }
  | { readonly type: 'notifier-released' }
  // Unmapping
  | { readonly type: 'gather-started' }
  | { readonly type: 'zap-started'; readonly range: PageRange }
  | { readonly type: 'pte-cleared'; readonly vpn: Vpn; readonly pfn: Pfn; readonly dirty: boolean }
  | { readonly type: 'rmap-removed'; readonly pfn: Pfn; readonly count: number }
  | { readonly type: 'page-gathered'; readonly pfn: Pfn; readonly count: number }
  | { readonly type: 'free-pgtables-started' }
  | { readonly type: 'table-unlinked'; readonly level: Level; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'table-gathered'; readonly pfn: Pfn }
  | { readonly type: 'tables-queued-for-rcu'; readonly count: number }
  | { readonly type: 'rcu-callback-ran' }
  | { readonly type: 'flush-forced'; readonly why: 'batch-full' | 'dirty-file-page' }
  | { readonly type: 'gather-flushed' }
  | { readonly type: 'tlb-finish-started'; readonly nested: boolean }
  // CPU TLB shootdown
  | { readonly type: 'cpu-flush-started'; readonly range: PageRange | 'all'; readonly freedTables: boolean }
  | { readonly type: 'ipi-sent'; readonly to: readonly number[]; readonly skipped: readonly number[] }
  | { readonly type: 'cpu-tlb-flushed'; readonly cpu: number; readonly from: number; readonly range: PageRange | 'all' }
  | { readonly type: 'cpu-flush-completed' }
  // Frames
  | { readonly type: 'page-allocated'; readonly pfn: Pfn; readonly owner: string; readonly order: number }
  | { readonly type: 'table-allocated'; readonly level: Level; readonly pfn: Pfn; readonly vpn: Vpn }
  | { readonly type: 'pte-set'; readonly vpn: Vpn; readonly pfn: Pfn; readonly writable: boolean }
  | { readonly type: 'page-put'; readonly pfn: Pfn; readonly left: number }
  | { readonly type: 'page-freed'; readonly pfn: Pfn; readonly order: number }
  | { readonly type: 'table-freed'; readonly pfn: Pfn }
  | { readonly type: 'frame-filled'; readonly pfn: Pfn; readonly owner: string; readonly looksLikePte: Pfn | null }
  // Faults and accesses
  | { readonly type: 'fault-taken'; readonly vpn: Vpn; readonly write: boolean; readonly by: 'cpu' | 'device' }
  | { readonly type: 'fault-refused'; readonly vpn: Vpn; readonly why: string }
  | {
      readonly type: 'cpu-accessed'
      readonly cpu: number
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly write: boolean
    }
  | { readonly type: 'tlb-hit'; readonly by: Translator; readonly vpn: Vpn; readonly pfn: Pfn }
  | { readonly type: 'tlb-missed'; readonly by: Translator; readonly vpn: Vpn }
  | {
      readonly type: 'walk-started'
      readonly by: Translator
      readonly vpn: Vpn
      readonly level: Level
      readonly table: Pfn
      readonly fromCache: boolean
    }
  | {
      readonly type: 'walk-read'
      readonly by: Translator
      readonly vpn: Vpn
      readonly level: Level
      readonly table: Pfn
      readonly found: Pfn | null
    }
  | {
      readonly type: 'walk-cache-filled'
      readonly by: Translator
      readonly vpn: Vpn
      readonly level: Level
      readonly table: Pfn
    }
  | {
      readonly type: 'tlb-filled'
      readonly by: Translator
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly writable: boolean
    }
  | { readonly type: 'walk-aborted'; readonly by: Translator; readonly vpn: Vpn }
  // IOMMU and devices
  | {
      readonly type: 'invalidation-queued'
      readonly range: PageRange | 'all'
      readonly leafOnly: boolean
      readonly by: string
      /** As the driver writes it, and how many of the kind it takes; absent where commands are nobody's. */
      readonly command?: string
      readonly count?: number
    }
  | {
      readonly type: 'invalidation-executed'
      readonly range: PageRange | 'all'
      readonly leafOnly: boolean
      readonly dropped: number
      readonly command?: string
      readonly count?: number
    }
  /** `wait`: the command that said so, where commands are some driver's. */
  | { readonly type: 'invalidation-completed'; readonly wait?: string }
  | { readonly type: 'pasid-root-set'; readonly root: 'real' | 'empty' | 'none' }
  | { readonly type: 'page-requested'; readonly device: number; readonly vpn: Vpn; readonly write: boolean }
  | {
      readonly type: 'page-request-answered'
      readonly device: number
      readonly vpn: Vpn
      readonly response: 'success' | 'invalid' | 'failure'
    }
  | {
      readonly type: 'device-accessed'
      readonly device: number
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly write: boolean
    }
  | { readonly type: 'device-stopped'; readonly device: number; readonly vpn: Vpn }
  // What went wrong
  | {
      readonly type: 'used-after-free'
      readonly by: Translator
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly write: boolean
      readonly owner: string
      /** The frame was not freed: it is that of this page, of another process that had the PASID before. */
      readonly others?: string
    }
  | {
      readonly type: 'walked-after-free'
      readonly by: Translator
      readonly vpn: Vpn
      readonly pfn: Pfn
      readonly owner: string
      /** It is a page table still: of this process, which had the PASID before. */
      readonly others?: string
    }
  | { readonly type: 'freed-too-early'; readonly pfn: Pfn; readonly holder: string }
  | { readonly type: 'range-not-covered'; readonly vpn: Vpn; readonly what: 'page' | 'table' }
  | { readonly type: 'pairing-broken'; readonly why: string }
  // The run does without something
  | { readonly type: 'operation-left-out'; readonly what: string }
  // Seen in recordings of other operations
  | { readonly type: 'kernel-function-entered'; readonly name: string }
  | { readonly type: 'marked'; readonly text: string }

export type EventType = SimEvent['type']
/** Where an operation puts what it does. Absent while exploring: no events, no garbage. */
export type Emit = (event: SimEvent) => void
