import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { depositAt, hugePmdAt, mkHugePmd, pmdPfn, setDeposit, setDetached, setHugePmd } from '../machine/huge-page.ts'
import { setPteInTable, setTableFrame, tableFrame } from '../machine/page-table.ts'
import { grantAnew } from '../machine/promises.ts'
import { NOBODY, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { Need } from '../threads/footprint.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'
import { type Task, walked } from './task.ts'

/*
 * What operations on huge pages have in common: mm/huge_memory.c, mm/pgtable-generic.c. `place` is that of the PTE table in whose stead
 * the entry maps memory. The PMD lock is one for each PMD table, as with split PMD locks.
 */

/** pmd_lock() is free. */
export const pmdLockNeeds = ({ s }: Task, place: TablePlace): Need[] => [
  { on: [s.resources.ptl(place.parent)], holds: m => ptlFree(s, m, place.parent), as: 'reads' },
]
export const pmdLockBlocked = ({ s }: Task, m: Machine, place: TablePlace): string => ptlBlocked(s, m, place.parent)

/** pmd_lock(): the lock of the table that the PMD entry stands in. */
export function lockPmd(t: Task, m: Machine, place: TablePlace, emit?: Emit): void {
  set(m, t.s.shape.ptl, place.parent, t.holder)
  emit?.({ type: 'ptl-taken', table: toPfn(tableFrame(t.s.shape, m, place.parent)) })
}

/** Drops it, if the task has it. */
export function unlockPmd(t: Task, m: Machine, place: TablePlace, emit?: Emit): void {
  if (get(m, t.s.shape.ptl, place.parent) !== t.holder) return
  set(m, t.s.shape.ptl, place.parent, NOBODY)
  emit?.({ type: 'ptl-released', table: toPfn(tableFrame(t.s.shape, m, place.parent)) })
}

/** The last step of a critical section. */
export function unlockPmdOp(t: Task, place: TablePlace): void {
  t.asm.op({
    fn: 'spin_unlock',
    file: 'include/linux/spinlock.h',
    label: 'drop the PMD lock',
    why: 'Others may change this PMD table again.',
    run: (m, emit, next) => {
      unlockPmd(t, m, place, emit)
      return next
    },
  })
}

/** set_pmd_at() with mk_huge_pmd(): all pages of the place are mapped by one entry, and counted so. */
export function mapHuge(s: Setup, m: Machine, place: TablePlace, pfn: number, writable: boolean, emit?: Emit): void {
  const { shape } = s
  setHugePmd(shape, m, place.id, mkHugePmd(pfn, writable, writable))
  for (let page = place.firstPage; page < place.endPage; page++) {
    add(m, shape.mapcount, pfn + page - place.firstPage, 1)
    grantAnew(shape, m, page, writable)
  }
  emit?.({
    type: 'huge-pmd-set',
    vpn: pageVpn(s, place.firstPage),
    pfn: toPfn(pfn),
    pages: place.endPage - place.firstPage,
  })
}

/** pmdp_huge_get_and_clear() and folio_remove_rmap_pmd(). Returns the first frame of the huge page. */
export function clearHuge(t: Task, m: Machine, place: TablePlace, emit?: Emit): number {
  const { shape } = t.s
  const pfn = pmdPfn(hugePmdAt(shape, m, place.id))
  setHugePmd(shape, m, place.id, 0)
  for (let page = place.firstPage; page < place.endPage; page++) {
    add(m, shape.mapcount, pfn + page - place.firstPage, -1)
    noteUntold(t, m, page)
  }
  emit?.({
    type: 'huge-pmd-cleared',
    vpn: pageVpn(t.s, place.firstPage),
    pfn: toPfn(pfn),
    pages: place.endPage - place.firstPage,
  })
  return pfn
}

/** I5: the secondary TLB must be told of this page. */
export function noteUntold(t: Task, m: Machine, page: number): void {
  if (walked(t, m)) setUncovered(t.s, m, t.cpu, page, true)
}

/** pmdp_collapse_flush(), its first half: the PMD entry is cleared, and the table leaves the tree with its PTEs in it. */
export function detachTable(t: Task, m: Machine, place: TablePlace, emit?: Emit): void {
  const { shape } = t.s
  const pfn = tableFrame(shape, m, place.id)
  setTableFrame(shape, m, place.id, -1)
  setDetached(shape, m, place.id, pfn)
  if (walked(t, m)) set(m, shape.uncoveredTable, place.id, 1)
  for (let page = place.firstPage; page < place.endPage; page++) noteUntold(t, m, page)
  emit?.({ type: 'table-detached', vpn: pageVpn(t.s, place.firstPage), pfn: toPfn(pfn) })
}

/** Nothing is left in the table: nobody will look for PTEs in it any more. */
export function emptyTable(t: Task, m: Machine, place: TablePlace): void {
  for (let page = place.firstPage; page < place.endPage; page++) setPteInTable(t.s.shape, m, page, 0)
  setDetached(t.s.shape, m, place.id, -1)
}

/** pgtable_trans_huge_deposit() */
export function depositTable(t: Task, m: Machine, place: TablePlace, pfn: number, emit?: Emit): void {
  setDeposit(t.s.shape, m, place.id, pfn)
  emit?.({ type: 'table-deposited', pfn: toPfn(pfn) })
}

/** pgtable_trans_huge_withdraw(): the table that was kept, or -1. */
export function withdrawTable(t: Task, m: Machine, place: TablePlace): number {
  const pfn = depositAt(t.s.shape, m, place.id)
  if (pfn >= 0) setDeposit(t.s.shape, m, place.id, -1)
  return pfn
}
