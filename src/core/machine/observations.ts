import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * Rule I7, memory order as a device sees it. Every page holds 0 until somebody writes it, then 1. Whoever reads a 1 knows that the write
 * was made, and all that its writer knew of when it wrote: that happened before. To read the 0 of a page that one knows to be
 * written is to see two writes in the wrong order.
 */

/** Most pages of a scenario that keeps count of this: one bit each. */
export const MOST_ORDERED_PAGES = 8

export const observationColumns = (b: LayoutBuilder, { features, pages, frames, cpus, devices }: FeatureSizes) => {
  const kept = features.observations
  const anyPages = 2 ** Math.min(pages.length, MOST_ORDERED_PAGES) - 1
  return {
    /** By frame: 1 once it was written. */
    value: b.column('value', kept ? frames : 0, 1),
    /** By frame: pages, one bit each, of whose write its first writer knew. */
    writtenAfter: b.column('writtenAfter', kept ? frames : 0, anyPages),
    /** By CPU, then by device: pages of whose write it knows. */
    seen: b.column('seen', kept ? cpus.length + devices.length : 0, anyPages),
  }
}

/** What is read from the frame: 0 or 1. 0 where nobody keeps count. */
export const valueIn = (s: Shape, m: Machine, pfn: number): number => (s.value.length === 0 ? 0 : get(m, s.value, pfn))

/** Bytes are copied from one frame to the other. */
export function copyValue(s: Shape, m: Machine, from: number, to: number): void {
  if (s.value.length === 0) return
  for (const column of [s.value, s.writtenAfter]) set(m, column, to, get(m, column, from))
}

/** A frame is handed out anew, zeroed. */
export function zeroValue(s: Shape, m: Machine, pfn: number): void {
  if (s.value.length === 0) return
  for (const column of [s.value, s.writtenAfter]) set(m, column, pfn, 0)
}

/**
 * Somebody accesses a page in the frame. Answers whether it saw two writes in the wrong order. `who`: a CPU, or the number of CPUs plus
 * that of a device.
 */
export function observe(s: Shape, m: Machine, who: number, page: number, pfn: number, write: boolean): boolean {
  if (who >= s.seen.length) return false
  const bit = 2 ** page
  const seen = get(m, s.seen, who)
  const written = get(m, s.value, pfn) === 1
  if (write && !written) {
    set(m, s.value, pfn, 1)
    set(m, s.writtenAfter, pfn, seen)
  }
  if (!write && !written) return (seen & bit) !== 0
  set(m, s.seen, who, seen | bit | (write ? 0 : get(m, s.writtenAfter, pfn)))
  return false
}
