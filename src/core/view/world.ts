import type { PictureFact, PictureThread } from '../consumers/picture.ts'
import type { SimEvent } from '../machine/event.ts'
import type { RegionKind } from '../machine/setup.ts'
import type { RuleView } from '../scenarios/rules.ts'
import type { Choice } from '../threads/choice.ts'
import type { PhaseView } from '../threads/phase.ts'
import type { Level, PageRange, Pfn, Vpn } from '../units.ts'

export type { Choice, PhaseView, RuleView }

/**
 * One state, in words: what every panel, table twin, diff and export reads. Plain data, so it crosses the worker boundary
 * as it is. Made by `viewOf` (view-of.ts); nothing else decodes the packed state for people.
 */
export interface WorldView {
  readonly cpus: readonly CpuView[]
  readonly mm: MmView
  readonly gathers: readonly GatherView[]
  readonly frames: readonly FrameView[]
  readonly iommu: IommuView
  readonly devices: readonly DeviceView[]
  readonly notifier: NotifierView
  /** Who else has subscribed: VMs. None where the scenario has none. */
  readonly consumers: readonly ConsumerView[]
  readonly rules: readonly RuleView[]
}

/** mapped: reachable through the page table. cleared: PTE gone, frame not freed. stale: names a frame the mm no longer maps. */
export type EntryState = 'live' | 'stale' | 'damaging'

export interface TlbEntryView {
  readonly vpn: Vpn
  /** `buf[0]`: region name and page index in it. */
  readonly label: string
  /** The tag by which it is found besides the address; absent where there is one. */
  readonly pasid?: number
  readonly pfn: Pfn
  readonly writable: boolean
  /** live: the page table says the same. stale: it no longer does, frame not yet reused. damaging: the frame is free or another owner's. */
  readonly state: EntryState
}

export interface WalkEntryView {
  /** Level of the table named: a PMD entry names a PTE table, so `level` is 'PTE'. */
  readonly level: Level
  /** 9-bit index in the parent table, as the entry is addressed. */
  readonly index: number
  readonly table: Pfn
  readonly state: EntryState
}

export interface CpuView {
  readonly index: number
  /** `CPU 0` */
  readonly name: string
  /** `app`, or `other` for the second process; '' when the CPU only answers IPIs. */
  readonly task: string
  /** What the task runs: `munmap(buf, 4)`. */
  readonly running: string
  /** Kernel function of the next operation; '' when finished. */
  readonly doing: string
  readonly finished: boolean
  readonly lazy: boolean
  /** What is loaded instead of the mm of its task: another one, or LOADED_MM_SWITCHING. Absent: its own. */
  readonly loaded?: 'another mm' | 'switching'
  /** x86, where generations are kept: which flush of its mm it has made last, and which was asked for last. */
  readonly tlbGen?: { readonly local: number; readonly mm: number }
  readonly tlb: readonly TlbEntryView[]
  readonly tlbCapacity: number
  readonly walkCache: readonly WalkEntryView[]
  readonly walkCacheCapacity: number
  /** CPUs whose flush request waits here. */
  readonly flushFrom: readonly number[]
  readonly walk: WalkView | null
  /** Interrupts are disabled: IPIs and grace periods wait. */
  readonly irqsOff?: true
  /** get_user_pages_fast(): the walk in software, and the frame that it has a reference to. */
  readonly gup?: { readonly walk: WalkView | null; readonly held: Pfn | null }
  /** The task owes a flush that unmapping through the reverse map has put off (tlb_ubc); writable: an entry that can be written may be left. */
  readonly owesFlush?: 'read-only' | 'writable'
}

export interface WalkView {
  readonly vpn: Vpn
  readonly label: string
  readonly write: boolean
  /** The table about to be read. */
  readonly level: Level
  readonly table: Pfn
}

export interface MmView {
  /** `mm_struct app` */
  readonly name: string
  readonly mmapLock: string
  readonly vmas: readonly VmaView[]
  readonly pages: readonly PageView[]
  readonly tables: readonly TableView[]
  /** mm->tlb_flush_batched: marks of flushes put off that nobody has answered with a flush of the mm. */
  readonly flushesPutOff?: number
}

export interface VmaView {
  readonly id: number
  /** `buf` */
  readonly label: string
  readonly range: PageRange
  readonly kind: RegionKind
  readonly protection: string
  /** False once munmap has taken it out of the VMA tree. */
  readonly mapped: boolean
}

export type PageState = 'untouched' | 'mapped' | 'unmapped' | 'freed'

