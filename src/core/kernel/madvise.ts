import { tlbGatherMmu } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { setCursor, type Task } from './task.ts'
import { decTlbFlushPending, tlbFinishMmu } from './tlb-finish.ts'
import { unmapVmas } from './unmap-vmas.ts'

/**
 * madvise(MADV_DONTNEED) of pages [lo, hi): the pages go, the VMA stays, and only the read lock is held, so faults and other
 * zaps run beside it.
 *
 * Kernel: madvise_dontneed_single_vma() mm/madvise.c, zap_page_range_single() mm/memory.c.
 * Simplified: empty page tables are never freed (kernels from 6.14 may).
 */
export function madviseDontneed(task: Task, lo: number, hi: number): void {
  const t: Task = { ...task, range: [lo, hi] }
  const { asm, s } = t
  const vmas = s.regions.filter(r => r.first < hi && r.end > lo)
  asm.within('madvise', () => {
    enter(t, 'madvise', lo, hi, 'read')
    for (const [i, vma] of vmas.entries()) {
      if (i > 0) nextVma(t)
      zapPageRangeSingle(t, Math.max(lo, vma.first), Math.min(hi, vma.end))
    }
    leave(t, 'madvise', lo, hi, { gathers: vmas.length > 0, writes: false, lock: 'read' })
  })
}

/** Between two VMAs: the gather of the one before is over. That of the last one ends with the call. */
function nextVma(t: Task): void {
  t.asm.op({
    fn: 'madvise_walk_vmas',
    file: 'mm/madvise.c',
    label: 'go on with the next VMA',
    why: 'Each VMA has a gather and a start/end pair of its own.',
    run: (m, _emit, next) => {
      decTlbFlushPending(t, m)
      setCursor(t, m, 0)
      return next
    },
    touches: [{ merges: [t.s.resources.flushPending] }],
  })
}

/** zap_page_range_single(): a gather, a start/end pair and a last flush for each VMA. Who calls it counts the gather off afterwards. */
export function zapPageRangeSingle(t: Task, lo: number, hi: number): void {
  const { asm } = t
  asm.within('zap_page_range_single', () => {
    asm.op({
      fn: 'tlb_gather_mmu',
      file: 'mm/mmu_gather.c',
      label: 'begin to gather',
      why: t.s.policy.nestedGatherForcesFlush
        ? 'mm->tlb_flush_pending counts the gathers at work, so that another zap can see that this one has not flushed yet.'
        : 'Pages wait in it for the flush. Nobody else can see that it is at work.',
      run: (m, emit, next) => {
        tlbGatherMmu(t, m, emit)
        return next
      },
      touches: [{ merges: [t.s.resources.flushPending] }],
    })
    invalidateRangeStart(t, 'CLEAR', lo, hi)
    unmapVmas(t, lo, hi)
    invalidateRangeEnd(t, 'CLEAR', lo, hi)
    tlbFinishMmu(t)
  })
}
