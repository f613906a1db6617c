import { fixedPages } from '../device/footprints.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import type { Emit } from '../machine/event.ts'
import { folioOf, unlockFolio } from '../machine/folios.ts'
import { putPage } from '../machine/frames.ts'
import { mkPte, pteAt, pteDirty, ptePfn, ptePresent, pteWrite, setPte, tableFrame } from '../machine/page-table.ts'
import { promise, REVOKED } from '../machine/promises.ts'
import { NOBODY, pageLabel, pageVpn, toPfn } from '../machine/setup.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { Label } from '../threads/program.ts'
import { flushTlb } from './flush-tlb.ts'
import { invalidatePage } from './invalidate-page.ts'
import { isolate } from './isolate-folio.ts'
import { lockOf, ptlIfThere } from './mmap-lock.ts'
import {
  callSecondary,
  invalidateRangeEnd,
  invalidateRangeStart,
  rangeCallbackActs,
  rangeHook,
} from './mmu-notifier.ts'
import { checkCovered } from './operation.ts'
import { mmsOf, rmapWalk } from './rmap-unmap.ts'
import { type Task, walked } from './task.ts'

/**
 * Writeback of pages [lo, hi) of a file by a kernel thread: each page is write-protected and made clean wherever it is mapped, so that the
 * next write faults and makes it dirty again; then it is written out.
 *
 * Kernel: folio_clear_dirty_for_io() mm/page-writeback.c, page_mkclean_one() mm/rmap.c.
 * Simplified: pages are named; writing out is one step; the reference stands for what keeps a page under writeback.
 */
export function writeback(t: Task, lo: number, hi: number): void {
  for (let page = lo; page < hi; page++) t.asm.within('write_cache_pages', () => writePage(t, page))
}

function writePage(t: Task, page: number): void {
  const { asm, s } = t
  const skip = asm.label()
  const mapped = rmapWalk(s, page)
  asm.beginPhase({ id: 'enter', title: 'writeback', note: 'no mmap lock', kind: 'work', amber: false })
  asm.op({
    fn: 'folio_lock',
    file: 'mm/page-writeback.c',
    label: `lock the page of ${pageLabel(s, page)}, if it is mapped`,
    why: 'Faults that would map the page wait for its lock.',
    run: (m, _emit, next) => (isolate(s, m, t.cpu, page) ? next : skip.at),
    goes: ['next', skip],
  })
  asm.within('folio_mkclean', () => {
    for (const at of mapped) mkcleanOne(t, at)
  })
  asm.beginPhase({ id: 'write out', title: 'write out', note: 'writepage()', kind: 'work', amber: true })
  asm.op({
    fn: 'folio_start_writeback',
    file: 'mm/page-writeback.c',
    label: m => `write pfn ${folioOf(s, m, t.cpu)} out`,
    why: 'It counts as clean from here on. A write that does not fault is not noticed, and lost with the next reclaim.',
    run: (m, emit, next) => {
      const pfn = folioOf(s, m, t.cpu)
      // Where somebody has faulted meanwhile the page is dirty again, and will be written out once more.
      if (!mapped.some(at => pteWrite(pteAt(s.shape, m, at)))) takeContents(s.shape, m, pfn)
      for (const at of mapped) if (!pteWrite(pteAt(s.shape, m, at))) promise(s.shape, m, at, REVOKED.write)
      emit?.({ type: 'page-written-out', pfn: toPfn(pfn), vpn: pageVpn(s, page) })
      unlockFolio(s, m, t.cpu)
      putPage(s, m, pfn, emit)
      for (const at of mapped) checkCovered(t, m, at, at + 1, emit)
      return next
    },
  })
  asm.place(skip)
}

