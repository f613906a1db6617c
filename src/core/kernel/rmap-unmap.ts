import { fixedPages } from '../device/footprints.ts'
import { keepsAccessed } from '../machine/accessed.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { noteDirtyLost } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { folioOf, isLazyfree, setLazyfree } from '../machine/folios.ts'
import { putPage } from '../machine/frames.ts'
import { pteAt, pteDirty, ptePfn, ptePresent, pteWrite, setPte, tableFrame } from '../machine/page-table.ts'
import { NOBODY, pageLabel, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { PhaseView } from '../threads/phase.ts'
import { LEVELS } from '../units.ts'
import { flushTlb } from './flush-tlb.ts'
import { setTlbUbcFlushPending, shouldDeferFlush } from './flush-tlb-batched.ts'
import { invalidatePage } from './invalidate-page.ts'
import { ptlIfThere } from './mmap-lock.ts'
import {
  invalidateRangeEnd,
  invalidateRangeStart,
  rangeCallbackActs,
  rangeHook,
  secondarySpecs,
} from './mmu-notifier.ts'
import { type Task, walked } from './task.ts'

const FILE = 'mm/rmap.c'

/** How a page is unmapped: what reclaim and migration do differently. */
export interface Unmapping {
  readonly fn: 'try_to_unmap_one' | 'try_to_migrate_one'
  /** TTU_BATCH_FLUSH: the flush of the CPUs may be put off. */
  readonly batched: boolean
  /** Pages that MADV_FREE has made free to drop are dropped, or put back when they were written since. */
  readonly drops?: true
  /** What takes the place of the PTE, in words; and does it. Runs under the page-table lock. */
  readonly leaves: string
  readonly install: (m: Machine, page: number, pte: number, emit?: Emit) => void
}

/** The pages at which a page can be mapped: its own and those that share its object, in every address space. */
export const rmapWalk = ({ objectOf }: Setup, page: number): number[] =>
  objectOf.flatMap((object, other) => (object === objectOf[page] ? [other] : []))

/** Address spaces that these pages lie in. */
export const mmsOf = (s: Setup, pages: readonly number[]): number[] => [
  ...new Set(pages.map(page => s.regions[s.regionOf[page] ?? 0]?.mm ?? 0)),
]

/**
 * Unmaps the folio that the CPU has isolated from one page of one mm, where it is mapped there. Up to 4.12 invalidate_page tells
 * secondary TLBs, in the lock or after it (policy.invalidatePagePlacement); from 4.13 on a start/end pair with invalidate_range inside,
 * from 4.15 to 6.5 for anonymous pages only; from 6.6 on the flush tells them, or what puts it off.
 *
 * Kernel: try_to_unmap_one(), try_to_migrate_one(), page_vma_mapped_walk() mm/rmap.c.
 * Simplified: rmap removal is part of clearing the PTE; rmap locks are not modelled, nor mlock. Whether the page was referenced is asked by reclaim, where Accessed bits are kept.
 */
export function unmapOne(task: Task, page: number, how: Unmapping): void {
  const { s, asm } = task
  const t: Task = { ...task, mm: mmsOf(s, [page])[0] ?? 0, range: [page, page + 1] }
  const placement = s.policy.invalidatePagePlacement
  const skip = asm.label()
  asm.within(how.fn, () => {
    if (placement === 'none') invalidateRangeStart(t, 'CLEAR', page, page + 1)
    asm.beginPhase(unmapPhase)
    lockPte(t, page, skip)
    clearAndFlush(t, page, how)
    if (placement === 'under-ptl') invalidatePage(t, page)
    asm.beginPhase(unmapPhase)
    const told = tellsLast(t, page, how)
    settlePte(t, page, how, !told)
    if (told) tellAndUnlock(t, page)
    if (placement === 'after-ptl') invalidatePage(t, page)
    asm.place(skip)
    if (placement === 'none')
      invalidateRangeEnd(t, 'CLEAR', page, page + 1, { flushed: !(how.batched && shouldDeferFlush(t)) })
  })
}

const unmapPhase: PhaseView = {
  id: 'unmap',
  title: 'unmap',
  note: 'through the reverse map',
  kind: 'work',
  amber: true,
}

const leafOf = (s: Setup, page: number): number => s.shape.path[page]?.[LEVELS.length - 1] ?? 0

/** page_vma_mapped_walk(): finds the PTE that maps the folio, and keeps its lock. */
function lockPte(t: Task, page: number, skip: { at: number }): void {
  const { s } = t
  const place = leafOf(s, page)
  const maps = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    return ptePresent(pte) && ptePfn(pte) === folioOf(s, m, t.cpu)
  }
  t.asm.op({
    fn: 'page_vma_mapped_walk',
    file: 'mm/page_vma_mapped.c',
    label: m =>
      maps(m) ? `find the PTE of ${pageLabel(s, page)}, and take its lock` : `not find it at ${pageLabel(s, page)}`,
    why: 'The reverse map leads from the page to its PTEs. No mmap lock is needed for that.',
    ...ptlIfThere(s, place),
    run: (m, emit, next) => {
      if (tableFrame(s.shape, m, place) < 0 || !maps(m)) return skip.at
      set(m, s.shape.ptl, place, t.holder)
      emit?.({ type: 'ptl-taken', table: toPfn(tableFrame(s.shape, m, place)) })
      return next
    },
    goes: ['next', skip],
  })
}

