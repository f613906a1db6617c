import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * Rule I8, for pages that MADV_FREE has made free to drop: one that is not Dirty counts as never written since. A write that leaves
 * Dirty clear is lost, sooner or later.
 */

export const cleanPageColumns = (b: LayoutBuilder, { features, pages }: FeatureSizes) => ({
  /** By page: 1 while somebody goes by its Dirty bit, which is clear. */
  takenForClean: b.column('takenForClean', features.cleanPages ? pages.length : 0, 1),
})

/** From here on the page may be dropped, as long as its Dirty bit is clear. */
export const setTakenForClean = (s: Shape, m: Machine, page: number): void => set(m, s.takenForClean, page, 1)

/** Its PTE is Dirty again: nobody drops it any more. */
export function dirtyAgain(s: Shape, m: Machine, page: number): void {
  if (s.takenForClean.length > 0 && get(m, s.takenForClean, page) === 1) set(m, s.takenForClean, page, 0)
}

/** A write at this moment must set Dirty. */
export const isTakenForClean = (s: Shape, m: Machine, page: number): boolean =>
  s.takenForClean.length > 0 && get(m, s.takenForClean, page) === 1
