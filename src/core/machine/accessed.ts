import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * What walkers write: the Accessed bit of the entry that they use, and Dirty where they write. They write it into the frame that they take for
 * a page table, whatever that is by then. Software asks for Accessed to see which pages are in use: pte_young(), pte_mkold().
 *
 * Simplified: Accessed is kept of PTEs, not of entries that name a table or map a huge page. Dirty is part of the PTE (page-table.ts).
 */

/** What a walker has written into a frame that is no page table any more. */
export const SCRIBBLED = { nothing: 0, accessed: 1, dirty: 2 } as const
export type Scribbled = (typeof SCRIBBLED)[keyof typeof SCRIBBLED]

export const accessedColumns = (b: LayoutBuilder, { features, pages, frames, cpus, pfnBits }: FeatureSizes) => {
  const has = features.accessed
  return {
    /** By page: Accessed, of its PTE. */
    young: b.column('young', has ? pages.length : 0, 1),
    /** By frame: SCRIBBLED. */
    scribbled: b.column('scribbled', has ? frames : 0, 2),
    /** By CPU: it has found Accessed set at some mapping of the page that it is about to reclaim. */
    referenced: b.column('referenced', has ? cpus.length : 0, 1),
    /** By CPU: a PTE that it has read and is about to clear (policy.pteClearIsExchange). */
    readPte: b.column('readPte', has ? cpus.length : 0, 2 ** (pfnBits + 2) - 1),
  }
}

/** Walkers write into memory, and it is kept what. */
export const keepsAccessed = (s: Shape): boolean => s.young.length > 0

export const pteYoung = (s: Shape, m: Machine, page: number): boolean => keepsAccessed(s) && get(m, s.young, page) === 1

/** A walker has used the entry, or it was made just now. */
export const setYoung = (s: Shape, m: Machine, page: number, young: boolean): void => {
  if (keepsAccessed(s)) set(m, s.young, page, young ? 1 : 0)
}

/** ptep_test_and_clear_young() */
export function testAndClearYoung(s: Shape, m: Machine, page: number): boolean {
  const young = pteYoung(s, m, page)
  if (young) set(m, s.young, page, 0)
  return young
}

export const scribbledAt = (s: Shape, m: Machine, pfn: number): Scribbled =>
  s.scribbled.length === 0 ? SCRIBBLED.nothing : (get(m, s.scribbled, pfn) as Scribbled)

/** A walker writes A, or A and D, into bytes that are somebody's data. */
export const scribble = (s: Shape, m: Machine, pfn: number, what: Scribbled): void =>
  set(m, s.scribbled, pfn, Math.max(what, get(m, s.scribbled, pfn)))

/** The frame is filled anew. */
export function cleanScribble(s: Shape, m: Machine, pfn: number): void {
  if (s.scribbled.length > 0) set(m, s.scribbled, pfn, SCRIBBLED.nothing)
}

export const isReferenced = (s: Shape, m: Machine, cpu: number): boolean =>
  s.referenced.length > 0 && get(m, s.referenced, cpu) === 1
export const setReferenced = (s: Shape, m: Machine, cpu: number, referenced: boolean): void => {
  if (s.referenced.length > 0) set(m, s.referenced, cpu, referenced ? 1 : 0)
}
