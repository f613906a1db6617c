import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { freeTable, putPage } from '../machine/frames.ts'
import { pteInTable, ptePfn, ptePresent, setPteInTable, setTableFrame, tableFrame } from '../machine/page-table.ts'
import { retractedAt, setRetracted } from '../machine/retracted.ts'
import { foundByFile } from '../machine/reverse-map.ts'
import { NOBODY, pageVpn, toPfn } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { Need } from '../threads/footprint.ts'
import { hexAddr } from '../units.ts'
import { flushTlb } from './flush-tlb.ts'
import { mmapBlocked, mmapUnlock, mmapWriteLock, mmapWriteNeeds, ptlBlocked, ptlFree } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { pmdFlushRange } from './split-huge-pmd.ts'
import { syncWalkers } from './sync-walkers.ts'
import { type Task, walked } from './task.ts'
import { mappingsOf } from './unmap-mapping-range.ts'

const FILE = 'mm/khugepaged.c'

/**
 * retract_page_tables(), the end of collapse_file(): the page cache holds a huge page now, and the page tables of everyone who maps the file
 * there are taken out, so that the next fault can map it with one entry. They are found through the file, whoever's they are.
 *
 * Up to 6.5 with the mmap lock of each of them, and the table is freed at once; since 1d65b771bc08 (6.6) with no lock but that of the
 * reverse map, the PMD and the PTEs, and after a grace period. Start and end around it since f268f6cf875f (6.1), and until 6.5 the sync IPI of
 * 2ba99c5e0881. The change of 6.6 was read as a patch.
 *
 * Simplified: how the page cache comes to hold a huge page is not modelled, and a later fault maps page by page. In the kernel the PTEs are
 * gone before, page by page and with their own pairs; here they are cleared with the PMD entry. The lock of the reverse map is held for one
 * page table at a time (rmap-lock.ts). Where the mmap lock was only tried, here it is waited for.
 */
export function retractPageTables(task: Task, lo: number, hi: number): void {
  const { asm, s } = task
  asm.within('retract_page_tables', () => {
    for (const [from, to, mm] of mappingsOf(task, lo, hi)) {
      const t: Task = { ...task, mm, range: [from, to] }
      const places = s.shape.places.filter(p => p.level === 'PTE' && p.firstPage < to && p.endPage > from)
      for (const place of places) retract(t, place)
    }
  })
}

