import { tlbGatherMmu } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import type { Task } from './task.ts'
import { tlbFinishMmu } from './tlb-finish.ts'
import { unmapVmas } from './unmap-vmas.ts'

/**
 * madvise(MADV_DONTNEED) of pages [lo, hi): the pages go, the VMA stays, and only the read lock is held, so faults and other
 * zaps run beside it.
 *
 * Kernel: madvise_dontneed_single_vma() mm/madvise.c, zap_page_range_single() mm/memory.c.
 * Simplified: one VMA; empty page tables are never freed (kernels from 6.14 may).
 */
export function madviseDontneed(t: Task, lo: number, hi: number): void {
  const { asm } = t
  asm.within('madvise', () => {
    enter(t, 'madvise', lo, hi, 'read')
    asm.within('zap_page_range_single', () => {
      asm.op({
        fn: 'tlb_gather_mmu',
        file: 'mm/mmu_gather.c',
        label: 'begin to gather',
        why: 'mm->tlb_flush_pending counts the gathers at work, so that another zap can see that this one has not flushed yet.',
        run: (m, emit, next) => {
          tlbGatherMmu(t, m, emit)
          return next
        },
      })
      invalidateRangeStart(t, 'CLEAR', lo, hi)
      unmapVmas(t, lo, hi)
      invalidateRangeEnd(t, 'CLEAR', lo, hi)
      tlbFinishMmu(t)
    })
    leave(t, 'madvise', lo, hi, true)
  })
}
