import { fixedPages } from '../device/footprints.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { folioLocked, folioOf, swapUsers, unlockFolio } from '../machine/folios.ts'
import { hasFreeFrames, putPage } from '../machine/frames.ts'
import { mkPte, pteAt, pteDirty, ptePfn, ptePresent, setPte, tableFrame } from '../machine/page-table.ts'
import { NOBODY, pageLabel, pageVpn, toPfn, USE } from '../machine/setup.ts'
import { softAt } from '../machine/soft-pte.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { PhaseView } from '../threads/phase.ts'
import type { Label } from '../threads/program.ts'
import { flushTlb } from './flush-tlb.ts'
import { isolate } from './isolate-folio.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { allocateTables, leafPlace } from './page-fault.ts'
import { type Task, walked } from './task.ts'

const FILE = 'mm/userfaultfd.c'
const phase: PhaseView = { id: 'move', title: 'move the PTE', note: 'both locks held', kind: 'work', amber: true }

/**
 * ioctl(UFFDIO_MOVE): anonymous pages [lo, hi) move to addresses `to` and on, where nothing is mapped yet, under the read lock. Each page by
 * itself: start and end for its old address, and between them, under both page-table locks, clear and flush, then the new PTE.
 *
 * Kernel: move_pages(), move_pages_pte(), move_present_pte() mm/userfaultfd.c (adef440691ba; 6.8, not verified; read in a tree a little
 * later). Kernels before have no such call: what it would be there follows from their ptep_clear_flush(), which tells no secondary TLB
 * before 6.6, and their end().
 * Simplified: a page that cannot be moved is left where it is, and the next is tried; pages in swap stay there; any reference besides that
 * of the mapping counts as a pin; one reference decides whether the page is this process's alone (PageAnonExclusive).
 */
export function userfaultfdMove(task: Task, lo: number, hi: number, to: number): void {
  const t: Task = { ...task, range: [lo, hi] }
  const { asm } = t
  asm.within('userfaultfd_move', () => {
    enter(t, 'userfaultfd_move', lo, hi, 'read')
    asm.within('move_pages', () => {
      for (let page = lo; page < hi; page++) movePagesPte(t, page, page - lo + to)
    })
    leave(t, 'userfaultfd_move', lo, hi, { gathers: false, tells: true, writes: false, lock: 'read' })
  })
}

function movePagesPte(t: Task, from: number, to: number): void {
  const { asm, s } = t
  const [unlock, none] = [asm.label(), asm.label()]
  const missing = (m: Machine): number =>
    (s.shape.path[to] ?? []).filter(place => tableFrame(s.shape, m, place) < 0).length
  asm.beginPhase({ id: 'alloc', title: 'page tables', note: 'of the new address', kind: 'work', amber: false })
  asm.op({
    fn: 'mm_alloc_pmd',
    file: FILE,
    label: m =>
      missing(m) === 0 ? 'find the page table of the new address' : 'make the page tables of the new address',
    why: 'The table of the new address is there before the page is touched.',
    needs: [{ on: [s.resources.frames], holds: m => hasFreeFrames(s, m, missing(m)), as: 'reads' }],
    blocked: () => 'no frame is free',
    run: (m, emit, next) => {
      allocateTables(s, m, to, emit)
      return next
    },
  })
  asm.within('move_pages_pte', () => {
    invalidateRangeStart(t, 'CLEAR', from, from + 1)
    lockFolio(t, from, to, none)
    asm.within('move_present_pte', () => movePresentPte(t, from, to, unlock))
    asm.op({
      fn: 'folio_put',
      file: FILE,
      label: m => `unlock pfn ${folioOf(s, m, t.cpu)} and drop the reference`,
      why: 'Others may reclaim or migrate the page again, at its new address.',
      run: (m, emit, next) => {
        const pfn = folioOf(s, m, t.cpu)
        unlockFolio(s, m, t.cpu)
        putPage(s, m, pfn, emit)
        return next
      },
    })
    asm.place(none)
    invalidateRangeEnd(t, 'CLEAR', from, from + 1, { flushed: true })
  })
}

