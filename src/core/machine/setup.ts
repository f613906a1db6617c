import type { Consumer } from '../consumers/consumer.ts'
import type { Policy } from '../policy/policy.ts'
import { asPfn, type PageRange, type Pfn, type Vpn } from '../units.ts'
import type { Resources } from './resources.ts'
import { pfnBitsOf, type Shape } from './shape.ts'

/** What never changes while a run goes on: sizes, policy, names. Operations close over it; the machine holds the rest. */
export interface Setup {
  readonly shape: Shape
  readonly resources: Resources
  readonly policy: Policy
  readonly pfnBits: number
  /** By page index: its address, its name (`buf[0]`), the region it lies in. */
  readonly vpns: readonly Vpn[]
  readonly labels: readonly string[]
  readonly regionOf: readonly number[]
  /** By page: a number that pages share whose frames may be the same: of parent and child, before and after a move, of one file. */
  readonly objectOf: readonly number[]
  /** By page: a number that pages share which a device’s TLB cannot tell apart: of one address, under one PASID. Empty: none do. */
  readonly tagOf: readonly number[]
  /** By place, likewise: tables that a walk cache of the IOMMU cannot tell apart. */
  readonly placeTagOf: readonly number[]
  /** By mm: its PASID. Empty: there is one, and it is the app's. */
  readonly pasids: readonly number[]
  /** A page request may be answered with Response Failure, for want of memory. */
  readonly requestsMayFail: boolean
  /** Address spaces that are modelled, the app's first. */
  readonly mms: readonly MmFacts[]
  readonly regions: readonly RegionFacts[]
  readonly cpus: readonly CpuFacts[]
  readonly devices: readonly { readonly name: string }[]
  readonly batchSize: number
  /** Tables that a gather collects before it hands them to RCU. */
  readonly tableBatch: number
  /** Frame that forged PTE bytes name: a page of the kernel. */
  readonly forgedTarget: Pfn
  /** By page index: the page-cache frame of a file page, or -1. */
  readonly fileFrame: readonly number[]
  /** The zero page: one frame of zeroes for every page of anonymous memory that was only read. -1 where a scenario does without. */
  readonly zeroFrame: number
  /** Places of PTE tables whose pages are one huge page of the page cache: a fault may map it with one entry. */
  readonly hugeFiles: readonly number[]
  /** The IOMMU is bound to this mm: false when there are no devices. */
  readonly bound: boolean
  /** Who else has subscribed to notifiers of the app's mm. */
  readonly consumers: readonly Consumer[]
  /** A driver has subscribed to notifiers of this mm. */
  readonly subscribed: boolean
  /** No run can ever be short of frames. */
  readonly enoughFrames: boolean
}

export interface CpuFacts {
  readonly name: string
  readonly task: TaskKind
  /** The address space it runs in: index into `mms`, or -1. */
  readonly mm: number
  readonly lazy: boolean
  /** It changes page tables of any mm: those of others too, through the reverse map. */
  readonly reachesAll: boolean
}

/**
 * app: the process whose page table devices share. child: a second process with a page table of its own. kernel: a kernel thread
 * (kswapd, khugepaged, ksmd), in no address space. other: a process that is not modelled but for the frames it takes.
 */
export type TaskKind = 'app' | 'child' | 'kernel' | 'other'

/** struct mm_struct, what of it does not change. */
export interface MmFacts {
  readonly name: string
  /** Its pages: [first, end) by index. */
  readonly first: number
  readonly end: number
  /** Place of its PGD. */
  readonly root: number
}

/** kernel: part of the kernel's half, in no VMA, and out of reach of user accesses. pfnmap: a driver maps its own frames by number (VM_PFNMAP). The mapping holds no reference, and has no struct page to count. */
export type RegionKind = 'anon' | 'file' | 'pfnmap' | 'kernel'

export interface RegionFacts {
  readonly name: string
  readonly kind: RegionKind
  readonly writable: boolean
  readonly growsDown: boolean
  readonly mm: number
  readonly first: number
  readonly end: number
}

/** An address of the kernel's half: walks pass its tables, and no user access gets past the last one. */
export const isKernelPage = (s: Setup, page: number): boolean => s.regions[s.regionOf[page] ?? 0]?.kind === 'kernel'

/** vm_normal_page() finds no page: VM_PFNMAP. mm/memory.c */
export const isPfnMapped = (s: Setup, page: number): boolean => s.regions[s.regionOf[page] ?? 0]?.kind === 'pfnmap'

/** is_zero_pfn(). Nobody counts its mappings, nobody frees it, and vm_normal_page() finds no page there. include/linux/pgtable.h */
export const isZeroFrame = (s: Setup, pfn: number): boolean => pfn >= 0 && pfn === s.zeroFrame

export const NOBODY = 0
/** What a frame is used for. */
export const USE = { free: 0, anon: 1, file: 2, table: 3, other: 4, reserved: 5 } as const

/** Pages [start, end) by index, as addresses. */
export function rangeOf(s: Setup, start: number, end: number): PageRange {
  const first = s.vpns[start] as Vpn
  const last = s.vpns[Math.max(start, end - 1)] as Vpn
  return { start: first, end: (end > start ? last + 1 : first) as Vpn }
}

export const pageVpn = (s: Setup, page: number): Vpn => s.vpns[page] as Vpn
export const pageLabel = (s: Setup, page: number): string => s.labels[page] ?? `page ${page}`
export const toPfn = (n: number): Pfn => asPfn(n)
export const setupPfnBits = (frames: number): number => pfnBitsOf(frames)
