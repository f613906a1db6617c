import { add, get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import type { Emit } from '../machine/event.ts'
import { allocateRun, freeRun, putPage } from '../machine/frames.ts'
import { detachedAt, setDetached } from '../machine/huge-page.ts'
import { pteInTable, ptePfn, ptePresent, setPteInTable, setTableFrame, tableFrame } from '../machine/page-table.ts'
import { REVOKED } from '../machine/promises.ts'
import { vmaWritable } from '../machine/protection.ts'
import { pageVpn, toPfn, USE } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import type { Label } from '../threads/program.ts'
import { removeTable } from './collapse-table.ts'
import { depositTable, emptyTable, mapHuge, pmdLockBlocked, pmdLockNeeds, unlockPmd } from './huge-pmd.ts'
import { ptlBlocked, ptlFree, rangeText } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { syncWalkers } from './sync-walkers.ts'
import type { Task } from './task.ts'

const FILE = 'mm/khugepaged.c'

/**
 * collapse_huge_page(): small anonymous pages are copied into one huge page. By khugepaged, or by MADV_COLLAPSE (6.1).
 *
 * The page table is taken out first and flushed, so that nobody can write to the small pages while they are copied; it is kept for a
 * later split. A page that somebody else has a reference to makes it give up and put the table back.
 * Simplified: the huge page is allocated under the mmap lock (the kernel does so before); it goes on only when every page is there, where
 * khugepaged would fill some gaps with zeroes; the locks of the reverse map are not taken.
 */
export function collapseHugePage(task: Task, place: TablePlace): void {
  const [lo, hi] = [place.firstPage, place.endPage]
  const mm = task.s.regions[task.s.regionOf[lo] ?? 0]?.mm ?? 0
  const t: Task = { ...task, mm, range: [lo, hi] }
  const { asm, s } = t
  const nothing = asm.label()
  const failed = asm.label()
  const done = asm.label()
  asm.within('collapse_huge_page', () => {
    enter(t, 'collapse', lo, hi, 'write')
    allocateHuge(t, place, nothing)
    invalidateRangeStart(t, 'CLEAR', lo, hi)
    removeTable(t, place, 'inside')
    invalidateRangeEnd(t, 'CLEAR', lo, hi, { flushed: true })
    if (s.policy.collapseSyncsWalkers) syncWalkers(t)
    isolate(t, place, failed)
    copyAndFree(t, place)
    installHuge(t, place, done)
    asm.place(failed)
    putBack(t, place)
    asm.place(done)
    asm.place(nothing)
    leave(t, 'collapse', lo, hi, {
      gathers: false,
      tells: true,
      writes: true,
      lock: 'write',
      promises: () => REVOKED.nothing,
    })
  })
}

const pagesOf = ({ firstPage, endPage }: TablePlace): number[] =>
  Array.from({ length: endPage - firstPage }, (_, i) => firstPage + i)

const allThere = ({ s }: Task, m: Machine, place: TablePlace): boolean =>
  tableFrame(s.shape, m, place.id) >= 0 && pagesOf(place).every(page => ptePresent(pteInTable(s.shape, m, page)))

/** hpage_collapse_scan_pmd(), then alloc_charge_folio(). */
function allocateHuge(t: Task, place: TablePlace, nothing: Label): void {
  const { asm, s } = t
  const can = (m: Machine): boolean => allThere(t, m, place) && freeRun(s, m, place.endPage - place.firstPage) >= 0
  asm.beginPhase({ id: 'look', title: 'allocate', note: 'frames in a row', kind: 'work', amber: false })
  asm.op({
    fn: 'alloc_charge_folio',
    file: FILE,
    label: m => (can(m) ? 'allocate a huge page' : 'give up: not every page is there, or no frames in a row'),
    why: 'The frames of a huge page lie one after another.',
    run: (m, emit, next) => {
      if (!can(m)) return nothing.at
      const pfn = allocateRun(s, m, USE.anon, place.firstPage, place.endPage)
      for (const page of pagesOf(place)) set(m, s.shape.mapcount, pfn + page - place.firstPage, 0)
      set(m, s.shape.hugeInHand, t.cpu, pfn)
      emit?.({ type: 'page-allocated', pfn: toPfn(pfn), owner: 'app', order: 9 })
      return next
    },
    goes: ['next', nothing],
  })
}

/** __collapse_huge_page_isolate(): nobody else may have a reference, GUP-fast for one. */
function isolate(t: Task, place: TablePlace, failed: Label): void {
  const { asm, s } = t
  const { shape } = s
  const alone = (m: Machine): boolean =>
    pagesOf(place).every(page => get(m, shape.refcount, ptePfn(pteInTable(shape, m, page))) === 1)
  asm.beginPhase({ id: 'copy', title: 'copy', note: 'small pages into the huge one', kind: 'work', amber: true })
  asm.op({
    fn: '__collapse_huge_page_isolate',
    file: FILE,
    label: m => (alone(m) ? 'see that nobody else uses the small pages' : 'give up: somebody else has a reference'),
    why: 'Whoever holds a reference may write to the small page after it was copied.',
    needs: [{ on: [s.resources.ptl(place.id)], holds: m => ptlFree(s, m, place.id), as: 'reads' }],
    blocked: m => ptlBlocked(s, m, place.id),
    run: (m, _emit, next) => (alone(m) ? next : failed.at),
    goes: ['next', failed],
  })
}

function copyAndFree(t: Task, place: TablePlace): void {
  const { asm, s } = t
  const { shape } = s
  const small = (m: Machine, page: number): number => ptePfn(pteInTable(shape, m, page))
  asm.op({
    fn: '__collapse_huge_page_copy',
    file: FILE,
    label: `copy ${rangeText(s, place.firstPage, place.endPage)}`,
    why: 'A write that lands in a small page from here on is lost.',
    run: (m, emit, next) => {
      const to = get(m, shape.hugeInHand, t.cpu)
      for (const page of pagesOf(place)) {
        takeContents(shape, m, small(m, page))
        emit?.({ type: 'page-copied', from: toPfn(small(m, page)), pfn: toPfn(to + page - place.firstPage) })
      }
      return next
    },
  })
  asm.op({
    fn: '__collapse_huge_page_copy_succeeded',
    file: FILE,
    label: 'clear the old PTEs and free the small pages',
    why: 'The table is out of the tree and flushed, so nobody reaches them any more.',
    run: (m, emit, next) => {
      for (const page of pagesOf(place)) freeSmall(t, m, page, emit)
      const table = detachedAt(shape, m, place.id)
      emptyTable(t, m, place)
      depositTable(t, m, place, table, emit)
      return next
    },
  })
}

function freeSmall({ s }: Task, m: Machine, page: number, emit?: Emit): void {
  const pfn = ptePfn(pteInTable(s.shape, m, page))
  setPteInTable(s.shape, m, page, 0)
  add(m, s.shape.mapcount, pfn, -1)
  emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(pfn), dirty: false })
  putPage(s, m, pfn, emit)
}

