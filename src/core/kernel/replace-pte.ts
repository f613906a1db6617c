import { fixedPages } from '../device/footprints.ts'
import { add, type Machine, set } from '../machine/cells.ts'
import { newPageOf, OLD_MAPPING, oldPageOf, setNewPage, setOldMapping } from '../machine/copying.ts'
import type { Emit } from '../machine/event.ts'
import { putPage } from '../machine/frames.ts'
import { mkPte, pteAt, pteDirty, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { isZeroFrame, NOBODY, pageLabel, pageVpn, type Setup, toPfn } from '../machine/setup.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { PhaseView } from '../threads/phase.ts'
import { setPteAtNotify } from './change-pte.ts'
import { flushTlb } from './flush-tlb.ts'
import { invalidatePage } from './invalidate-page.ts'
import { lockOf, ptlBlocked, ptlFree } from './mmap-lock.ts'
import { type Task, walked } from './task.ts'

/** The PTE is cleared, flushed and set again. */
export const replacePhase: PhaseView = {
  id: 'replace',
  title: 'replace the PTE',
  note: 'page-table lock held',
  kind: 'work',
  amber: true,
}

/** What is done when the new page is mapped. */
export const donePhase: PhaseView = {
  id: 'put',
  title: 'drop the old page',
  note: 'the last reference frees it',
  kind: 'work',
  amber: false,
}

/**
 * Makes the PTE of a page name the new page that the CPU has in hand, under the page-table lock: clear, flush, set, in this order. When
 * the PTE is not what it was, it is left alone and the new page stays in hand.
 *
 * Kernel: the second half of wp_page_copy() mm/memory.c, replace_page() mm/ksm.c, __replace_page() kernel/events/uprobes.c.
 */
export function replacePte(
  t: Task,
  page: number,
  how: {
    readonly writable: boolean
    /** Secondary TLBs are told between clear and set: ptep_clear_flush_notify(). */
    readonly notifies: boolean
    /** Secondary TLBs are told there by invalidate_page: ptep_clear_flush_notify() up to 3.6. */
    readonly byPage?: boolean
    /** The reference of the old mapping goes under the lock. */
    readonly puts?: true
    readonly file: string
    /** What else must be as it was. */
    readonly same?: (m: Machine) => boolean
  },
): void {
  const { asm, s } = t
  const { shape } = s
  const { file } = how
  const label = pageLabel(s, page)
  const vpn = pageVpn(s, page)
  const place = lockOf(t, page)
  const unlock = asm.label()
  const same = (m: Machine): boolean => {
    const pte = pteAt(shape, m, page)
    const asItWas = ptePresent(pte) && !pteWrite(pte) && ptePfn(pte) === oldPageOf(shape, m, t.cpu)
    return asItWas && (how.same?.(m) ?? true)
  }
  asm.beginPhase(replacePhase)
  asm.op({
    fn: 'pte_offset_map_lock',
    file,
    label: `take the page-table lock, and look at the PTE of ${label} again`,
    why: 'Somebody else may have been faster. Then nothing is replaced.',
    needs: [{ on: [s.resources.ptl(place)], holds: m => ptlFree(s, m, place), as: 'reads' }],
    blocked: m => ptlBlocked(s, m, place),
    run: (m, _emit, next) => {
      set(m, shape.ptl, place, t.holder)
      return same(m) ? next : unlock.at
    },
    goes: ['next', unlock],
  })
  flushTlb(t, {
    fn: 'ptep_clear_flush',
    pages: fixedPages(page, page + 1),
    tables: false,
    notifies: how.notifies,
    site: 'inside',
    phase: 'replaced',
    first: (m, emit) => clearPte(t, m, page, emit),
  })
  if (how.byPage === true) invalidatePage(t, page)
  asm.beginPhase(replacePhase)
  const pte = { page, pfn: (m: Machine) => newPageOf(shape, m, t.cpu), writable: () => how.writable }
  setPteAtNotify(t, pte, {
    file,
    label: `map the new page at ${label}`,
    why: 'From here on the new page is written. A translation that still names the old page shows what was there before.',
    run: (m, emit, next) => {
      const pfn = newPageOf(shape, m, t.cpu)
      add(m, shape.mapcount, pfn, 1)
      setPte(shape, m, page, mkPte(pfn, how.writable, how.writable))
      setNewPage(shape, m, t.cpu, -1)
      emit?.({ type: 'pte-set', vpn, pfn: toPfn(pfn), writable: how.writable })
      return next
    },
  })
  asm.op({
    fn: 'page_remove_rmap',
    file,
    label: m =>
      isZeroFrame(s, oldPageOf(shape, m, t.cpu))
        ? 'count nothing: it was the zero page'
        : 'count the old page as mapped once less',
    why: 'Only now, when no CPU reaches it from here: whoever has the other mapping may take the page for his own at once.',
    run: (m, emit, next) => {
      const old = oldPageOf(shape, m, t.cpu)
      setOldMapping(shape, m, t.cpu, OLD_MAPPING.referenced)
      if (isZeroFrame(s, old)) return next
      add(m, shape.mapcount, old, -1)
      emit?.({ type: 'rmap-removed', pfn: toPfn(old), count: 1 })
      return next
    },
  })
  if (how.puts === true) putMapped(t, page, file)
  asm.place(unlock)
  asm.op({
    fn: 'pte_unmap_unlock',
    file,
    label: 'drop the page-table lock',
    why: 'Other CPUs may change this table again.',
    run: (m, _emit, next) => {
      set(m, shape.ptl, place, NOBODY)
      return next
    },
  })
}

/** ptep_get_and_clear(): translations of the page are what is left of it. */
export function clearPte(t: Task, m: Machine, page: number, emit?: Emit): void {
  const { s } = t
  const pte = pteAt(s.shape, m, page)
  setPte(s.shape, m, page, 0)
  setOldMapping(s.shape, m, t.cpu, OLD_MAPPING.counted)
  if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
  emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), dirty: pteDirty(pte) })
}

/** Drops the reference of the mapping that is no more, or a new page that nobody has mapped. */
export function putMapped(t: Task, page: number, file: string): void {
  const { s } = t
  const label = pageLabel(s, page)
  t.asm.op({
    fn: 'put_page',
    file,
    label: m => {
      if (newPageOf(s.shape, m, t.cpu) >= 0) return 'drop the page that was not needed'
      return isZeroFrame(s, oldPageOf(s.shape, m, t.cpu))
        ? 'have no reference to drop: it was the zero page'
        : `drop the reference of the mapping that ${label} had`
    },
    why: 'The page is not mapped here any more. Others may still have references to it.',
    run: (m, emit, next) => {
      const unused = newPageOf(s.shape, m, t.cpu)
      putCounted(s, m, unused >= 0 ? unused : oldPageOf(s.shape, m, t.cpu), emit)
      setNewPage(s.shape, m, t.cpu, -1)
      setOldMapping(s.shape, m, t.cpu, OLD_MAPPING.none)
      return next
    },
  })
}

/** put_page(), but for the zero page, to which a mapping has no reference. */
export function putCounted(s: Setup, m: Machine, pfn: number, emit?: Emit): void {
  if (!isZeroFrame(s, pfn)) putPage(s, m, pfn, emit)
}
