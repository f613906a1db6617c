import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'
import type { Shape } from './shape.ts'

/*
 * What is found from the side of a file: VMAs through its address_space (i_mmap), and where it ends. Absent where nobody asks: then
 * every VMA is found and no file changes its length.
 */

export const reverseMapColumns = (b: LayoutBuilder, { features, pages }: FeatureSizes) => ({
  /** By page: 1 while its VMA can be found through the reverse map. */
  linked: b.column('linked', features.reverseMaps ? pages.length : 0, 1),
  /** By page: 1 when the file has been cut before it, so that no fault may map it. */
  beyondEnd: b.column('beyondEnd', features.reverseMaps ? pages.length : 0, 1),
})

/** vma_interval_tree_insert(), vma_interval_tree_remove(): mm/interval_tree.c */
export function setLinked(s: Shape, m: Machine, lo: number, hi: number, linked: boolean): void {
  if (s.linked.length === 0) return
  for (let page = lo; page < hi; page++) set(m, s.linked, page, linked ? 1 : 0)
}

/** vma_interval_tree_foreach() would come to the VMA of some of these pages. */
export function foundByFile(s: Shape, m: Machine, lo: number, hi: number): boolean {
  for (let page = lo; page < hi; page++) if (s.linked.length === 0 || get(m, s.linked, page) === 1) return true
  return false
}

/** i_size_write(), or a driver that maps its frames no more: from here on a fault on these pages of the file is refused, wherever they are. */
export function cutFile(s: Setup, m: Machine, lo: number, hi: number): void {
  for (const [page, frame] of s.fileFrame.entries()) {
    if (frame >= 0 && s.fileFrame.slice(lo, hi).includes(frame)) set(m, s.shape.beyondEnd, page, 1)
  }
}

export const isBeyondEnd = (s: Shape, m: Machine, page: number): boolean =>
  s.beyondEnd.length > 0 && get(m, s.beyondEnd, page) === 1
