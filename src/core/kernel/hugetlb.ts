import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { setTableFrame, tableFrame } from '../machine/page-table.ts'
import { pageVpn, toPfn } from '../machine/setup.ts'
import { isShared } from '../machine/shared-tables.ts'
import { setUncovered } from '../machine/uncovered.ts'
import { tlbFlushMmuTlbonly, widenRange } from './mmu-gather.ts'
import { syncWalkers } from './sync-walkers.ts'
import { holderName, type Task, walked } from './task.ts'

const FILE = 'mm/hugetlb.c'

/**
 * __unmap_hugepage_range(), mm/hugetlb.c, for a page table that may be shared: under the lock of the file, the one who shares it clears its own
 * entry for the table and leaves the PTEs to the others (huge_pmd_unshare()); the last one clears the PTEs, which `zap` writes.
 *
 * From 5.16 on the range is recorded then, and flushed before the lock is dropped: the others may free the pages as soon as they have it.
 * From 2025 on an IPI waits for GUP-fast first, which may be reading the table in this process: the others are free to do with it what they like.
 * Simplified: the table is one of PTEs (machine/shared-tables.ts); the lock is that of one file, and only this path takes it.
 */
export function unmapHugepageRange(t: Task, place: number, from: number, to: number, zap: () => void): void {
  const { asm, s } = t
  const { iMmapLock } = s.shape
  const flushes = s.policy.unshareRecordsRange
  const [last, sync, flush, unlock, end] = [asm.label(), asm.label(), asm.label(), asm.label(), asm.label()]
  asm.within('__unmap_hugepage_range', () => {
    asm.op({
      fn: 'i_mmap_lock_write',
      file: 'include/linux/fs.h',
      label: 'take the lock of the file',
      why: 'Whoever shares the page table is found through the file, so nobody comes or goes meanwhile.',
      needs: [{ on: [], holds: m => get(m, iMmapLock, 0) === 0, as: 'reads' }],
      blocked: m => `the lock of the file is held by ${holderName(s, get(m, iMmapLock, 0))}`,
      run: (m, _emit, next) => {
        set(m, iMmapLock, 0, t.holder)
        return next
      },
    })
    asm.op({
      fn: 'huge_pmd_unshare',
      file: FILE,
      label: m =>
        isShared(s.shape, m, place)
          ? 'clear its entry for the shared page table'
          : 'see that nobody shares the page table',
      why: 'One entry is cleared, and all pages below it are out of reach in this process. Its TLBs may still have each of them.',
      run: (m, emit) => {
        if (!isShared(s.shape, m, place)) return last.at
        unshare(t, m, place, from, to, emit)
        return s.policy.unshareSyncsWalkers ? sync.at : flushes ? flush.at : unlock.at
      },
      goes: [last, s.policy.unshareSyncsWalkers ? sync : flushes ? flush : unlock],
    })
    asm.place(sync)
    if (s.policy.unshareSyncsWalkers) syncWalkers(t)
    asm.place(flush)
    if (flushes || s.policy.unshareSyncsWalkers) {
      if (flushes) tlbFlushMmuTlbonly(t, 'inside', 'gather')
      asm.op({
        fn: 'i_mmap_unlock_write',
        file: 'include/linux/fs.h',
        label: 'drop the lock of the file, having let the table go',
        why: 'From here on the others may free the pages.',
        run: m => {
          set(m, iMmapLock, 0, 0)
          return end.at
        },
        goes: [end],
      })
    }
    asm.place(last)
    zap()
    asm.place(unlock)
    asm.op({
      fn: 'i_mmap_unlock_write',
      file: 'include/linux/fs.h',
      label: 'drop the lock of the file',
      why: 'From here on the others may unmap and free the pages.',
      run: (m, _emit, next) => {
        set(m, iMmapLock, 0, 0)
        return next
      },
    })
    asm.place(end)
  })
}

function unshare(t: Task, m: Machine, place: number, from: number, to: number, emit?: Emit): void {
  const { s } = t
  const pfn = tableFrame(s.shape, m, place)
  setTableFrame(s.shape, m, place, -1)
  emit?.({ type: 'table-unshared', vpn: pageVpn(s, from), pfn: toPfn(pfn) })
  for (let page = from; page < to; page++) {
    if (s.policy.unshareRecordsRange) widenRange(t, m, page)
    if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
  }
}
