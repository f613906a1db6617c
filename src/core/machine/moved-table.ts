import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * A PTE table that was moved to another address whole, by its PMD entry: move_normal_pmd(), mm/mremap.c. A walk that had come as far
 * as this table reads on in it, at the same index: it is still a page table of the process, and the entries are the same.
 */

export const movedTableColumns = (b: LayoutBuilder, { features, places }: FeatureSizes) => ({
  /** By place of a PTE table: place + 1 that the table which is there was moved from. */
  movedFrom: b.column('movedFrom', features.tableMoves ? places : 0, places),
})

/** The table at place `to` was at `from` before. */
export const setMovedFrom = (s: Shape, m: Machine, to: number, from: number): void => set(m, s.movedFrom, to, from + 1)

/** Was the table at place `to` moved there from `from`? */
export const wasMoved = (s: Shape, m: Machine, to: number, from: number): boolean =>
  s.movedFrom.length > 0 && to >= 0 && get(m, s.movedFrom, to) === from + 1

/** The table for the place is freed: the next one there has been nowhere else. */
export function forgetMove(s: Shape, m: Machine, place: number): void {
  if (s.movedFrom.length > 0 && place >= 0) set(m, s.movedFrom, place, 0)
}
