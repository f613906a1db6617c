import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape, TablePlace, WalkColumns } from './shape.ts'

/*
 * An entry of a PMD table that maps memory itself, with no PTE table below it: mm/huge_memory.c. In memory it is the same word as the
 * one that names the PTE table; here it has a column of its own, and at most one of the two is set for a place.
 *
 * A huge page has as many frames here as the scenario has pages below that entry, one after another. Each frame is counted by itself.
 */

/** Columns of huge pages. By place of a PTE table. */
export const hugeColumns = (b: LayoutBuilder, { features, places, cpus, pfnBits }: FeatureSizes) => ({
  /** 0 none, else (first pfn + 1) << 3 | invalid << 2 | writable << 1 | dirty. */
  hugePmd: b.column('hugePmd', features.huge ? places : 0, 2 ** (pfnBits + 3) - 1),
  /** pfn + 1 of the empty PTE table that is kept for a later split: pgtable_trans_huge_deposit(). */
  deposit: b.column('deposit', features.huge ? places : 0, 2 ** pfnBits - 1),
  /** pfn + 1 of a PTE table that was taken out of the tree with its PTEs in it, and is not freed or emptied yet. */
  detached: b.column('detached', features.huge ? places : 0, 2 ** pfnBits - 1),
  /** By CPU: first frame of a huge page that it has references to: it copies into it, or has just unmapped it. Else 0. */
  hugeInHand: b.column('hugeInHand', features.huge ? cpus.length : 0, 2 ** pfnBits - 1),
})

/** mk_huge_pmd(). `pfn` is the first of the huge page. */
export const mkHugePmd = (pfn: number, writable: boolean, dirty: boolean): number =>
  ((pfn + 1) << 3) | (writable ? 2 : 0) | (dirty ? 1 : 0)

/** The huge entry for a place of level PTE, or 0. */
export const hugePmdAt = (s: Shape, m: Machine, place: number): number =>
  s.hugePmd.length === 0 ? 0 : get(m, s.hugePmd, place)
export const setHugePmd = (s: Shape, m: Machine, place: number, pmd: number): void => set(m, s.hugePmd, place, pmd)

/** pmd_present(): hardware may use it. Not while a split is under way. */
export const pmdPresent = (pmd: number): boolean => pmd !== 0 && (pmd & 4) === 0
/** pmd_mkinvalid(): software still sees a huge page, hardware sees nothing. */
export const pmdMkinvalid = (pmd: number): number => pmd | 4
export const pmdPfn = (pmd: number): number => (pmd >>> 3) - 1
export const pmdWrite = (pmd: number): boolean => (pmd & 2) !== 0
export const pmdDirty = (pmd: number): boolean => (pmd & 1) !== 0
export const pmdMkdirty = (pmd: number): number => pmd | 1

/** Frame of the table that is kept for a split, or -1. */
export const depositAt = (s: Shape, m: Machine, place: number): number =>
  s.deposit.length === 0 ? -1 : get(m, s.deposit, place) - 1
export const setDeposit = (s: Shape, m: Machine, place: number, pfn: number): void => set(m, s.deposit, place, pfn + 1)

/** Frame of the table that was taken out with its PTEs in it, or -1. */
export const detachedAt = (s: Shape, m: Machine, place: number): number =>
  s.detached.length === 0 ? -1 : get(m, s.detached, place) - 1
export const setDetached = (s: Shape, m: Machine, place: number, pfn: number): void =>
  set(m, s.detached, place, pfn + 1)

/** Place of the PTE table for the page, whether there is one or not. */
export const ptePlaceOf = (s: Shape, page: number): TablePlace => {
  const path = s.path[page] as readonly number[]
  return s.places[path[path.length - 1] as number] as TablePlace
}

/** Place of the huge page that a walk under way has found, or -1. */
export const hugeLeaf = (m: Machine, walk: WalkColumns): number =>
  walk.huge.length === 0 ? -1 : get(m, walk.huge, 0) - 1
