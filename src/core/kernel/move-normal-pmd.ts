import { fixedPages } from '../device/footprints.ts'
import { type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { setMovedFrom } from '../machine/moved-table.ts'
import { pteInTable, ptePresent, setPte, setTableFrame, tableFrame } from '../machine/page-table.ts'
import { NOBODY, toPfn } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { moveSoft } from '../machine/soft-pte.ts'
import { setUncovered } from '../machine/uncovered.ts'
import { hexAddr } from '../units.ts'
import { flushTlb } from './flush-tlb.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'
import { rmapLockBlocked, rmapLockNeeds } from './rmap-lock.ts'
import { type Task, walked } from './task.ts'

const FILE = 'mm/mremap.c'
/** What an entry of zero names, taken for the address of a page table: on x86 physical page 0. */
const PAGE_ZERO = 0

/**
 * A whole page table moves by its PMD entry, with all PTEs in it: move_page_tables() with NORMAL_PMD, move_normal_pmd() mm/mremap.c, read in
 * a copy of 6.15 or later and in the fix below. Since 2c91bd4a4e2e (5.0).
 *
 * That the entry names a page table is seen before any lock is taken. Since 6fa1066fc5d0 (6.12) it is looked at again under the PMD locks
 * (policy.moveRechecksPmd): whoever takes page tables out through the file asks for no mmap lock from 6.6 on (1d65b771bc08). Without
 * the second look an empty entry is moved like any other, and pmd_populate() makes of it an entry for page 0.
 * Simplified: the rmap locks, which move_pgt_entry() takes before, are taken and dropped in the same steps as the PMD locks.
 */
export function moveNormalPmd(t: Task, from: TablePlace, to: TablePlace): void {
  const { asm, s } = t
  const [skip, unlock] = [asm.label(), asm.label()]
  const locks = [...new Set([from.parent, to.parent])]
  const pages = [from.firstPage, from.endPage] as const
  const held = (m: Machine): number => locks.find(lock => !ptlFree(s, m, lock)) ?? -1
  const phase = { id: 'move', title: 'move tables', note: 'PMD locks held', kind: 'work', amber: true } as const
  asm.beginPhase(phase)
  asm.op({
    fn: 'move_page_tables',
    file: FILE,
    label: `look at the PMD entry of ${hexAddr(from.base)}`,
    why: 'What the entry is decides how it is moved. No lock is held that would keep it so.',
    run: (m, _emit, next) => (tableFrame(s.shape, m, from.id) < 0 ? skip.at : next),
    goes: ['next', skip],
  })
  asm.within('move_normal_pmd', () => {
    asm.op({
      fn: 'pmd_lock',
      file: 'include/linux/mm.h',
      label: locks.length === 1 ? 'take the lock of the PMD table' : 'take the locks of both PMD tables',
      why: 'From here on nobody else changes these entries.',
      needs: [{ on: locks.map(s.resources.ptl), holds: m => held(m) < 0, as: 'reads' }, ...rmapLockNeeds(t, ...pages)],
      blocked: m => (held(m) < 0 ? rmapLockBlocked() : ptlBlocked(s, m, held(m))),
      run: (m, _emit, next) => {
        for (const lock of locks) set(m, s.shape.ptl, lock, t.holder)
        return next
      },
    })
    asm.op({
      fn: 'move_normal_pmd',
      file: FILE,
      label: m =>
        tableFrame(s.shape, m, from.id) >= 0
          ? `move the page table of ${hexAddr(from.base)} to ${hexAddr(to.base)}`
          : s.policy.moveRechecksPmd
            ? 'see that the page table is gone'
            : `move what the PMD entry of ${hexAddr(from.base)} holds now`,
      why: 'The PTEs go where their table goes. Walk caches and TLBs still lead to it from the old address.',
      run: (m, emit, next) => {
        if (tableFrame(s.shape, m, from.id) < 0 && s.policy.moveRechecksPmd) return unlock.at
        moveTable(t, m, from, to, emit)
        return next
      },
      goes: ['next', unlock],
    })
    flushTlb(t, {
      fn: 'flush_tlb_range',
      pages: fixedPages(...pages),
      tables: true,
      notifies: false,
      site: 'inside',
      phase: 'under the lock',
    })
    asm.beginPhase(phase)
    asm.place(unlock)
    asm.op({
      fn: 'spin_unlock',
      file: 'include/linux/spinlock.h',
      label: locks.length === 1 ? 'drop the lock of the PMD table' : 'drop the locks of both PMD tables',
      why: 'From here on others may take the table out again, at its new address.',
      run: (m, _emit, next) => {
        for (const lock of locks) set(m, s.shape.ptl, lock, NOBODY)
        return next
      },
    })
  })
  asm.place(skip)
}

/** pmd_clear() of the old entry, pmd_populate() of the new one with what the old one held. */
function moveTable(t: Task, m: Machine, from: TablePlace, to: TablePlace, emit?: Emit): void {
  const { s } = t
  const { shape } = s
  const table = tableFrame(shape, m, from.id)
  if (table < 0) {
    setTableFrame(shape, m, to.id, PAGE_ZERO)
    emit?.({ type: 'table-populated', vpn: to.base, pfn: toPfn(PAGE_ZERO) })
    return
  }
  setTableFrame(shape, m, from.id, -1)
  setTableFrame(shape, m, to.id, table)
  set(m, shape.purpose, table, to.id + 1)
  setMovedFrom(shape, m, to.id, from.id)
  const tells = walked(t, m)
  if (tells) set(m, shape.uncoveredTable, from.id, 1)
  for (let page = from.firstPage; page < from.endPage; page++) {
    const pte = pteInTable(shape, m, page)
    moveSoft(shape, m, page, page + to.firstPage - from.firstPage)
    if (!ptePresent(pte)) continue
    setPte(shape, m, page, 0)
    setPte(shape, m, page + to.firstPage - from.firstPage, pte)
    if (tells) setUncovered(s, m, t.cpu, page, true)
  }
  emit?.({ type: 'table-detached', vpn: from.base, pfn: toPfn(table) })
  emit?.({ type: 'table-populated', vpn: to.base, pfn: toPfn(table) })
}
