import { assert } from '../base/assert.ts'
import { cleanScribble } from './accessed.ts'
import { add, get, type Machine, set } from './cells.ts'
import { giveContents } from './contents.ts'
import { noteFreedTooEarly } from './damage.ts'
import type { Emit } from './event.ts'
import { setLazyfree } from './folios.ts'
import { forgetMove } from './moved-table.ts'
import { zeroValue } from './observations.ts'
import { type Setup, toPfn, USE } from './setup.ts'

/*
 * Physical frames and the page allocator: one list of free frames for the machine, the most recently freed handed out first,
 * as the hot end of a per-CPU list would be. mm/page_alloc.c
 */

export const hasFreeFrames = (s: Setup, m: Machine, count: number): boolean => get(m, s.shape.freeCount, 0) >= count

/** alloc_pages(): takes the most recently freed frame. The caller has checked that there is one. */
export function allocateFrame(s: Setup, m: Machine, use: number, purpose: number): number {
  const { freeCount, freeList, refcount } = s.shape
  const left = get(m, freeCount, 0) - 1
  assert(left >= 0, 'no free frame')
  const pfn = get(m, freeList, left)
  set(m, freeList, left, 0)
  set(m, freeCount, 0, left)
  set(m, refcount, pfn, 1)
  set(m, s.shape.use, pfn, use)
  set(m, s.shape.purpose, pfn, purpose)
  set(m, s.shape.forged, pfn, 0)
  cleanScribble(s.shape, m, pfn)
  set(m, s.shape.writer, pfn, 0)
  setLazyfree(s.shape, m, pfn, false)
  zeroValue(s.shape, m, pfn)
  return pfn
}

/** First of `count` free frames that lie one after another, the lowest there are; -1 when there are none. */
export function freeRun(s: Setup, m: Machine, count: number): number {
  const { use, sizes } = s.shape
  let run = 0
  for (let pfn = 1; pfn < sizes.frames; pfn++) {
    run = get(m, use, pfn) === USE.free ? run + 1 : 0
    if (run === count) return pfn - count + 1
  }
  return -1
}

/** alloc_pages() of a higher order: frames for pages [first, end), one after another. The caller has checked that there are such. */
export function allocateRun(s: Setup, m: Machine, use: number, first: number, end: number): number {
  const { freeCount, freeList } = s.shape
  const pfn = freeRun(s, m, end - first)
  assert(pfn >= 0, 'no free frames in a row')
  for (let page = first; page < end; page++) {
    const left = get(m, freeCount, 0) - 1
    // To the end of the list, where allocateFrame() takes from.
    for (let i = 0; i < left; i++) {
      if (get(m, freeList, i) !== pfn + page - first) continue
      for (let j = i; j < left; j++) set(m, freeList, j, get(m, freeList, j + 1))
      set(m, freeList, left, pfn + page - first)
      break
    }
    allocateFrame(s, m, use, page + 1)
  }
  return pfn
}

/** put_page(): drops one reference; the last one returns the frame to the allocator. */
export function putPage(s: Setup, m: Machine, pfn: number, emit?: Emit): void {
  const { refcount } = s.shape
  const left = get(m, refcount, pfn) - 1
  assert(left >= 0, `frame ${pfn} has no reference to drop`)
  set(m, refcount, pfn, left)
  if (left > 0) {
    emit?.({ type: 'page-put', pfn: toPfn(pfn), left })
    return
  }
  emit?.({ type: 'page-freed', pfn: toPfn(pfn), order: 0 })
  release(s, m, pfn, emit)
}

/** free of a page-table page: __tlb_remove_table() / tlb_batch_pages_flush(). mm/mmu_gather.c */
export function freeTable(s: Setup, m: Machine, pfn: number, emit?: Emit): void {
  set(m, s.shape.refcount, pfn, 0)
  forgetMove(s.shape, m, get(m, s.shape.purpose, pfn) - 1)
  emit?.({ type: 'table-freed', pfn: toPfn(pfn) })
  release(s, m, pfn, emit)
}

function release(s: Setup, m: Machine, pfn: number, emit?: Emit): void {
  noteFreedTooEarly(s, m, pfn, emit)
  const { freeCount, freeList } = s.shape
  giveContents(s.shape, m, pfn)
  set(m, s.shape.use, pfn, USE.free)
  set(m, s.shape.purpose, pfn, 0)
  set(m, freeList, get(m, freeCount, 0), pfn)
  add(m, freeCount, 0, 1)
}
