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
  readonly regions: readonly RegionFacts[]
  readonly cpus: readonly { readonly name: string; readonly task: 'app' | 'other'; readonly lazy: boolean }[]
  readonly devices: readonly { readonly name: string }[]
  readonly batchSize: number
  /** Frame that forged PTE bytes name: a page of the kernel. */
  readonly forgedTarget: Pfn
  /** By page index: the page-cache frame of a file page, or -1. */
  readonly fileFrame: readonly number[]
  /** The IOMMU is bound to this mm: false when there are no devices. */
  readonly bound: boolean
  /** A driver has subscribed to notifiers of this mm. */
  readonly subscribed: boolean
  /** No run can ever be short of frames. */
  readonly enoughFrames: boolean
}

export interface RegionFacts {
  readonly name: string
  readonly kind: 'anon' | 'file'
  readonly writable: boolean
  readonly growsDown: boolean
  readonly first: number
  readonly end: number
}

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
