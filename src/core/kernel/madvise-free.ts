import { setTakenForClean } from '../machine/clean-pages.ts'
import { setLazyfree } from '../machine/folios.ts'
import { pteAt, pteDirty, pteMkclean, ptePfn, ptePresent, setPte } from '../machine/page-table.ts'
import { REVOKED } from '../machine/promises.ts'
import { pageVpn, toPfn } from '../machine/setup.ts'
import { changePtes } from './change-ptes.ts'
import { tlbFlushMmuTlbonly, tlbGatherMmu, widenRange } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import type { Task } from './task.ts'
import { tlbFinishMmu } from './tlb-finish.ts'

const FILE = 'mm/madvise.c'

/**
 * madvise(MADV_FREE) of pages [lo, hi) of one region of anonymous memory: the pages stay, and reclaim may drop each one that nobody has
 * written since. It is Dirty that tells, so the bit is cleared in place, and a write from then on must set it again.
 *
 * Kernel: madvise_free_single_vma(), madvise_free_pte_range() mm/madvise.c, from 4.5 on.
 * Simplified: Accessed is not kept; a folio that others map too is treated like any other.
 */
export function madviseFree(task: Task, lo: number, hi: number): void {
  const t: Task = { ...task, range: [lo, hi], inPlace: true }
  const { asm, s } = t
  asm.within('madvise', () => {
    enter(t, 'madvise', lo, hi, 'read')
    asm.within('madvise_free_single_vma', () => {
      asm.op({
        fn: 'tlb_gather_mmu',
        file: 'mm/mmu_gather.c',
        label: 'begin to gather',
        why: 'No page is freed here. The gather remembers which entries were changed, to flush them.',
        run: (m, emit, next) => {
          tlbGatherMmu(t, m, emit)
          return next
        },
      })
      invalidateRangeStart(t, 'CLEAR', lo, hi)
      asm.within('madvise_free_pte_range', () =>
        changePtes(t, lo, hi, {
          fn: 'ptep_get_and_clear_full',
          file: FILE,
          verb: 'clear Dirty of',
          why: 'The page is still mapped, and may still be written. A TLB that knows Dirty as set will not set it again.',
          looks: true,
          wants: (m, page) => pteDirty(pteAt(s.shape, m, page)),
          change: (m, page, emit) => {
            const pte = pteAt(s.shape, m, page)
            setPte(s.shape, m, page, pteMkclean(pte))
            setLazyfree(s.shape, m, ptePfn(pte), true)
            emit?.({ type: 'pte-cleaned', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)) })
            return true
          },
          record: (m, page) => widenRange(t, m, page),
        }),
      )
      if (!s.policy.mergeVmas) asm.within('tlb_end_vma', () => tlbFlushMmuTlbonly(t, 'inside', 'end-vma'))
      invalidateRangeEnd(t, 'CLEAR', lo, hi)
      tlbFinishMmu(t)
    })
    leave(t, 'madvise', lo, hi, {
      gathers: true,
      writes: false,
      lock: 'read',
      promises: () => REVOKED.nothing,
      done: m => {
        for (let page = lo; page < hi; page++) {
          const pte = pteAt(s.shape, m, page)
          if (ptePresent(pte) && !pteDirty(pte)) setTakenForClean(s.shape, m, page)
        }
      },
    })
  })
}