/** ptep_clear_flush(), or ptep_get_and_clear() with the flush put off. */
function clearAndFlush(t: Task, page: number, how: Unmapping): void {
  const { asm, s } = t
  const { policy } = s
  const readsFirst = keepsAccessed(s.shape) && !policy.pteClearIsExchange
  if (readsFirst) readPte(t, page)
  const clear = (m: Machine, emit?: Emit): void => {
    const now = pteAt(s.shape, m, page)
    const pte = readsFirst ? get(m, s.shape.readPte, t.cpu) : now
    if (readsFirst) set(m, s.shape.readPte, t.cpu, 0)
    // Anonymous pages are written out in any case, but those that MADV_FREE has made free to drop.
    const matters = (s.fileFrame[page] ?? -1) >= 0 || isLazyfree(s.shape, m, ptePfn(pte))
    if (pteDirty(now) && !pteDirty(pte) && matters) noteDirtyLost(s, m, page, ptePfn(pte), emit)
    set(m, s.shape.clearedPte, t.cpu, pte)
    setPte(s.shape, m, page, 0)
    add(m, s.shape.mapcount, ptePfn(pte), -1)
    if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
    emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), dirty: pteDirty(pte) })
    emit?.({ type: 'rmap-removed', pfn: toPfn(ptePfn(pte)), count: 1 })
  }
  if (!(how.batched && shouldDeferFlush(t))) {
    flushTlb(t, {
      fn: 'ptep_clear_flush',
      pages: fixedPages(page, page + 1),
      tables: false,
      notifies: false,
      callerTells: tellsLast(t, page, how),
      site: 'inside',
      phase: 'unmap',
      first: clear,
    })
    return
  }
  asm.op({
    fn: 'ptep_get_and_clear',
    file: FILE,
    label: `clear the PTE of ${pageLabel(s, page)}`,
    why: 'The page is unmapped from here on, and nothing has been flushed.',
    run: (m, emit, next) => {
      clear(m, emit)
      return next
    },
  })
  setTlbUbcFlushPending(t, page, m => pteDirty(get(m, s.shape.clearedPte, t.cpu)))
}

/**
 * From 4.13 to 6.5 mmu_notifier_invalidate_range() is the last thing under the lock, when the new entry is in its place. From 4.15 on it is left to
 * end() for pages of files, and by migration: nobody can map the frame again before, the page cache or the migration entry sees to that.
 */
function tellsLast(t: Task, page: number, how: Unmapping): boolean {
  const { policy, fileFrame } = t.s
  if (policy.invalidatePagePlacement !== 'none' || policy.archFlushNotifies || !rangeCallbackActs(t)) return false
  return policy.rmapRangeCall === 'every-page' || ((fileFrame[page] ?? -1) < 0 && how.fn === 'try_to_unmap_one')
}

