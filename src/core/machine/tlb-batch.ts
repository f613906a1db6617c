import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'

/*
 * Flushes that unmapping through the reverse map puts off: struct tlbflush_unmap_batch of each task (tlb_ubc), and what each mm knows of
 * it (mm->tlb_flush_batched). mm/rmap.c, include/linux/mm_types_task.h.
 */

/** Marks of one mm that are told apart; the kernel's counts wrap too. */
const MOST_PENDING = 63

export const tlbBatchColumns = (b: LayoutBuilder, { features, cpus, mmEnds }: FeatureSizes) => {
  const has = features.batchedFlush
  return {
    /** By CPU × mms + mm: tlb_ubc.flush_required, for this mm. */
    ubcRequired: b.column('tlb_ubc flush_required', has ? cpus.length * mmEnds.length : 0, 1),
    /** By CPU: tlb_ubc.writable, an entry that lets somebody write may be left in a TLB. */
    ubcWritable: b.column('tlb_ubc writable', has ? cpus.length : 0, 1),
    /** By mm: mm->tlb_flush_batched, how far pending is ahead of flushed. */
    batchPending: b.column('tlb_flush_batched', has ? mmEnds.length : 0, MOST_PENDING),
    /** By CPU: what flush_tlb_batched_pending() has read of it. */
    batchSeen: b.column('tlb_flush_batched seen', has ? cpus.length : 0, MOST_PENDING),
  }
}

const at = (s: Setup, cpu: number, mm: number): number => cpu * s.mms.length + mm

/** set_tlb_ubc_flush_pending(): the task owes a flush of this mm. */
export function owe(s: Setup, m: Machine, cpu: number, mm: number, writable: boolean): void {
  set(m, s.shape.ubcRequired, at(s, cpu, mm), 1)
  if (writable) set(m, s.shape.ubcWritable, cpu, 1)
  set(m, s.shape.batchPending, mm, get(m, s.shape.batchPending, mm) + 1)
}

export const owesFor = (s: Setup, m: Machine, cpu: number, mm: number): boolean =>
  s.shape.ubcRequired.length > 0 && get(m, s.shape.ubcRequired, at(s, cpu, mm)) === 1

export const owes = (s: Setup, m: Machine, cpu: number): boolean => s.mms.some((_, mm) => owesFor(s, m, cpu, mm))

export const owesWritable = (s: Setup, m: Machine, cpu: number): boolean =>
  s.shape.ubcWritable.length > 0 && get(m, s.shape.ubcWritable, cpu) === 1

/** The end of try_to_unmap_flush(). What the mm knows of it stays: only flush_tlb_batched_pending() settles that. */
export function settle(s: Setup, m: Machine, cpu: number): void {
  for (const mm of s.mms.keys()) set(m, s.shape.ubcRequired, at(s, cpu, mm), 0)
  set(m, s.shape.ubcWritable, cpu, 0)
}

/** Marks of the mm that no flush of the whole mm has answered. */
export const batchPending = (s: Setup, m: Machine, mm: number): number =>
  s.shape.batchPending.length === 0 ? 0 : get(m, s.shape.batchPending, mm)

export const seePending = (s: Setup, m: Machine, cpu: number, mm: number): void =>
  set(m, s.shape.batchSeen, cpu, batchPending(s, m, mm))

/** atomic_cmpxchg() after the flush: answered, unless more has come since. */
export function answerPending(s: Setup, m: Machine, cpu: number, mm: number): void {
  if (get(m, s.shape.batchSeen, cpu) === batchPending(s, m, mm)) set(m, s.shape.batchPending, mm, 0)
  set(m, s.shape.batchSeen, cpu, 0)
}