function installHuge(t: Task, place: TablePlace, done: Label): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'install', title: 'set the PMD', note: 'one entry for all', kind: 'work', amber: false })
  asm.op({
    fn: 'set_pmd_at',
    file: FILE,
    label: 'map the huge page',
    why: 'The old table is kept for a later split: pgtable_trans_huge_deposit().',
    needs: pmdLockNeeds(t, place),
    blocked: m => pmdLockBlocked(t, m, place),
    run: (m, emit) => {
      mapHuge(s, m, place, get(m, s.shape.hugeInHand, t.cpu), vmaWritable(s, m, place.firstPage), emit)
      set(m, s.shape.hugeInHand, t.cpu, 0)
      unlockPmd(t, m, place, emit)
      return done.at
    },
    goes: [done],
  })
}

/** The table comes back as it was, and the huge page goes. */
function putBack(t: Task, place: TablePlace): void {
  const { asm, s } = t
  const { shape } = s
  asm.op({
    fn: 'pmd_populate',
    file: FILE,
    label: 'put the page table back',
    why: 'The small pages stay as they are. Not present to present: no flush.',
    needs: pmdLockNeeds(t, place),
    blocked: m => pmdLockBlocked(t, m, place),
    run: (m, emit, next) => {
      const table = detachedAt(shape, m, place.id)
      setDetached(shape, m, place.id, -1)
      setTableFrame(shape, m, place.id, table)
      emit?.({ type: 'table-populated', vpn: pageVpn(s, place.firstPage), pfn: toPfn(table) })
      const huge = get(m, shape.hugeInHand, t.cpu)
      for (const page of pagesOf(place)) putPage(s, m, huge + page - place.firstPage, emit)
      set(m, shape.hugeInHand, t.cpu, 0)
      return next
    },
  })
}
