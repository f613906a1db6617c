import type { Machine } from '../machine/cells.ts'
import { mkPte, pteAt, pteDirty, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { REVOKED, type Revoked } from '../machine/promises.ts'
import { pageVpn, toPfn } from '../machine/setup.ts'
import { changePtes } from './change-ptes.ts'
import { flushTlb } from './flush-tlb.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { mmOf, type Task } from './task.ts'
import { incTlbFlushPending } from './tlb-finish.ts'

const FILE = 'fs/proc/task_mmu.c'

/**
 * 4 is written to /proc/pid/clear_refs: every page of the process is write-protected, so that the next write to each faults and is
 * noted (soft-dirty). Who saves the process counts on it that no write goes by unseen from then on.
 *
 * Kernel: clear_refs_write() fs/proc/task_mmu.c: start(SOFT_DIRTY) for the whole mm, the walk, end(), then flush_tlb_mm().
 * Simplified: the soft-dirty bit itself is not kept, and VM_SOFTDIRTY of the VMAs is not either.
 */
export function clearRefs(task: Task): void {
  const { first: lo, end: hi } = mmOf(task)
  const t: Task = { ...task, range: [lo, hi] }
  const { asm, s } = t
  const present = (m: Machine, page: number): boolean => ptePresent(pteAt(s.shape, m, page))
  asm.within('clear_refs_write', () => {
    enter(t, 'clear_refs', lo, hi, 'write')
    // From 4.13 on, like every gather.
    const counts = s.policy.nestedGatherForcesFlush
    if (counts)
      asm.op({
        fn: 'inc_tlb_flush_pending',
        file: 'include/linux/mm_types.h',
        label: 'note that a flush is to come',
        why: 'Who changes the same entries meanwhile can see that they are not flushed yet.',
        run: (m, emit, next) => {
          incTlbFlushPending(t, m, emit)
          return next
        },
      })
    invalidateRangeStart(t, 'SOFT_DIRTY', lo, hi)
    asm.within('clear_refs_pte_range', () =>
      changePtes(t, lo, hi, {
        fn: 'clear_soft_dirty',
        file: FILE,
        verb: 'write-protect',
        why: 'The next write is to fault. A TLB that has a writable entry does not fault.',
        looks: false,
        wants: (m, page) => present(m, page) && pteWrite(pteAt(s.shape, m, page)),
        change: (m, page, emit) => {
          const pte = pteAt(s.shape, m, page)
          setPte(s.shape, m, page, mkPte(ptePfn(pte), false, pteDirty(pte)))
          emit?.({ type: 'pte-protected', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), writable: false })
          return true
        },
        record: () => {},
      }),
    )
    invalidateRangeEnd(t, 'SOFT_DIRTY', lo, hi)
    flushTlb(t, {
      fn: 'flush_tlb_mm',
      pages: 'mm',
      tables: false,
      notifies: false,
      site: 'outside',
      unlocked: true,
      phase: 'mm',
    })
    const promises = (m: Machine, page: number): Revoked =>
      present(m, page) && !pteWrite(pteAt(s.shape, m, page)) ? REVOKED.write : REVOKED.nothing
    leave(t, 'clear_refs', lo, hi, { gathers: counts, tells: true, writes: true, lock: 'write', promises })
  })
}
