import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * A CPU that walks the page table in software and without a lock: get_user_pages_fast(), mm/gup.c. Where it stands in its program is
 * kept as for any task; here is what it has read.
 */

export const gupColumns = (b: LayoutBuilder, { features, cpus, pfnBits }: FeatureSizes) => {
  const length = features.gupFast ? cpus.length : 0
  return {
    /** By CPU: pfn + 1 of the table that is read next. */
    gupTable: b.column('gupTable', length, 2 ** pfnBits - 1),
    /** By CPU: pfn + 1 of the PTE table that the PMD entry named; 0 when it maps a huge page. */
    gupPmd: b.column('gupPmd', length, 2 ** pfnBits - 1),
    /** By CPU: the PTE as it was read. */
    gupPte: b.column('gupPte', length, 2 ** (pfnBits + 2) - 1),
    /** By CPU: pfn + 1 of the page that it has a reference to. */
    gupHeld: b.column('gupHeld', length, 2 ** pfnBits - 1),
  }
}

/** Frame of the table that it reads next, or -1. */
export const gupTableAt = (s: Shape, m: Machine, cpu: number): number =>
  s.gupTable.length === 0 ? -1 : get(m, s.gupTable, cpu) - 1
/** Frame that it has a reference to, or -1. */
export const gupHeldAt = (s: Shape, m: Machine, cpu: number): number =>
  s.gupHeld.length === 0 ? -1 : get(m, s.gupHeld, cpu) - 1

/** It goes on to another table, or has done with tables. */
export const setGupTable = (s: Shape, m: Machine, cpu: number, pfn: number): void => set(m, s.gupTable, cpu, pfn + 1)
export const setGupHeld = (s: Shape, m: Machine, cpu: number, pfn: number): void => set(m, s.gupHeld, cpu, pfn + 1)

/** What it has read, to look again whether it is still so. `table` -1: the PMD entry maps a huge page. */
export function setGupRead(s: Shape, m: Machine, cpu: number, table: number, pte: number): void {
  set(m, s.gupPmd, cpu, table + 1)
  set(m, s.gupPte, cpu, pte)
}
export const gupPmdRead = (s: Shape, m: Machine, cpu: number): number => get(m, s.gupPmd, cpu) - 1
export const gupPteRead = (s: Shape, m: Machine, cpu: number): number => get(m, s.gupPte, cpu)

/** The walk is over. The reference stays. */
export function endGup(s: Shape, m: Machine, cpu: number): void {
  for (const column of [s.gupTable, s.gupPmd, s.gupPte]) set(m, column, cpu, 0)
}
