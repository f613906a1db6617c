import { holderName } from '../../kernel/task.ts'
import { type Column, get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { type GpuColumns, gpuHolder } from '../../machine/gpu.ts'
import type { Setup } from '../../machine/setup.ts'
import type { Need } from '../../threads/footprint.ts'
import { omitting, type ProgramBuilder } from '../../threads/program.ts'

/** One GPU as its scenario has it, with names resolved to page indices. */
export interface GpuFacts {
  readonly name: string
  /** Its number among the consumers, and among the GPUs. */
  readonly consumer: number
  readonly gpu: number
  readonly firstThread: number
  /** Its driver has subscribed to the mm: start() takes its pages away. */
  readonly userptr: boolean
  /** It subscribes in the course of the run. */
  readonly late: boolean
  /** What its driver does with pages, and what the GPU does. */
  readonly driver: readonly { readonly do: 'bind' | 'release'; readonly page: number }[]
  readonly script: readonly { readonly page: number; readonly write: boolean }[]
}

export interface Gpu {
  readonly s: Setup
  readonly facts: GpuFacts
  readonly k: GpuColumns
  /** What the driver's mutex holds when the driver's own thread has it. */
  readonly holder: number
}

/** Whom it is about, in events. */
export const who = ({ facts }: Gpu) => ({ consumer: facts.consumer, who: facts.name })

export const lockFree = ({ s, k }: Gpu): Need => ({
  on: [s.resources.openPairs],
  holds: m => gpuHolder(k, m) === 0,
  as: 'reads',
})

export const lockBlocked =
  ({ s, facts, k }: Gpu) =>
  (m: Machine): string =>
    `the mutex of ${facts.name}’s driver is held by ${holderName(s, gpuHolder(k, m))}`

/** Nothing is left in the GPU's TLB. */
function flushGpuTlb(v: Gpu, m: Machine, emit?: Emit): void {
  const dropped = dropAll(v.k.tlb, m, 0, v.k.tlb.length)
  emit?.({ type: 'device-tlb-flushed', ...who(v), dropped })
}

/** The GPU's PTEs of pages [lo, hi) are cleared. */
export function clearGpuPtes(v: Gpu, m: Machine, lo: number, hi: number, emit?: Emit): void {
  const dropped = dropAll(v.k.pte, m, lo, hi)
  emit?.({ type: 'device-ptes-cleared', ...who(v), dropped })
}

function dropAll(column: Column, m: Machine, lo: number, hi: number): number {
  let dropped = 0
  for (let page = lo; page < hi; page++) {
    if (get(m, column, page) === 0) continue
    set(m, column, page, 0)
    dropped++
  }
  return dropped
}

/** The driver flushes the TLB of the GPU, before the frames can be anybody else's. drivers/gpu/drm/i915/gt/intel_gt.c. */
export function intelGtInvalidateTlbs(v: Gpu, asm: ProgramBuilder): void {
  asm.op({
    fn: 'intel_gt_invalidate_tlbs',
    file: 'drivers/gpu/drm/i915/gt/intel_gt.c',
    label: 'flush the GPU’s TLB',
    why: 'After the PTE was cleared and before the frame can belong to another: nothing can bring the entry back.',
    run: (m, emit, next) => {
      flushGpuTlb(v, m, emit)
      return next
    },
    without: [omitting('the flush of the GPU’s TLB')],
  })
}
