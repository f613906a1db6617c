import type { RegionKind, TaskKind } from '../machine/setup.ts'
import type { SwitchValues } from '../policy/policy.ts'

/** A scenario as written in its JSON file: who runs, on what memory. The published schema is public/scenario.schema.json. */
export interface Scenario {
  readonly format: 1
  readonly id: string
  readonly title: string
  readonly purpose: string
  readonly lookFor: string
  /** Bug numbers of the story, `B01`. */
  readonly bugs: readonly string[]
  readonly memory: Memory
  readonly cpus: readonly CpuSpec[]
  readonly devices: readonly DeviceSpec[]
  readonly iommu: IommuSpec
  /** Who else has subscribed to notifiers of the app's mm. */
  readonly consumers?: readonly ConsumerSpec[]
  /** Pages that a gather holds before it must flush and free; MAX_GATHER_BATCH_COUNT × batch size in the kernel. */
  readonly batchSize: number
  /** Page tables that a gather collects before it hands them to RCU; MAX_TABLE_BATCH in the kernel. Absent: more than there are. */
  readonly tableBatch?: number
  /** What is kept count of besides, for the rules that need it: more to see, and more states. */
  readonly accounts?: readonly Account[]
  /** Switches that this scenario presets. */
  readonly switches: SwitchValues
  readonly breaks: readonly Break[]
}

/** promises: which access is over (I6). contents: which bytes were taken (I8). order: who has seen which write (I7). generations: which flushes each CPU has made (I16). accessed: which entries, and which frames, walkers have written (I2). */
export type Account = 'promises' | 'contents' | 'order' | 'generations' | 'accessed'

export interface Memory {
  /** Physical frames, all of them. */
  readonly frames: number
  readonly regions: readonly Region[]
  /** Anonymous pages that were only read are the zero page, one frame for all of them. */
  readonly zeroPage?: boolean
}

/** One VMA. */
export interface Region {
  readonly name: string
  /** Address of the first page, hexadecimal, page-aligned: `0x100000000000`. */
  readonly at: string
  readonly pages: number
  readonly kind: RegionKind
  readonly protection: 'rw' | 'r'
  /** Pages that are mapped when the run starts; the others were never touched. */
  readonly present: 'all' | 'none' | readonly number[]
  /** Not there yet: an mmap() of the script makes it. */
  readonly unmapped?: boolean
  /** Of kind pfnmap: frames inside a larger block. They are in use, and their own reference count is 0. */
  readonly uncounted?: boolean
  /** A stack: it can grow down, so munmap() below it keeps the write lock on some kernels. */
  readonly growsDown?: boolean
  /** Pages that something else holds a reference to (a pipe, O_DIRECT): unmapped, they stay allocated. */
  readonly pinned?: readonly number[]
  /** One entry of a PMD table maps all of it from the start: a huge page. It begins at a multiple of 2 MiB and has that stretch for itself. */
  readonly huge?: boolean
  /** Address space that it lies in. Without it, the app's. */
  readonly mm?: 'child'
  /** The region whose pages these are too: the same pages of a file, or after fork() the same anonymous pages, write-protected in both. */
  readonly sharesWith?: string
  /** hugetlb: a region of the app whose page table this one, in the child, shares. */
  readonly sharesTable?: string
}

export interface CpuSpec {
  /** `app` shares its page table with the devices. */
  readonly task: TaskKind
  /** Entries of its TLB and paging-structure cache. */
  readonly tlb: number
  readonly walkCache: number
  /** In lazy TLB mode: a kernel thread runs on the app's mm; flushes skip it unless page tables are freed. */
  readonly lazy?: boolean
  readonly script: readonly CpuAction[]
}

