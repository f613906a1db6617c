import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { freeTable, putPage } from '../machine/frames.ts'
import { detachedAt } from '../machine/huge-page.ts'
import { pteInTable, ptePfn, ptePresent, setPteInTable, tableFrame } from '../machine/page-table.ts'
import { REVOKED } from '../machine/promises.ts'
import { pageVpn, toPfn } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import type { Label } from '../threads/program.ts'
import { removeTable } from './collapse-table.ts'
import { emptyTable } from './huge-pmd.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { syncWalkers } from './sync-walkers.ts'
import type { Task } from './task.ts'

const FILE = 'mm/khugepaged.c'

/**
 * collapse_pte_mapped_thp(), retract_page_tables(): the page cache holds a huge page, and this process maps it PTE by PTE. Its page table is
 * taken out and freed, so that the next fault maps all of it with one entry.
 *
 * Three forms. Up to 6.0: PMD lock, flush, free, and nobody is told. 6.1: start and end around it (f268f6cf875f), and an IPI that waits for
 * GUP-fast before the table is freed (2ba99c5e0881). 6.12: the mmap lock is held for reading only, and the table is freed after a grace
 * period (pte_free_defer), which waits for GUP-fast too.
 *
 * Simplified: how the page cache came to hold a huge page is not modelled; PTEs go with their table (6.12 clears them just before), and so
 * do the references that they held, since nobody truncates a folio that is locked; locks of the reverse map are not taken.
 */
export function collapseFile(task: Task, place: TablePlace): void {
  const [lo, hi] = [place.firstPage, place.endPage]
  const mm = task.s.regions[task.s.regionOf[lo] ?? 0]?.mm ?? 0
  const t: Task = { ...task, mm, range: [lo, hi] }
  const { asm, s } = t
  const byRcu = s.policy.collapseTableFree === 'rcu'
  const nothing = asm.label()
  asm.within('collapse_pte_mapped_thp', () => {
    enter(t, 'collapse', lo, hi, byRcu ? 'read' : 'write')
    lookAtTable(t, place, nothing)
    if (s.policy.collapseNotifies) invalidateRangeStart(t, 'CLEAR', lo, hi)
    else asm.skipPhase({ id: 'start', title: 'no start() here', note: 'nobody is told', kind: 'hole', amber: false })
    removeTable(t, place, s.policy.collapseNotifies ? 'inside' : 'outside')
    if (s.policy.collapseSyncsWalkers && !byRcu) syncWalkers(t)
    if (s.policy.collapseNotifies) invalidateRangeEnd(t, 'CLEAR', lo, hi, { flushed: true })
    freeCollapsed(t, place, byRcu)
    asm.place(nothing)
    leave(t, 'collapse', lo, hi, {
      gathers: false,
      tells: true,
      writes: !byRcu,
      lock: byRcu ? 'read' : 'write',
      promises: () => REVOKED.nothing,
    })
  })
}

/** Is there a PTE table, and does it map the huge page of the page cache or nothing? */
function lookAtTable(t: Task, place: TablePlace, nothing: Label): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'look', title: 'look', note: 'the right PTEs?', kind: 'work', amber: false })
  asm.op({
    fn: 'find_pmd_or_thp_or_none',
    file: FILE,
    label: m => (tableFrame(s.shape, m, place.id) < 0 ? 'find no page table to remove' : 'look through the PTEs'),
    why: 'Every PTE names its page of the huge page, or none. So one PMD entry could map them all.',
    run: (m, _emit, next) => (tableFrame(s.shape, m, place.id) < 0 ? nothing.at : next),
    goes: ['next', nothing],
  })
}

/** Their PTEs, and what those held: the page cache keeps the pages. */
function clearAll(t: Task, m: Machine, place: TablePlace, emit?: Emit): void {
  const { s } = t
  for (let page = place.firstPage; page < place.endPage; page++) {
    const pte = pteInTable(s.shape, m, page)
    if (!ptePresent(pte)) continue
    setPteInTable(s.shape, m, page, 0)
    emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), dirty: false })
    dropMapping(t, m, ptePfn(pte), emit)
  }
}

/** folio_remove_rmap_pte(), folio_ref_sub(): the page cache keeps the page. */
function dropMapping({ s }: Task, m: Machine, pfn: number, emit?: Emit): void {
  add(m, s.shape.mapcount, pfn, -1)
  emit?.({ type: 'rmap-removed', pfn: toPfn(pfn), count: 1 })
  putPage(s, m, pfn, emit)
}

/** pte_free(), or pte_free_defer(): the table, and what the small mappings held. */
function freeCollapsed(t: Task, place: TablePlace, byRcu: boolean): void {
  const { asm, s } = t
  const { shape } = s
  asm.beginPhase({
    id: 'free',
    title: byRcu ? 'table to RCU' : 'free the table',
    note: byRcu ? 'after a grace period' : 'at once',
    kind: 'work',
    amber: true,
  })
  asm.op({
    fn: byRcu ? 'pte_free_defer' : 'pte_free',
    file: FILE,
    label: m =>
      `${byRcu ? 'leave' : 'free'} the PTE table in pfn ${detachedAt(shape, m, place.id)}${byRcu ? ' to RCU' : ''}`,
    why: byRcu
      ? 'A grace period waits for software that walks without locks.'
      : 'From here on the frame can be anybody’s. Whoever still walks it reads what its next owner writes.',
    run: (m, emit, next) => {
      const pfn = detachedAt(shape, m, place.id)
      clearAll(t, m, place, emit)
      emptyTable(t, m, place)
      if (byRcu) {
        set(m, shape.rcuList, get(m, shape.rcuCount, 0), pfn)
        add(m, shape.rcuCount, 0, 1)
        emit?.({ type: 'tables-queued-for-rcu', count: 1 })
      } else {
        freeTable(s, m, pfn, emit)
      }
      return next
    },
  })
}