export interface PageView {
  readonly vpn: Vpn
  /** Address space that it lies in; absent in the app's, which is 0. */
  readonly mm?: number
  readonly label: string
  readonly state: PageState
  /** The frame the PTE names, or for `unmapped` the frame it named. */
  readonly pfn: Pfn | null
  readonly writable: boolean
  /** What the entry says that is not present: `swap entry`. */
  readonly soft?: 'swap entry' | 'migration entry' | 'PROT_NONE'
}

export interface TableView {
  readonly level: Level
  /** Address space that it belongs to; absent in the app's, which is 0. */
  readonly mm?: number
  readonly pfn: Pfn
  /** First page it translates. */
  readonly base: Vpn
  /** linked: walks reach it. unlinked: parent entry cleared, frame not freed. deposited: kept, empty, for the split of a huge page. */
  readonly state: 'linked' | 'unlinked' | 'deposited'
  readonly lockedBy: string
  readonly entries: readonly TableEntryView[]
}

export interface TableEntryView {
  /** True 9-bit index. */
  readonly index: number
  /** Page or table label: `buf[0]`. */
  readonly label: string
  readonly vpn: Vpn
  readonly pfn: Pfn | null
  readonly writable: boolean
  readonly dirty: boolean
  /** Accessed, of a PTE. Absent where it is not kept. */
  readonly accessed?: boolean
  /** It maps memory itself, a huge page, and names no table. */
  readonly huge?: true
}

/** struct mmu_gather of one task. */
export interface GatherView {
  readonly task: string
  readonly active: boolean
  readonly range: PageRange | null
  readonly pages: readonly { readonly pfn: Pfn; readonly freed: boolean }[]
  readonly tables: readonly { readonly pfn: Pfn; readonly freed: boolean }[]
  readonly batchSize: number
  readonly freedTables: boolean
}

/** reused: another's now, and once the app's, or still named by a TLB or walk cache. reserved: somebody else's all along. */
export type FrameUse = 'free' | 'mapped' | 'unmapped' | 'table' | 'reused' | 'reserved'

export interface FrameView {
  readonly pfn: Pfn
  readonly use: FrameUse
  /** `app`, `other`, `page cache`, '' when free. */
  readonly owner: string
  /** What it is, in a word or two: `PTE`, `buf[0]`, `other's data`. */
  readonly label: string
  readonly refcount: number
  readonly mapcount: number
  /** Who wrote it last: `GPU 0`, `CPU 1`, ''. */
  readonly lastWriter: string
  /** The frame that its bytes name if a walker reads them as PTEs. */
  readonly looksLikePte: Pfn | null
  /** A walker has set these bits in it, in bytes that are no entry of a page table. */
  readonly bitsSet?: 'A' | 'A, D'
  /** A write that did not come from the owner is in it. */
  readonly damaged: boolean
}

export interface InvalidationView {
  /** Name of the device whose ATC it is for; '' for the IOTLB. */
  readonly device: string
  readonly range: PageRange | 'all'
  readonly leafOnly: boolean
  readonly by: string
  /** As its driver writes it: `INVALIDATE_IOMMU_PAGES` and `S=1, 4 pages, PDE=1`. Absent where commands are nobody's. */
  readonly command?: { readonly name: string; readonly fields: string }
  /** The wait that stands behind it, the last of its sender’s: `COMPLETION_WAIT`. Absent like that. */
  readonly wait?: string
}

export interface IommuView {
  /** `naive`, `empty-table`, `notifier` */
  readonly driver: string
  /** Whose commands it sends: `VT-d`. Absent where they are nobody's. */
  readonly dialect?: string
  readonly root: 'real' | 'empty' | 'none'
  readonly rootPfn: Pfn | null
  readonly iotlb: readonly TlbEntryView[]
  readonly iotlbCapacity: number
  readonly walkCache: readonly WalkEntryView[]
  readonly walkCacheCapacity: number
  readonly queue: readonly InvalidationView[]
  readonly queueCapacity: number
  readonly drainsWalks: boolean
  /** Page requests, where they wait in a queue. */
  readonly pageRequests?: PageRequestsView
  /** Address spaces that devices know, where they can be more than one. */
  readonly pasids?: readonly PasidView[]
}

export interface PageRequestView {
  readonly device: string
  readonly vpn: Vpn
  readonly label: string
  readonly write: boolean
  /** PRG index. */
  readonly group: number
  readonly last: boolean
  /** Absent where there is one PASID. */
  readonly pasid?: number
}

