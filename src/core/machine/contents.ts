import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * Rule I8: a page that was copied, written out or compared counts as it was at that moment. A write to the frame after it is lost,
 * unless a PTE maps the frame writable again.
 */

export const contentColumns = (b: LayoutBuilder, { features, frames }: FeatureSizes) => ({
  /** By frame: 1 from the moment on at which its bytes were taken. */
  taken: b.column('taken', features.contents ? frames : 0, 1),
})

/** The bytes of the frame are copied, written out, or compared: from here on they must not change. */
export function takeContents(s: Shape, m: Machine, pfn: number): void {
  if (s.taken.length > 0) set(m, s.taken, pfn, 1)
}

/** The frame may be written again: it is mapped writable, or somebody else's. */
export function giveContents(s: Shape, m: Machine, pfn: number): void {
  if (s.taken.length > 0 && get(m, s.taken, pfn) === 1) set(m, s.taken, pfn, 0)
}

export const contentsTaken = (s: Shape, m: Machine, pfn: number): boolean =>
  s.taken.length > 0 && get(m, s.taken, pfn) === 1