/** page_mkclean_one(): clears, flushes, and sets the PTE again without the write bit and Dirty. */
function mkcleanOne(task: Task, page: number): void {
  const { asm, s } = task
  const t: Task = { ...task, mm: mmsOf(s, [page])[0] ?? 0, range: [page, page + 1] }
  const placement = s.policy.invalidatePagePlacement
  const skip = asm.label()
  asm.within('page_mkclean_one', () => {
    if (placement === 'none') invalidateRangeStart(t, 'PROTECTION_PAGE', page, page + 1)
    lockPte(t, page, skip)
    // 4.13 and 4.14: invalidate_range comes last under the lock, when the entry is there again.
    const tellsLast =
      placement === 'none' &&
      s.policy.rmapRangeCall === 'every-page' &&
      !s.policy.archFlushNotifies &&
      rangeCallbackActs(t)
    flushTlb(t, {
      fn: 'ptep_clear_flush',
      pages: fixedPages(page, page + 1),
      tables: false,
      notifies: false,
      callerTells: tellsLast,
      site: 'inside',
      phase: 'mkclean',
      first: (m, emit) => clear(t, m, page, emit),
    })
    if (placement === 'under-ptl') invalidatePage(t, page)
    asm.op({
      fn: 'set_pte_at',
      file: 'mm/rmap.c',
      label: `map ${pageLabel(s, page)} again, read-only and clean${tellsLast ? '' : ', and drop the lock'}`,
      why: 'The next write faults, and that makes the page dirty again.',
      run: (m, emit, next) => {
        const pte = get(m, s.shape.clearedPte, t.cpu)
        set(m, s.shape.clearedPte, t.cpu, 0)
        setPte(s.shape, m, page, mkPte(ptePfn(pte), false, false))
        emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), writable: false })
        if (!tellsLast) set(m, s.shape.ptl, lockOf(t, page), NOBODY)
        return next
      },
    })
    if (tellsLast) tellAndUnlock(t, page)
    if (placement === 'after-ptl') invalidatePage(t, page)
    asm.place(skip)
    if (placement === 'none') invalidateRangeEnd(t, 'PROTECTION_PAGE', page, page + 1, { flushed: true })
  })
}

/** mmu_notifier_invalidate_range(), then page_vma_mapped_walk() drops the lock. */
function tellAndUnlock(t: Task, page: number): void {
  const { asm, s } = t
  asm.beginPhase({
    id: 'secondary mkclean',
    title: rangeHook(t),
    note: 'under the page-table lock',
    kind: 'call',
    amber: true,
  })
  callSecondary(t, 'inside', fixedPages(page, page + 1))
  asm.op({
    fn: 'page_vma_mapped_walk',
    file: 'mm/page_vma_mapped.c',
    label: 'drop the page-table lock',
    why: 'Whoever writes now faults.',
    run: (m, _emit, next) => {
      set(m, s.shape.ptl, lockOf(t, page), NOBODY)
      return next
    },
  })
}

function lockPte(t: Task, page: number, skip: Label): void {
  const { s } = t
  const place = lockOf(t, page)
  const wants = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    return ptePresent(pte) && ptePfn(pte) === folioOf(s, m, t.cpu) && (pteWrite(pte) || pteDirty(pte))
  }
  t.asm.beginPhase({
    id: 'mkclean',
    title: 'write-protect',
    note: 'through the reverse map',
    kind: 'work',
    amber: true,
  })
  t.asm.op({
    fn: 'page_vma_mapped_walk',
    file: 'mm/page_vma_mapped.c',
    label: m =>
      wants(m) ? `find the PTE of ${pageLabel(s, page)}, and take its lock` : 'find nothing to write-protect',
    why: 'A PTE that is neither writable nor dirty is left as it is.',
    ...ptlIfThere(s, place),
    run: (m, _emit, next) => {
      if (tableFrame(s.shape, m, place) < 0 || !wants(m)) return skip.at
      set(m, s.shape.ptl, place, t.holder)
      return next
    },
    goes: ['next', skip],
  })
}

/** The mapping stays: only the entry goes for a moment. */
function clear(t: Task, m: Machine, page: number, emit?: Emit): void {
  const { s } = t
  const pte = pteAt(s.shape, m, page)
  set(m, s.shape.clearedPte, t.cpu, pte)
  setPte(s.shape, m, page, 0)
  if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
  emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), dirty: pteDirty(pte) })
}
