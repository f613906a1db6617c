import { add, get, type Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { detachedAt, hugePmdAt, pmdMkdirty, ptePlaceOf, setHugePmd } from '../machine/huge-page.ts'
import { tableFrame } from '../machine/page-table.ts'
import type { Setup } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { mapHuge } from './huge-pmd.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'

/*
 * Faults where one entry of a PMD table maps, or may map, all pages below it: __handle_mm_fault(), finish_fault() mm/memory.c.
 * Simplified: a fault on anonymous memory never gets a huge page; only khugepaged makes them here.
 */

/**
 * What a fault must wait for at the PMD entry, or ''. Where there is no PTE table, that entry is what changes, under the PMD lock. PTEs of a
 * table that is out of the tree and not freed yet lie where those of its successor would: a fault waits for that, which the kernel need not.
 */
export function pmdBlocks(s: Setup, m: Machine, page: number): string {
  if (s.shape.hugePmd.length === 0) return ''
  const { id, parent } = ptePlaceOf(s.shape, page)
  if (tableFrame(s.shape, m, id) >= 0) return ''
  if (!ptlFree(s, m, parent)) return ptlBlocked(s, m, parent)
  return detachedAt(s.shape, m, id) < 0 ? '' : 'the page table is being replaced'
}

/** do_set_pmd(): the place that a fault on a file maps with one entry: the page cache has a huge page, no table is in the way, and the VMA covers all. */
export function mapsHuge(s: Setup, m: Machine, page: number): TablePlace | undefined {
  const { shape } = s
  if (shape.hugePmd.length === 0) return undefined
  const place = ptePlaceOf(shape, page)
  const vma = get(m, shape.vma, page)
  if (!s.hugeFiles.includes(place.id) || tableFrame(shape, m, place.id) >= 0) return undefined
  for (let p = place.firstPage; p < place.endPage; p++) if (get(m, shape.vma, p) !== vma) return undefined
  return place
}

/** Maps it. Each of its frames gets a reference. */
export function mapHugeFile(s: Setup, m: Machine, place: TablePlace, writable: boolean, emit?: Emit): void {
  for (let p = place.firstPage; p < place.endPage; p++) add(m, s.shape.refcount, s.fileFrame[p] ?? 0, 1)
  mapHuge(s, m, place, s.fileFrame[place.firstPage] ?? 0, writable, emit)
}

/** huge_pmd_set_accessed(): a write to a huge page that is there is noted in its entry. False where PTEs map the page. */
export function writesHuge(s: Setup, m: Machine, page: number): boolean {
  const { id } = ptePlaceOf(s.shape, page)
  const pmd = hugePmdAt(s.shape, m, id)
  if (pmd !== 0) setHugePmd(s.shape, m, id, pmdMkdirty(pmd))
  return pmd !== 0
}
