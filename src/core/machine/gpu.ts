import { type Column, get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { threadsIn } from './features.ts'

/*
 * A GPU with page tables of its own, and what its driver has in them: references to pages of the app. Nothing but deviceHolds() of
 * mirror.ts and consumers/gpu indexes these columns.
 */

/** One GPU: how long the programs of its driver and of its engine are. */
export interface GpuSizes {
  readonly threads: readonly number[]
  /** Its driver has subscribed to the mm: start() takes its pages away. */
  readonly userptr: boolean
}

export interface GpuColumns {
  /** By page, entry of the GPU's page table and of its TLB: 0 none, else (pfn + 1) << 1 | writable. */
  readonly pte: Column
  readonly tlb: Column
  /** By page: the frame that the driver holds a reference to, pfn + 1; 0 none. */
  readonly held: Column
  /** Holder of the driver's mutex, as in other lock columns. Zero length where nobody but the driver's thread touches its pages. */
  readonly lock: Column
  readonly threads: readonly { readonly pc: Column }[]
}

export const gpuColumns = (b: LayoutBuilder, { features, pages, cpus, frames, pfnBits }: FeatureSizes) => ({
  gpus: features.gpus.map(({ threads, userptr }, v): GpuColumns => {
    b.region()
    const entry = 2 ** (pfnBits + 1) - 1
    return {
      pte: b.column(`gpu${v} pte`, pages.length, entry),
      tlb: b.column(`gpu${v} tlb`, pages.length, entry),
      held: b.column(`gpu${v} held`, pages.length, frames),
      lock: b.column(`gpu${v} lock`, userptr ? 1 : 0, cpus.length + 1 + threadsIn(features)),
      threads: threads.map((length, t) => ({ pc: b.column(`gpu${v} thread${t} pc`, 1, length) })),
    }
  }),
})

/** Who holds the driver's mutex: 0 nobody. */
export const gpuHolder = ({ lock }: GpuColumns, m: Machine): number => (lock.length === 0 ? 0 : get(m, lock, 0))
export const lockGpu = ({ lock }: GpuColumns, m: Machine, holder: number): void => {
  if (lock.length > 0) set(m, lock, 0, holder)
}

/** The driver holds a reference to a page of [lo, hi). */
export function holdsAny({ held }: GpuColumns, m: Machine, lo: number, hi: number): boolean {
  for (let page = lo; page < hi; page++) if (get(m, held, page) > 0) return true
  return false
}