/** Not called for a page whose PTE was put back: of that only end() tells. */
function tellAndUnlock(t: Task, page: number): void {
  const { asm, s } = t
  const after = asm.label()
  const putBack = (m: Machine): boolean => ptePresent(pteAt(s.shape, m, page))
  asm.beginPhase({
    id: 'secondary unmap',
    title: rangeHook(t),
    note: 'under the page-table lock',
    kind: 'call',
    amber: true,
  })
  for (const spec of secondarySpecs(t, 'inside', fixedPages(page, page + 1), () => false)) {
    asm.op({
      ...spec,
      run: (m, emit, next) => (putBack(m) ? after.at : spec.run(m, emit, next)),
      goes: [...(spec.goes ?? ['next']), after],
    })
  }
  asm.place(after)
  asm.beginPhase(unmapPhase)
  asm.op({
    fn: 'page_vma_mapped_walk',
    file: 'mm/page_vma_mapped.c',
    label: 'drop the page-table lock',
    why: 'Others may change this table again.',
    run: (m, emit, next) => {
      dropLock(t, m, page, emit)
      return next
    },
  })
}

function dropLock({ s }: Task, m: Machine, page: number, emit?: Emit): void {
  const place = leafOf(s, page)
  set(m, s.shape.ptl, place, NOBODY)
  emit?.({ type: 'ptl-released', table: toPfn(tableFrame(s.shape, m, place)) })
}

/** The page whose PTE was cleared had been given up by MADV_FREE, and was written since or is held by somebody. */
function putsBack(t: Task, m: Machine, how: Unmapping): boolean {
  const pte = get(m, t.s.shape.clearedPte, t.cpu)
  const pfn = ptePfn(pte)
  return how.drops === true && isLazyfree(t.s.shape, m, pfn) && !droppable(t, m, pfn, pte)
}

/** Reading the PTE in one step and clearing it in the next, as no kernel does. Walkers take no lock. */
function readPte({ asm, s, cpu }: Task, page: number): void {
  asm.op({
    fn: 'ptep_get',
    file: FILE,
    label: `read the PTE of ${pageLabel(s, page)}`,
    why: 'The lock keeps software out. A walker may still set Accessed and Dirty, and what was read does not show it.',
    run: (m, _emit, next) => {
      set(m, s.shape.readPte, cpu, pteAt(s.shape, m, page))
      return next
    },
  })
}

/** What takes the place of the PTE; then the mapping and its reference go, and the lock, unless secondary TLBs are to be told first. */
function settlePte(t: Task, page: number, how: Unmapping, unlocks: boolean): void {
  const { s } = t
  const unlock = (m: Machine, emit?: Emit): void => {
    if (unlocks) dropLock(t, m, page, emit)
  }
  t.asm.op({
    fn: how.fn,
    file: FILE,
    label: `${how.leaves} at ${pageLabel(s, page)}${unlocks ? ', and drop the lock' : ''}`,
    why: 'The Dirty bit of the PTE is now the page’s. The mapping’s reference goes; that of whoever has isolated the page keeps it.',
    run: (m, emit, next) => {
      const pte = get(m, s.shape.clearedPte, t.cpu)
      const pfn = ptePfn(pte)
      const back = putsBack(t, m, how)
      set(m, s.shape.clearedPte, t.cpu, 0)
      if (back) {
        restore(t, m, page, pte, emit)
        unlock(m, emit)
        return next
      }
      if (pteDirty(pte)) set(m, s.shape.folioDirty, t.cpu, 1)
      how.install(m, page, pte, emit)
      putPage(s, m, pfn, emit)
      unlock(m, emit)
      return next
    },
  })
}

/** A page after MADV_FREE may be dropped: nobody has written it since, and nobody but its mappings has a reference. */
function droppable({ s, cpu }: Task, m: Machine, pfn: number, pte: number): boolean {
  const due = 1 + get(m, s.shape.mapcount, pfn) + 1
  return !pteDirty(pte) && get(m, s.shape.folioDirty, cpu) === 0 && get(m, s.shape.refcount, pfn) === due
}

/** It was written after all: the PTE is put back, and the page is one like any other (folio_set_swapbacked()). */
function restore({ s }: Task, m: Machine, page: number, pte: number, emit?: Emit): void {
  const pfn = ptePfn(pte)
  setPte(s.shape, m, page, pte)
  setLazyfree(s.shape, m, pfn, false)
  add(m, s.shape.mapcount, pfn, 1)
  emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: pteWrite(pte) })
}