export type CpuAction =
  | {
      readonly do: 'madvise-dontneed' | 'mmap'
      readonly region: string
      readonly first?: number
      readonly pages?: number
    }
  /** through: the range ends with this region, and takes in all that lies between. */
  | {
      readonly do: 'munmap' | 'brk'
      readonly region: string
      readonly first?: number
      readonly pages?: number
      readonly through?: string
    }
  /** Moves the pages of a region to another that is not there yet. wholeTables: they stand for all 512 pages of their page tables. */
  | { readonly do: 'mremap'; readonly region: string; readonly to: string; readonly wholeTables?: boolean }
  /** MADV_FREE: the pages stay, and may be dropped while nobody writes them. */
  | { readonly do: 'madvise-free'; readonly region: string; readonly first?: number; readonly pages?: number }
  | {
      readonly do: 'mprotect'
      readonly region: string
      readonly first?: number
      readonly pages?: number
      readonly to: 'r' | 'rw' | 'none'
    }
  /** NUMA balancing takes the pages away until they are touched next. */
  | { readonly do: 'numa-hint'; readonly region: string; readonly first?: number; readonly pages?: number }
  /** A kernel thread frees the app's anonymous memory, because there is none left. */
  | { readonly do: 'oom-reap' }
  /** /proc/pid/clear_refs: write-protects all pages of the app, to see which are written. */
  | { readonly do: 'clear-refs' }
  /** ftruncate() or a hole punch: pages of a file go, wherever they are mapped. */
  | { readonly do: 'truncate'; readonly region: string; readonly first?: number; readonly pages?: number }
  /** A driver unmaps frames that it has mapped by number, and frees them. */
  | { readonly do: 'driver-free'; readonly region: string }
  /** The kernel frees a mapping of its own, page table and all. */
  | { readonly do: 'vfree'; readonly region: string }
  /** collapse: khugepaged, or MADV_COLLAPSE. thp-split: the huge page is mapped page by page from here on. */
  | { readonly do: 'collapse' | 'thp-split'; readonly region: string }
  /** collapse_file(): the page tables of everyone who maps the file there are taken out. */
  | { readonly do: 'retract'; readonly region: string }
  /** get_user_pages_fast() of one page. pin: pin_user_pages_fast(), for a device that then accesses the frame by its address. */
  | { readonly do: 'gup-fast'; readonly page: string; readonly write?: boolean; readonly pin?: boolean }
  /** The CPU runs another process, or a kernel thread, and comes back. */
  | { readonly do: 'switch-mm'; readonly to: 'process' | 'kernel-thread' }
  | { readonly do: 'read' | 'write'; readonly page: string }
  /** The app gets a child: regions of the child that are not there yet share its pages. */
  | { readonly do: 'fork' }
  /** ksmd merges two pages with the same contents: both addresses get the frame of `page`. */
  | { readonly do: 'ksm-merge'; readonly page: string; readonly with: string }
  /** uprobes: a breakpoint in a page of a file. The app gets a copy of the page with the breakpoint in it. */
  | { readonly do: 'uprobe'; readonly page: string }
  /** A userfaultfd is asked to lift the protection of pages: their write bits go, and the flush comes later. */
  | { readonly do: 'uffd-unprotect'; readonly region: string; readonly first?: number; readonly pages?: number }
  /** KVM_SET_USER_MEMORY_REGION: the memslot of a region goes, or one that is absent comes. */
  | { readonly do: 'memslot'; readonly vm: string; readonly region: string; readonly change: 'delete' | 'create' }
  /** UFFDIO_MOVE: the pages of an anonymous region move to another, where nothing is mapped. */
  | { readonly do: 'uffd-move'; readonly region: string; readonly to: string }
  /** Faults of devices and guests that must copy a page do so on this CPU. */
  | { readonly do: 'serve-faults' }
  /** Reads the page until somebody has written it. */
  | { readonly do: 'await'; readonly page: string }
  /** The processor walks for a page on its own account, as it may at any time: no fault, no access. */
  | { readonly do: 'speculate'; readonly page: string }
  /** kswapd, or madvise(MADV_PAGEOUT): pages are unmapped wherever they are mapped, written out and freed. */
  | { readonly do: 'reclaim'; readonly region: string; readonly first?: number; readonly pages?: number }
  /** kswapd looks at Accessed bits and clears them; idle: somebody does by page_idle, without any flush. */
  | {
      readonly do: 'age'
      readonly region: string
      readonly first?: number
      readonly pages?: number
      readonly idle?: boolean
    }
  /** Writeback of pages of a file: write-protected wherever they are mapped, then written out. */
  | { readonly do: 'writeback'; readonly region: string; readonly first?: number; readonly pages?: number }
  /** Compaction, or move_pages(): the page gets another frame. */
  | { readonly do: 'migrate'; readonly page: string }
  /** The process gives its PASID up: devices stop, and the number may be another's. */
  | { readonly do: 'sva-unbind' }
  /** The process gets its PASID, when nobody else has the number. */
  | { readonly do: 'sva-bind' }
  | { readonly do: 'allocate'; readonly as: 'data' | 'pte-bytes' }
  /** A driver's bind and unbind: a VM, or a GPU of user pointers, subscribes to the mm, or is given up and freed. put: freed later. */
  | { readonly do: 'register' | 'unregister' | 'put'; readonly subscriber: string }
  | { readonly do: 'exit' }