export interface PageRequestsView {
  /** Oldest first. */
  readonly queue: readonly PageRequestView[]
  readonly capacity: number
  /** None is let in until software has cleared it. */
  readonly overflow: boolean
  /** Taken out; the Last of their group has not come. */
  readonly partial: readonly PageRequestView[]
  /** Groups that are complete, as handed to a worker; the one being handled first. */
  readonly groups: readonly { readonly device: string; readonly group: number; readonly pages: readonly string[] }[]
  /** Devices that were answered Response Failure. */
  readonly mayNotAsk: readonly string[]
}

export interface PasidView {
  readonly pasid: number
  /** `app` */
  readonly mm: string
  readonly state: 'not bound' | 'bound' | 'being unbound' | 'given up'
  readonly root: 'real' | 'empty' | 'none'
  readonly rootPfn: Pfn | null
}

export interface DeviceView {
  readonly index: number
  /** `GPU 0` */
  readonly name: string
  readonly script: readonly { readonly text: string; readonly state: 'done' | 'current' | 'ahead' }[]
  /** Its ATC; null in a device without ATS. */
  readonly atc: AtcView | null
  readonly phase: 'idle' | 'walking' | 'waiting for the CPU' | 'retrying' | 'stopped' | 'finished'
  readonly walk: WalkView | null
  /** The access under way, as a short list: look up, walk, access. */
  readonly steps: readonly {
    readonly text: string
    readonly state: 'done' | 'current' | 'ahead' | 'skipped'
    readonly note: string
  }[]
}

/** A subscriber with translations of its own, whatever its kind. */
export interface ConsumerView {
  readonly index: number
  /** `VM 0` */
  readonly name: string
  /** `KVM` */
  readonly kind: string
  /** `shadow page table, filled under mmu_lock` */
  readonly what: string
  readonly facts: readonly PictureFact[]
  readonly lists: readonly { readonly title: string; readonly entries: readonly ConsumerEntryView[] }[]
  readonly threads: readonly PictureThread[]
}

/** One translation of a consumer, or the place for it. */
export interface ConsumerEntryView {
  readonly vpn: Vpn
  readonly label: string
  /** `gfn 0x10` */
  readonly tag: string
  /** null: there is none. */
  readonly entry: { readonly pfn: Pfn; readonly writable: boolean; readonly state: EntryState } | null
}

/** The ATC (Dev-TLB) of a device with ATS. */
export interface AtcView {
  readonly entries: readonly TlbEntryView[]
  readonly capacity: number
  /** An Invalidate Request that it has not answered yet. */
  readonly request: PageRange | 'all' | null
  /** A Translation Completion is on its way to it. */
  readonly completion: boolean
}

export interface NotifierView {
  readonly subscribed: boolean
  readonly openPairs: number
  readonly callbacks: readonly string[]
}

/** One who can move. */
export interface ActorView {
  readonly id: number
  readonly name: string
  readonly kind: 'cpu' | 'interrupt' | 'iommu' | 'device' | 'fault-worker' | 'rcu' | 'vcpu' | 'atc' | 'driver'
  /** Name of the timeline lane it is drawn in. */
  readonly lane: string
}

/** What one actor could do next, or why it cannot. */
export interface MoveView {
  readonly choice: Choice
  readonly actor: ActorView
  /** `CPU 0: clear the PTE of buf[0]` */
  readonly label: string
  /** Kernel or hardware function: `zap_pte_range` */
  readonly op: string
  readonly ready: boolean
  /** When not ready: what blocks it and who holds that. */
  readonly reason: string
}

/** One step of a run, for timeline, transcript and side panel. */
export interface StepView {
  /** 1 for the first step. */
  readonly number: number
  readonly choice: Choice
  readonly actor: ActorView
  /** The function, as this kernel calls it. */
  readonly op: string
  /** `mm/memory.c` */
  readonly file: string
  /** Outermost first: `munmap › unmap_region › …`. */
  readonly stack: readonly string[]
  /** The same step in every kernel: callers and function under the names that they have in our programs. */
  readonly key: string
  /** Short, for the timeline: `PTE 0`. */
  readonly mark: string
  /** What happened, one sentence. */
  readonly sentence: string
  /** Why it matters. */
  readonly why: string
  readonly tone: 'neutral' | 'mapped' | 'unmapped' | 'freed' | 'table' | 'invalidated' | 'damage'
  /** Index into the ribbon's phases, or null when the actor is not the one the ribbon follows. */
  readonly phase: number | null
  readonly events: readonly SimEvent[]
  /** Pages that are unmapped but reachable by a device after this step: the exposure window is open while > 0. */
  readonly exposed: number
}

export interface RibbonView {
  /** `munmap(buf, 4)` */
  readonly title: string
  readonly phases: readonly PhaseView[]
}
