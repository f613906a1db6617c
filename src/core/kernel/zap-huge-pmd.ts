import { get } from '../machine/cells.ts'
import { freeTable } from '../machine/frames.ts'
import { hugePmdAt } from '../machine/huge-page.ts'
import type { TablePlace } from '../machine/shape.ts'
import type { Label } from '../threads/program.ts'
import { clearHuge, pmdLockBlocked, pmdLockNeeds, withdrawTable } from './huge-pmd.ts'
import { rangeText } from './mmap-lock.ts'
import { gatherPage, tlbFlushMmuFree, tlbFlushMmuTlbonly, widenRange } from './mmu-gather.ts'
import type { Task } from './task.ts'

const FILE = 'mm/huge_memory.c'

/**
 * zap_huge_pmd(): one entry of a PMD table is cleared, its huge page is queued, and the PTE table that was kept for it is freed at once, since
 * nobody has been able to walk it. Goes on to `past` when it had something to do; else the pages are mapped by PTEs, if at all.
 *
 * Simplified: taking the PMD lock, clearing and dropping it are one step; each frame of the huge page counts in the batch.
 */
export function zapHugePmd(t: Task, place: TablePlace, past: Label): void {
  const { asm, s, k } = t
  const { shape } = s
  const small = asm.label()
  const pages = place.endPage - place.firstPage
  const canForce = s.batchSize <= s.vpns.length
  const full = (m: Parameters<typeof hugePmdAt>[1]): boolean => get(m, k.gatherPages, 0) >= s.batchSize
  asm.within('zap_huge_pmd', () => {
    asm.beginPhase({ id: 'zap', title: 'unmap', note: 'PTEs cleared, pages queued', kind: 'work', amber: true })
    asm.op({
      fn: 'pmd_trans_huge_lock',
      file: FILE,
      label: m =>
        hugePmdAt(shape, m, place.id) === 0
          ? 'find no huge page here'
          : `clear the PMD entry of ${rangeText(s, place.firstPage, place.endPage)}`,
      why: 'One entry less, and all pages below it are unmapped. Every TLB may still hold the old translation.',
      needs: pmdLockNeeds(t, place),
      blocked: m => pmdLockBlocked(t, m, place),
      run: (m, emit, next) => {
        if (hugePmdAt(shape, m, place.id) === 0) return small.at
        const pfn = clearHuge(t, m, place, emit)
        for (let i = 0; i < pages; i++) {
          widenRange(t, m, place.firstPage + i)
          gatherPage(t, m, pfn + i, emit)
        }
        const kept = withdrawTable(t, m, place)
        if (kept >= 0) freeTable(s, m, kept, emit)
        return canForce && full(m) ? next : past.at
      },
      goes: ['next', small, past],
    })
    if (canForce) {
      tlbFlushMmuTlbonly(t, 'inside', 'gather', (_m, emit) => emit?.({ type: 'flush-forced', why: 'batch-full' }))
      asm.within('tlb_flush_mmu', () => tlbFlushMmuFree(t, 'forced'))
      asm.op({
        fn: 'zap_pmd_range',
        file: 'mm/memory.c',
        label: 'go on behind the huge page',
        why: 'The queued pages are free, and the start/end pair is still open.',
        run: () => past.at,
        goes: [past],
      })
    }
    asm.place(small)
  })
}
