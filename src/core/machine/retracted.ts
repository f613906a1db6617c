import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * PTE tables that are taken out through the file: retract_page_tables(), mm/khugepaged.c. From when one is found until it is given back,
 * khugepaged holds the lock of the file's reverse map (i_mmap_rwsem).
 */

export const retractedColumns = (b: LayoutBuilder, { features, places, pfnBits }: FeatureSizes) => ({
  /** By place of a PTE table: pfn + 1 of the table that was found there. */
  retracted: b.column('retracted', features.retracts ? places : 0, 2 ** pfnBits - 1),
})

/** Frame of the table that is being taken out, or has been, or -1. */
export const retractedAt = (s: Shape, m: Machine, place: number): number =>
  s.retracted.length === 0 ? -1 : get(m, s.retracted, place) - 1
export const setRetracted = (s: Shape, m: Machine, place: number, pfn: number): void =>
  set(m, s.retracted, place, pfn + 1)
