import { set } from '../machine/cells.ts'
import { allocateFrame } from '../machine/frames.ts'
import { toPfn, USE } from '../machine/setup.ts'
import { framesNeeded, takesFrames } from './frame-footprint.ts'
import type { Task } from './task.ts'

/**
 * A second process takes a frame from the allocator and writes its own data into it: alloc_pages() mm/page_alloc.c, then
 * clear_page() and its stores. `pte-bytes`: data that a walker, reading it as a page table, would take for PTEs that name a
 * kernel frame.
 *
 * Simplified: the second process has no page table of its own here; allocation and first write are one step.
 */
export function allocate(t: Task, as: 'data' | 'pte-bytes'): void {
  const { asm, s } = t
  asm.within('do_anonymous_page', () => {
    asm.endPhases()
    asm.op({
      fn: 'alloc_pages',
      file: 'mm/page_alloc.c',
      label:
        as === 'data' ? 'take a free frame and write to it' : 'take a free frame and write bytes that look like PTEs',
      why: 'The allocator hands out the most recently freed frame first. The new owner is entitled to it.',
      needs: framesNeeded(s, () => 1),
      touches: [takesFrames(s)],
      blocked: () => 'no frame is free',
      run: (m, emit, next) => {
        const pfn = allocateFrame(s, m, USE.other, 0)
        set(m, s.shape.writer, pfn, t.cpu + 1)
        set(m, s.shape.forged, pfn, as === 'pte-bytes' ? 1 : 0)
        emit?.({ type: 'page-allocated', pfn: toPfn(pfn), owner: 'other', order: 0 })
        emit?.({
          type: 'frame-filled',
          pfn: toPfn(pfn),
          owner: 'other',
          looksLikePte: as === 'pte-bytes' ? s.forgedTarget : null,
        })
        return next
      },
    })
  })
}