/** A page to move, and room for it: else -ENOENT, -EEXIST. folio_trylock() goes on to wait. */
function lockFolio(t: Task, from: number, to: number, none: Label): void {
  const { asm, s } = t
  const place = leafPlace(s, from)
  const frame = (m: Machine): number => ptePfn(pteAt(s.shape, m, from))
  const movable = (m: Machine): boolean =>
    ptePresent(pteAt(s.shape, m, from)) &&
    get(m, s.shape.use, frame(m)) === USE.anon &&
    swapUsers(s, m, frame(m)).length === 0 &&
    !ptePresent(pteAt(s.shape, m, to)) &&
    softAt(s.shape, m, to) === 0
  asm.beginPhase(phase)
  asm.op({
    fn: 'folio_trylock',
    file: FILE,
    label: m =>
      movable(m) ? `lock the page of ${pageLabel(s, from)}` : `find nothing to move at ${pageLabel(s, from)}`,
    why: 'A locked page is neither reclaimed nor migrated. Whoever zaps its mapping does not ask for this lock.',
    needs: [
      {
        on: [s.resources.ptl(place)],
        holds: m => !movable(m) || (ptlFree(s, m, place) && !folioLocked(s, m, frame(m))),
        as: 'reads',
      },
    ],
    blocked: m => (ptlFree(s, m, place) ? 'the page is locked' : ptlBlocked(s, m, place)),
    run: (m, _emit, next) => (movable(m) && isolate(s, m, t.cpu, from) ? next : none.at),
    goes: ['next', none],
  })
}

/** move_present_pte(): clear and flush, look for pins, set. */
function movePresentPte(t: Task, from: number, to: number, unlock: Label): void {
  const { asm, s } = t
  const { shape } = s
  const locks = [...new Set([leafPlace(s, from), leafPlace(s, to)])]
  const held = (m: Machine): number => locks.find(lock => !ptlFree(s, m, lock)) ?? -1
  const same = (m: Machine): boolean => {
    const pte = pteAt(shape, m, from)
    const pfn = folioOf(s, m, t.cpu)
    const free = !ptePresent(pteAt(shape, m, to)) && softAt(shape, m, to) === 0
    return ptePresent(pte) && ptePfn(pte) === pfn && get(m, shape.mapcount, pfn) === 1 && free
  }
  /** References besides that of the mapping and the call's own. */
  const pinned = (m: Machine): boolean => get(m, shape.refcount, folioOf(s, m, t.cpu)) > 2
  asm.op({
    fn: 'double_pt_lock',
    file: FILE,
    label: 'take both page-table locks, and look at both PTEs again',
    why: 'Under the read lock faults and zaps go on beside this call. Hardware that walks the table asks for no lock.',
    needs: [{ on: locks.map(s.resources.ptl), holds: m => held(m) < 0, as: 'reads' }],
    blocked: m => ptlBlocked(s, m, held(m)),
    run: (m, _emit, next) => {
      for (const lock of locks) set(m, shape.ptl, lock, t.holder)
      return same(m) ? next : unlock.at
    },
    goes: ['next', unlock],
  })
  flushTlb(t, {
    fn: 'ptep_clear_flush',
    pages: fixedPages(from, from + 1),
    tables: false,
    notifies: false,
    site: 'inside',
    phase: 'moved',
    first: (m, emit) => clear(t, m, from, emit),
  })
  asm.beginPhase(phase)
  asm.op({
    fn: 'set_pte_at',
    file: FILE,
    label: m =>
      pinned(m)
        ? `put the PTE of ${pageLabel(s, from)} back: the page is pinned`
        : `map the page at ${pageLabel(s, to)}`,
    why: 'The flush came first, then the look at the references: a pin that GUP-fast has taken through the old entry is seen.',
    run: (m, emit, next) => {
      const pte = get(m, shape.clearedPte, t.cpu)
      const at = pinned(m) ? from : to
      set(m, shape.clearedPte, t.cpu, 0)
      add(m, shape.mapcount, ptePfn(pte), 1)
      setPte(shape, m, at, at === to ? mkPte(ptePfn(pte), true, true) : pte)
      emit?.({ type: 'pte-set', vpn: pageVpn(s, at), pfn: toPfn(ptePfn(pte)), writable: true })
      return next
    },
  })
  asm.place(unlock)
  asm.op({
    fn: 'double_pt_unlock',
    file: FILE,
    label: 'drop both page-table locks',
    why: 'From here on others may unmap the page at its new address, and free it.',
    run: (m, _emit, next) => {
      for (const lock of locks) set(m, shape.ptl, lock, NOBODY)
      return next
    },
  })
}

/** ptep_clear_flush() clears first. The reference of the mapping goes on to the new one. */
function clear(t: Task, m: Machine, page: number, emit?: Emit): void {
  const { s } = t
  const pte = pteAt(s.shape, m, page)
  set(m, s.shape.clearedPte, t.cpu, pte)
  setPte(s.shape, m, page, 0)
  add(m, s.shape.mapcount, ptePfn(pte), -1)
  if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
  emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), dirty: pteDirty(pte) })
}