function retract(t: Task, place: TablePlace): void {
  const { asm, s } = t
  const [lo, hi] = [place.firstPage, place.endPage]
  const byRcu = s.policy.collapseTableFree === 'rcu'
  const skip = asm.label()
  const locks = [place.parent, place.id]
  const held = (m: Machine): number => locks.find(lock => !ptlFree(s, m, lock)) ?? -1
  const found = (m: Machine): boolean => foundByFile(s.shape, m, lo, hi) && tableFrame(s.shape, m, place.id) >= 0
  // i_mmap_lock_read(): mremap() has it for writing as long as it holds the lock of a PMD table.
  const moveNeeds: Need = { on: [s.resources.ptl(place.parent)], holds: m => ptlFree(s, m, place.parent), as: 'reads' }
  asm.beginPhase({ id: 'look', title: 'look', note: 'whose page table?', kind: 'work', amber: false })
  asm.op({
    fn: 'find_pmd_or_thp_or_none',
    file: FILE,
    label: m => `find ${found(m) ? 'the page table' : 'no page table'} of ${hexAddr(place.base)} through the file`,
    why: byRcu
      ? 'Whoever maps the file is not asked, and its mmap lock is not taken.'
      : 'Its mmap lock keeps everybody else out of this page table.',
    needs: [...(byRcu ? [] : mmapWriteNeeds(s, t.mm)), moveNeeds],
    blocked: m => (moveNeeds.holds(m) ? mmapBlocked(s, m, t.mm) : ptlBlocked(s, m, place.parent)),
    run: (m, emit, next) => {
      if (!found(m)) return skip.at
      if (!byRcu) mmapWriteLock(s, m, t.holder, t.mm)
      setRetracted(s.shape, m, place.id, tableFrame(s.shape, m, place.id))
      emit?.({ type: 'kernel-function-entered', name: 'retract_page_tables' })
      return next
    },
    goes: ['next', skip],
  })
  if (s.policy.collapseNotifies) invalidateRangeStart(t, 'CLEAR', lo, hi)
  const phase = { id: 'collapse', title: 'remove the table', note: 'PMD lock', kind: 'work', amber: true } as const
  asm.beginPhase(phase)
  asm.op({
    fn: 'pmd_lock',
    file: FILE,
    label: 'take the locks of the PMD and of the PTEs',
    why: 'The entry of the PMD table changes. Walkers, of hardware or software, take no lock.',
    needs: [{ on: locks.map(s.resources.ptl), holds: m => held(m) < 0, as: 'reads' }],
    blocked: m => ptlBlocked(s, m, Math.max(0, held(m))),
    run: (m, _emit, next) => {
      for (const lock of locks) set(m, s.shape.ptl, lock, t.holder)
      return next
    },
  })
  flushTlb(t, {
    fn: 'pmdp_collapse_flush',
    pages: pmdFlushRange(t, place),
    tables: true,
    notifies: false,
    site: s.policy.collapseNotifies ? 'inside' : 'outside',
    phase: 'collapse',
    first: (m, emit) => takeOut(t, m, place, emit),
  })
  asm.beginPhase(phase)
  asm.op({
    fn: 'spin_unlock',
    file: 'include/linux/spinlock.h',
    label: 'drop both locks',
    why: 'Others may change this PMD table again, and a fault may make a new page table.',
    run: (m, _emit, next) => {
      for (const lock of locks) set(m, s.shape.ptl, lock, NOBODY)
      return next
    },
  })
  if (s.policy.collapseSyncsWalkers && !byRcu) syncWalkers(t)
  if (s.policy.collapseNotifies) invalidateRangeEnd(t, 'CLEAR', lo, hi, { flushed: true })
  free(t, place, byRcu)
  if (!byRcu) {
    asm.op({
      fn: 'mmap_write_unlock',
      file: 'include/linux/mmap_lock.h',
      label: 'drop the mmap lock',
      why: 'The process may go on.',
      run: (m, _emit, next) => {
        mmapUnlock(s, m, t.holder, t.mm)
        return next
      },
    })
  }
  asm.place(skip)
}

/** pmdp_collapse_flush(), its first half: the PMD entry is cleared, and with it the PTEs of pages that the page cache keeps. */
function takeOut(t: Task, m: Machine, place: TablePlace, emit?: Emit): void {
  const { s } = t
  const { shape } = s
  const table = retractedAt(shape, m, place.id)
  setTableFrame(shape, m, place.id, -1)
  const tells = walked(t, m)
  if (tells) set(m, shape.uncoveredTable, place.id, 1)
  emit?.({ type: 'table-detached', vpn: place.base, pfn: toPfn(table) })
  for (let page = place.firstPage; page < place.endPage; page++) {
    const pte = pteInTable(shape, m, page)
    if (!ptePresent(pte)) continue
    setPteInTable(shape, m, page, 0)
    if (tells) setUncovered(s, m, t.cpu, page, true)
    add(m, shape.mapcount, ptePfn(pte), -1)
    emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), dirty: false })
    putPage(s, m, ptePfn(pte), emit)
  }
}

/** pte_free(), or pte_free_defer(); then the lock of the reverse map is dropped. */
function free(t: Task, place: TablePlace, byRcu: boolean): void {
  const { s } = t
  const { shape } = s
  t.asm.beginPhase({
    id: 'free',
    title: byRcu ? 'table to RCU' : 'free the table',
    note: '',
    kind: 'work',
    amber: true,
  })
  t.asm.op({
    fn: byRcu ? 'pte_free_defer' : 'pte_free',
    file: FILE,
    label: m => {
      const pfn = retractedAt(shape, m, place.id)
      return byRcu ? `leave the page table in pfn ${pfn} to RCU` : `free the page table in pfn ${pfn}`
    },
    why: byRcu
      ? 'A grace period waits for software that walks without locks.'
      : 'From here on the frame can be anybody’s. Whoever still walks it reads what its next owner writes.',
    run: (m, emit, next) => {
      const pfn = retractedAt(shape, m, place.id)
      setRetracted(shape, m, place.id, -1)
      if (byRcu) {
        set(m, shape.rcuList, get(m, shape.rcuCount, 0), pfn)
        add(m, shape.rcuCount, 0, 1)
        emit?.({ type: 'tables-queued-for-rcu', count: 1 })
      } else freeTable(s, m, pfn, emit)
      return next
    },
  })
}