export interface DeviceSpec {
  readonly name: string
  /** It has a cache of translations of its own, with so many entries. timesOut: it may leave an Invalidate Request unanswered. */
  readonly ats?: { readonly atc: number; readonly timesOut?: boolean }
  /** Pages that it asks for at once when it misses one: requests of one group. */
  readonly asksFor?: number
  readonly script: readonly DeviceAction[]
}

/** `page` is `buf[0]`, or `buf[any]`: any page of the region, chosen when the access starts. */
export interface DeviceAction {
  readonly do: 'read' | 'write'
  readonly page: string
}

/** By `kind`. */
export type ConsumerSpec = KvmSpec | MirrorSpec | GpuSpec

/** A driver that mirrors pages of the app in a page table of its device, under an interval notifier. odp: RDMA. */
export interface MirrorSpec {
  readonly kind: 'hmm' | 'odp'
  readonly name: string
  readonly region: string
  readonly first?: number
  readonly pages?: number
  /** What the device does, in order. */
  readonly script: readonly MirrorAction[]
}

/** `page` is `buf[0]`. insert: the driver begins to mirror, the first action; without it, it has begun. remove: it gives the mirror up, the last one. */
export type MirrorAction = GuestAction | { readonly do: 'insert' } | { readonly do: 'remove' }

/** A GPU whose driver holds the pages in its page table by reference, and gives them back itself. */
export interface GpuSpec {
  readonly kind: 'gpu'
  readonly name: string
  /** Its driver has subscribed to the mm, to give pages back when the process unmaps them: user pointers. */
  readonly userptr?: boolean
  /** What its driver does, and beside it the GPU. */
  readonly driver: readonly { readonly do: 'bind' | 'release'; readonly page: string }[]
  readonly script: readonly GuestAction[]
}

/** A VM whose memory is the app's. */
export interface KvmSpec {
  readonly kind: 'kvm'
  readonly name: string
  readonly memslots: readonly Memslot[]
  readonly vcpus: readonly { readonly script: readonly GuestAction[] }[]
  /** A gfn_to_pfn_cache: a guest page that KVM itself uses by its frame number. */
  readonly pfnCache?: { readonly page: string; readonly script: readonly { readonly do: 'read' | 'write' }[] }
  /** Page behind the guest's APIC-access page. The processor has its physical address from the VMCS. */
  readonly apicPage?: string
}

/** Guest pages from number `gfn` on are pages of a region. */
export interface Memslot {
  readonly gfn: number
  readonly region: string
  readonly first?: number
  readonly pages?: number
  /** Not there yet: a memslot action of the script creates it. */
  readonly absent?: boolean
}

/** `page` is `buf[0]`: the page of the app behind the guest's page. */
export interface GuestAction {
  readonly do: 'read' | 'write'
  readonly page: string
}

export interface IommuSpec {
  readonly iotlb: number
  readonly walkCache: number
  readonly queue: number
  /** Page requests wait in a queue of so many. mayFail: there may be no memory for a group. Absent: each device has its one request, and no queue. */
  readonly pageRequests?: { readonly queue: number; readonly mayFail?: boolean }
  /** PASIDs of app and child. The same number: the child gets it when the app has given it up. Absent: devices know the app only. */
  readonly pasids?: { readonly app: number; readonly child: number }
}

/** Something to try, with what happens then. */
export interface Break {
  readonly what: string
  readonly kernel: string
  readonly driver: string
  readonly switches?: SwitchValues
  readonly schedule?: string
}

/** What a scenario may hold at most. The stage is comfortable at 64 frames. */
export const LIMITS = {
  frames: 4096,
  regions: 8,
  pagesPerRegion: 1024,
  cpus: 4,
  devices: 4,
  consumers: 2,
  memslots: 4,
  vcpus: 2,
  scriptLength: 64,
  tlb: 16,
  walkCache: 8,
  queue: 8,
  pageRequests: 8,
  asksFor: 4,
  pasid: 2 ** 20 - 1,
  batchSize: 1024,
  scheduleLength: 20_000,
  textLength: 2_000,
  jsonBytes: 256 * 1024,
} as const
