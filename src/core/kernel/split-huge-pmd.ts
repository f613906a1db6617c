import { everyPage, fixedPages } from '../device/footprints.ts'
import { type Machine, set } from '../machine/cells.ts'
import { putPage } from '../machine/frames.ts'
import { hugePmdAt, pmdDirty, pmdMkinvalid, pmdPfn, pmdWrite, setHugePmd } from '../machine/huge-page.ts'
import { mkPte, setPteInTable, setTableFrame } from '../machine/page-table.ts'
import { pageVpn, toPfn } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { omitting } from '../threads/program.ts'
import { flushTlb } from './flush-tlb.ts'
import { clearHuge, lockPmd, pmdLockBlocked, pmdLockNeeds, unlockPmdOp, withdrawTable } from './huge-pmd.ts'
import { rangeText } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import type { Task } from './task.ts'

const FILE = 'mm/huge_memory.c'

/**
 * __split_huge_pmd(): the pages of a huge page are mapped one by one from here on, by the PTE table that was kept for it. Anonymous: the
 * entry is made not present and flushed first, so that no TLB ever has the address in two sizes. Of a file: the mapping is dropped,
 * and faults bring it back.
 *
 * Kernel: __split_huge_pmd(), __split_huge_pmd_locked() mm/huge_memory.c. Who asks for it (partial unmap, reclaim, mprotect) is not
 * modelled: it comes by itself, and holds no mmap lock, as when reclaim finds the page through its reverse map.
 */
export function splitHugePmd(task: Task, place: TablePlace): void {
  const [lo, hi] = [place.firstPage, place.endPage]
  const mm = task.s.regions[task.s.regionOf[lo] ?? 0]?.mm ?? 0
  const t: Task = { ...task, mm, range: [lo, hi] }
  const { asm, s } = t
  const done = asm.label()
  const file = (s.fileFrame[lo] ?? -1) >= 0
  asm.within('__split_huge_pmd', () => {
    invalidateRangeStart(t, 'CLEAR', lo, hi)
    asm.beginPhase({ id: 'split', title: 'split', note: 'under the PMD lock', kind: 'work', amber: true })
    asm.op({
      fn: 'pmd_lock',
      file: FILE,
      label: m => (hugePmdAt(s.shape, m, place.id) === 0 ? 'find no huge page here' : 'take the PMD lock'),
      why: 'Faults on these pages wait from here on. Hardware does not.',
      needs: pmdLockNeeds(t, place),
      blocked: m => pmdLockBlocked(t, m, place),
      run: (m, emit, next) => {
        lockPmd(t, m, place, emit)
        return hugePmdAt(s.shape, m, place.id) === 0 ? done.at : next
      },
      goes: ['next', done],
    })
    if (file) splitFile(t, place)
    else splitAnon(t, place)
    asm.place(done)
    asm.beginPhase({ id: 'split', title: 'split', note: 'under the PMD lock', kind: 'work', amber: true })
    unlockPmdOp(t, place)
    invalidateRangeEnd(t, 'CLEAR', lo, hi, { only: true, flushed: true })
  })
}

/** What flush_pmd_tlb_range() reaches: 512 pages are more than x86 flushes one by one, so there everything goes. */
export const pmdFlushRange = ({ s }: Task, place: TablePlace) =>
  s.policy.arch === 'x86' ? everyPage(s) : fixedPages(place.firstPage, place.endPage)

function splitAnon(t: Task, place: TablePlace): void {
  const { asm, s } = t
  const { shape } = s
  flushTlb(t, {
    fn: 'pmdp_invalidate',
    pages: pmdFlushRange(t, place),
    tables: false,
    notifies: false,
    site: 'inside',
    phase: 'split',
    first: (m, emit) => {
      const pmd = hugePmdAt(shape, m, place.id)
      setHugePmd(shape, m, place.id, pmdMkinvalid(pmd))
      emit?.({ type: 'huge-pmd-invalidated', vpn: pageVpn(s, place.firstPage), pfn: toPfn(pmdPfn(pmd)) })
    },
    without: omitting('the not-present step of the split', undefined, { id: 'invalidate' }),
  })
  asm.op({
    fn: '__split_huge_pmd_locked',
    file: FILE,
    label: `fill the kept PTE table for ${rangeText(s, place.firstPage, place.endPage)}`,
    why: 'The same frames, one PTE each. Nobody reaches this table yet.',
    run: (m, emit, next) => {
      fillFromHuge(t, m, place)
      for (let page = place.firstPage; page < place.endPage; page++)
        emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(frameOf(t, m, place, page)), writable: true })
      return next
    },
  })
  asm.op({
    fn: 'pmd_populate',
    file: FILE,
    label: 'put the PTE table in the place of the huge entry',
    why: 'All PTEs are written before the table can be reached: smp_wmb().',
    run: (m, emit, next) => {
      const table = withdrawTable(t, m, place)
      setHugePmd(shape, m, place.id, 0)
      setTableFrame(shape, m, place.id, table)
      emit?.({ type: 'table-populated', vpn: pageVpn(s, place.firstPage), pfn: toPfn(table) })
      return next
    },
  })
}

const frameOf = ({ s }: Task, m: Machine, place: TablePlace, page: number): number =>
  pmdPfn(hugePmdAt(s.shape, m, place.id)) + page - place.firstPage

function fillFromHuge(t: Task, m: Machine, place: TablePlace): void {
  const { shape } = t.s
  const pmd = hugePmdAt(shape, m, place.id)
  for (let page = place.firstPage; page < place.endPage; page++)
    setPteInTable(shape, m, page, mkPte(frameOf(t, m, place, page), pmdWrite(pmd), pmdDirty(pmd)))
}

/** pmdp_huge_clear_flush(), and the references of the mapping. The page cache keeps the pages. */
function splitFile(t: Task, place: TablePlace): void {
  const { asm, s } = t
  flushTlb(t, {
    fn: 'pmdp_huge_clear_flush',
    pages: pmdFlushRange(t, place),
    tables: false,
    notifies: true,
    site: 'inside',
    phase: 'split',
    first: (m, emit) => set(m, s.shape.hugeInHand, t.cpu, clearHuge(t, m, place, emit)),
  })
  asm.op({
    fn: 'folio_put',
    file: FILE,
    label: 'drop the references of the mapping',
    why: 'The page cache still has the pages. The next access faults them in again.',
    run: (m, emit, next) => {
      for (let page = place.firstPage; page < place.endPage; page++) putPage(s, m, s.fileFrame[page] ?? 0, emit)
      set(m, s.shape.hugeInHand, t.cpu, 0)
      return next
    },
  })
}
