import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * What an entry that is not present says to software: include/linux/swapops.h. Hardware sees "not present" and nothing else. In
 * memory it is the same word as the PTE; here it has a column of its own, so that a PTE is 0 when hardware may not use it.
 */

/** Why a page is not present though the mm has it. */
export const SOFT = { none: 0, swap: 1, migration: 2, protNone: 3 } as const
export type SoftKind = (typeof SOFT)[keyof typeof SOFT]

export const softPteColumns = (b: LayoutBuilder, { features, pages, pfnBits }: FeatureSizes) => ({
  /** By page: 0 none, else (pfn + 1) << 2 | SOFT; pfn + 1 is 0 for a page that is in swap alone. */
  softPte: b.column('softPte', features.softPtes ? pages.length : 0, 2 ** (pfnBits + 2) - 1),
})

/** The entry of a page that is not present. 0 when there is nothing. */
export const softAt = (s: Shape, m: Machine, page: number): number =>
  s.softPte.length === 0 ? SOFT.none : get(m, s.softPte, page)

export const softKind = (soft: number): SoftKind => (soft & 3) as SoftKind
/** The frame it names: swap cache, page under migration, page with PROT_NONE. -1 when in swap alone. */
export const softPfn = (soft: number): number => (soft >>> 2) - 1

/** Sets the entry of a page whose PTE is not present. `pfn` -1: in swap alone. */
export const setSoft = (s: Shape, m: Machine, page: number, kind: SoftKind, pfn: number): void =>
  set(m, s.softPte, page, kind === SOFT.none ? 0 : ((pfn + 1) << 2) | kind)

/** The entry of a page that is not present goes to another page: mremap(). */
export function moveSoft(s: Shape, m: Machine, from: number, to: number): void {
  const soft = softAt(s, m, from)
  if (soft === 0) return
  set(m, s.softPte, to, soft)
  clearSoft(s, m, from)
}

/** The page is mapped, and hidden from hardware: PROT_NONE. To software its entry is one of a present page: pte_present() on x86 and arm64. */
export const isHidden = (s: Shape, m: Machine, page: number): boolean => softKind(softAt(s, m, page)) === SOFT.protNone

export function clearSoft(s: Shape, m: Machine, page: number): void {
  if (s.softPte.length > 0) set(m, s.softPte, page, 0)
}
