import type { Column, LayoutBuilder } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'

/*
 * A GPU with page tables of its own, and what its driver has in them: references to pages of the app. Nothing but deviceHolds() of
 * mirror.ts and consumers/gpu indexes these columns.
 */

/** One GPU: how long the programs of its driver and of its engine are. */
export interface GpuSizes {
  readonly threads: readonly number[]
}

export interface GpuColumns {
  /** By page, entry of the GPU's page table and of its TLB: 0 none, else (pfn + 1) << 1 | writable. */
  readonly pte: Column
  readonly tlb: Column
  /** By page: the frame that the driver holds a reference to, pfn + 1; 0 none. */
  readonly held: Column
  readonly threads: readonly { readonly pc: Column }[]
}

export const gpuColumns = (b: LayoutBuilder, { features, pages, frames, pfnBits }: FeatureSizes) => ({
  gpus: features.gpus.map(({ threads }, v): GpuColumns => {
    b.region()
    const entry = 2 ** (pfnBits + 1) - 1
    return {
      pte: b.column(`gpu${v} pte`, pages.length, entry),
      tlb: b.column(`gpu${v} tlb`, pages.length, entry),
      held: b.column(`gpu${v} held`, pages.length, frames),
      threads: threads.map((length, t) => ({ pc: b.column(`gpu${v} thread${t} pc`, 1, length) })),
    }
  }),
})
