import { putPage } from '../machine/frames.ts'
import { cutFile, foundByFile } from '../machine/reverse-map.ts'
import { zapPageRangeSingle } from './madvise.ts'
import { rangeText } from './mmap-lock.ts'
import { setCursor, type Task } from './task.ts'
import { decTlbFlushPending } from './tlb-finish.ts'

/**
 * ftruncate(), fallocate(FALLOC_FL_PUNCH_HOLE): pages [lo, hi) of a file go. No mmap lock is taken: whoever maps the file is found
 * through its reverse map, and is not asked.
 *
 * Kernel: truncate_pagecache(), truncate_inode_pages_range() mm/truncate.c; unmap_mapping_range() mm/memory.c.
 * Simplified: the file's length is set first and no fault comes through after that, so the second unmapping of single folios has nothing
 * to do; i_mmap_rwsem is not modelled.
 */
export function truncate(t: Task, lo: number, hi: number): void {
  const { asm, s } = t
  asm.within('truncate_pagecache', () => {
    asm.beginPhase({ id: 'enter', title: 'truncate', note: 'no mmap lock', kind: 'work', amber: false })
    asm.op({
      fn: 'i_size_write',
      file: 'include/linux/fs.h',
      label: `cut the file before ${rangeText(s, lo, hi)}`,
      why: 'From here on no fault maps these pages any more. Those who have them mapped still do.',
      run: (m, emit, next) => {
        emit?.({ type: 'kernel-function-entered', name: 'truncate_pagecache' })
        cutFile(s, m, lo, hi)
        return next
      },
    })
    unmapMappingRange(t, lo, hi)
    dropFrames(t, lo, hi, {
      fn: 'filemap_remove_folio',
      file: 'mm/filemap.c',
      label: 'drop the page cache’s reference to',
      why: 'Nobody maps the page any more, says the page table. With the last reference the frame is free.',
    })
  })
}

/**
 * A driver takes back memory that it had mapped into a process by frame number (VM_PFNMAP), a GPU driver for one: it zaps every mapping
 * it finds, then frees the frames. No mapping holds a reference, so nothing else keeps them.
 *
 * Kernel: unmap_mapping_range() mm/memory.c, and what its caller does then.
 */
export function driverFree(t: Task, lo: number, hi: number): void {
  t.asm.within('driver', () => {
    t.asm.beginPhase({ id: 'enter', title: 'driver frees', note: 'no mmap lock', kind: 'work', amber: false })
    t.asm.op({
      fn: 'revoke',
      file: 'drivers',
      label: `refuse faults on ${rangeText(t.s, lo, hi)} from here on`,
      why: 'The driver’s fault handler maps these frames no more.',
      run: (m, _emit, next) => {
        cutFile(t.s, m, lo, hi)
        return next
      },
    })
    unmapMappingRange(t, lo, hi)
    dropFrames(t, lo, hi, {
      fn: 'free_pages',
      file: 'mm/page_alloc.c',
      label: 'free',
      why: 'All mappings are gone, says unmap_mapping_range(). It can only speak of those that it found.',
    })
  })
}

/** unmap_mapping_range(): zaps every VMA of the file that the reverse map finds. */
function unmapMappingRange(t: Task, lo: number, hi: number): void {
  const { asm, s } = t
  asm.within('unmap_mapping_range', () => {
    for (const [from, to, mm] of mappingsOf(t, lo, hi)) {
      const skip = asm.label()
      asm.op({
        fn: 'unmap_mapping_range_tree',
        file: 'mm/memory.c',
        label: m =>
          foundByFile(s.shape, m, from, to)
            ? `find ${rangeText(s, from, to)} through the file`
            : `find no VMA over ${rangeText(s, from, to)}`,
        why: 'A VMA that has been taken out of the file’s tree is not found, though TLBs may still hold its translations.',
        run: (m, emit, next) => {
          if (!foundByFile(s.shape, m, from, to)) return skip.at
          emit?.({ type: 'kernel-function-entered', name: 'unmap_mapping_range' })
          return next
        },
        goes: ['next', skip],
      })
      const zapper: Task = { ...t, mm, range: [from, to] }
      zapPageRangeSingle(zapper, from, to)
      asm.op({
        fn: 'tlb_finish_mmu',
        file: 'mm/mmu_gather.c',
        label: 'be done with this VMA',
        why: 'This gather does not count any more.',
        run: (m, _emit, next) => {
          decTlbFlushPending(zapper, m)
          setCursor(t, m, 0)
          return next
        },
      })
      asm.place(skip)
    }
  })
}

/** Every range of pages that maps these pages of the file: [first, end) and the address space. */
export function mappingsOf({ s }: Task, lo: number, hi: number): [number, number, number][] {
  const objects = new Set(s.objectOf.slice(lo, hi))
  return s.regions.flatMap(region => {
    const pages = Array.from({ length: region.end - region.first }, (_, i) => region.first + i).filter(page =>
      objects.has(s.objectOf[page] as number),
    )
    const [first, last] = [pages[0], pages.at(-1)]
    return first === undefined || last === undefined ? [] : [[first, last + 1, region.mm] as [number, number, number]]
  })
}

function dropFrames(
  t: Task,
  lo: number,
  hi: number,
  how: { readonly fn: string; readonly file: string; readonly label: string; readonly why: string },
): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'drop', title: 'free', note: 'the file’s own reference', kind: 'work', amber: false })
  for (let page = lo; page < hi; page++) {
    asm.op({
      ...how,
      label: `${how.label} ${s.labels[page] ?? ''}`,
      run: (m, emit, next) => {
        const pfn = s.fileFrame[page] ?? -1
        if (pfn >= 0) putPage(s, m, pfn, emit)
        return next
      },
    })
  }
}
