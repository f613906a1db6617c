import { known } from '../base/assert.ts'
import { fixedPages } from '../device/footprints.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import { newPageOf, OLD_MAPPING, oldPageOf, setNewPage, setOldMapping, setOldPage } from '../machine/copying.ts'
import type { Emit } from '../machine/event.ts'
import { allocateFrame, putPage } from '../machine/frames.ts'
import { copyValue } from '../machine/observations.ts'
import { mkPte, pteAt, pteDirty, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { isZeroFrame, NOBODY, pageLabel, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { PhaseView } from '../threads/phase.ts'
import type { Label, OpSpec } from '../threads/program.ts'
import { LEVELS } from '../units.ts'
import { setPteAtNotify } from './change-pte.ts'
import { flushTlb } from './flush-tlb.ts'
import { framesNeeded } from './frame-footprint.ts'
import { invalidatePage } from './invalidate-page.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { checkCovered } from './operation.ts'
import { type Task, walked } from './task.ts'
import { mayFindFlushPending, mmTlbFlushPending } from './userfaultfd.ts'

const FILE = 'mm/memory.c'

/** A write to this page finds it mapped read-only: copy on write, or only the write permission. */
export function isWriteProtected(s: Setup, m: Machine, page: number): boolean {
  const pte = pteAt(s.shape, m, page)
  return ptePresent(pte) && !pteWrite(pte)
}

/** A write to it cannot be let through in place: somebody else has a reference to the page. Only where pages are copied on write. */
export const mustCopy = (s: Setup, m: Machine, page: number): boolean =>
  s.shape.sizes.features.copyOnWrite &&
  (s.fileFrame[page] ?? -1) < 0 &&
  isWriteProtected(s, m, page) &&
  isShared(s, m, ptePfn(pteAt(s.shape, m, page)))

/** Somebody else has a reference to the page, or it is everybody's: the zero page. */
const isShared = (s: Setup, m: Machine, pfn: number): boolean =>
  isZeroFrame(s, pfn) || get(m, s.shape.refcount, pfn) > 1

/** The lock of the page table that maps this page. */
export const lockOf = ({ s }: Task, page: number): number =>
  known(s.shape.path[page]?.[LEVELS.length - 1], 'page table')

/**
 * do_wp_page(), mm/memory.c: a write to a page that is mapped read-only in a VMA that may be written. It is entered with the mmap lock
 * held for reading and the page-table lock taken, and goes to `done` with the page-table lock dropped.
 *
 * The page is written where it is when nobody else has a reference to it; else it is copied: wp_page_copy(). When the copy is announced to
 * secondary TLBs is policy.clearFlushNotifies, and in end() policy.onlyEnd.
 * Simplified: one reference decides, as from 5.9 (09854ba94c6a) to 5.18; before, the number of mappings did, and since 5.19
 * PageAnonExclusive does. A page of ksmd is written in place by its last owner, where the kernel copies it.
 */
export function doWpPage(t: Task, page: number, done: Label): void {
  const { asm, s } = t
  const { shape } = s
  const label = pageLabel(s, page)
  const place = lockOf(t, page)
  const copy = asm.label()
  const unlock = (m: Machine): void => set(m, shape.ptl, place, NOBODY)
  const decide = (m: Machine, emit?: Emit): number => {
    const pfn = ptePfn(pteAt(shape, m, page))
    if (isShared(s, m, pfn)) {
      if (!isZeroFrame(s, pfn)) add(m, shape.refcount, pfn, 1)
      setOldPage(shape, m, t.cpu, pfn)
      unlock(m)
      return copy.at
    }
    setPte(shape, m, page, mkPte(pfn, true, true))
    emit?.({ type: 'pte-protected', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: true })
    unlock(m)
    return done.at
  }
  const copies = (m: Machine): boolean => isShared(s, m, Math.max(0, ptePfn(pteAt(shape, m, page))))
  const spec: Omit<OpSpec, 'run'> = {
    fn: 'do_wp_page',
    file: FILE,
    label: (m: Machine) => (copies(m) ? `see that ${label} must be copied` : `make ${label} writable where it is`),
    why: 'A page to which nobody else has a reference can be written where it is. Any other must stay as it is for the others.',
    goes: [copy, done],
  }
  asm.within('do_wp_page', () => {
    asm.beginPhase(copyPhase)
    if (mayFindFlushPending(t)) flushPending(t, page, spec, decide)
    else asm.op({ ...spec, run: (m, emit) => decide(m, emit) })
    asm.place(copy)
    wpPageCopy(t, page, done)
  })
  asm.endPhases()
}

/** The flush that somebody else has put off is done here first, for this page: 6ce64428d620. */
function flushPending(
  t: Task,
  page: number,
  spec: Omit<OpSpec, 'run'>,
  decide: (m: Machine, emit?: Emit) => number,
): void {
  const { asm } = t
  const flush = asm.label()
  asm.op({
    ...spec,
    label: m => (mmTlbFlushPending(t, m) ? 'see that a flush is pending' : words(spec, m)),
    goes: [...(spec.goes ?? []), flush],
    run: (m, emit) => (mmTlbFlushPending(t, m) ? flush.at : decide(m, emit)),
  })
  asm.place(flush)
  flushTlb(t, {
    fn: 'flush_tlb_page',
    pages: fixedPages(page, page + 1),
    tables: false,
    notifies: false,
    site: 'outside',
    phase: 'pending',
  })
  asm.beginPhase(copyPhase)
  asm.op({ ...spec, run: (m, emit) => decide(m, emit) })
}

const words = ({ label }: Pick<OpSpec, 'label'>, m: Machine): string => (typeof label === 'string' ? label : label(m))

const copyPhase: PhaseView = {
  id: 'copy',
  title: 'copy',
  note: 'the old page still mapped',
  kind: 'work',
  amber: false,
}
export const replacePhase: PhaseView = {
  id: 'replace',
  title: 'replace the PTE',
  note: 'page-table lock held',
  kind: 'work',
  amber: true,
}

/** wp_page_copy(), mm/memory.c: a new page with the contents of the old one, mapped in its place. */
function wpPageCopy(t: Task, page: number, done: Label): void {
  const { asm, s } = t
  const label = pageLabel(s, page)
  asm.within('wp_page_copy', () => {
    asm.op({
      fn: '__wp_page_copy_user',
      file: FILE,
      label: m =>
        isZeroFrame(s, oldPageOf(s.shape, m, t.cpu))
          ? `allocate a page of zeroes for ${label}`
          : `allocate a page and copy ${label} into it`,
      why: 'No lock is held. The old page is read-only for everybody, so what is copied should not change any more.',
      needs: framesNeeded(s, () => 1),
      blocked: () => 'no frame is free',
      run: (m, emit, next) => {
        const from = oldPageOf(s.shape, m, t.cpu)
        const to = allocateFrame(s, m, USE.anon, page + 1)
        set(m, s.shape.mapcount, to, 0)
        emit?.({ type: 'page-allocated', pfn: toPfn(to), owner: 'app', order: 0 })
        setNewPage(s.shape, m, t.cpu, to)
        if (isZeroFrame(s, from)) return next
        takeContents(s.shape, m, from)
        copyValue(s.shape, m, from, to)
        emit?.({ type: 'page-copied', from: toPfn(from), pfn: toPfn(to) })
        return next
      },
    })
    // Up to 3.6 there is no pair: ptep_clear_flush_notify() calls invalidate_page.
    const paired = s.policy.invalidatePagePlacement !== 'under-ptl'
    if (paired) invalidateRangeStart(t, 'CLEAR', page, page + 1)
    replacePte(t, page, { writable: true, notifies: s.policy.clearFlushNotifies, byPage: !paired, file: FILE })
    if (paired) invalidateRangeEnd(t, 'CLEAR', page, page + 1, { only: true, flushed: true })
    asm.beginPhase(donePhase)
    putMapped(t, page, FILE)
    asm.op({
      fn: 'put_page',
      file: FILE,
      label: `drop the reference that kept the old page of ${label} while it was copied`,
      why: 'Whoever drops the last reference frees the page: by now no TLB may name it for this address.',
      run: (m, emit) => {
        dropOldPage(t, m, emit)
        checkCovered(t, m, page, page + 1, emit)
        return done.at
      },
      goes: [done],
    })
  })
}

/** Drops the reference of the mapping that is no more, or a new page that nobody has mapped. */
function putMapped(t: Task, page: number, file: string): void {
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

export const donePhase: PhaseView = {
  id: 'put',
  title: 'drop the old page',
  note: 'the last reference frees it',
  kind: 'work',
  amber: false,
}

/** Drops the reference to the old page that the replacement took. */
function dropOldPage({ s, cpu }: Task, m: Machine, emit?: Emit): void {
  const old = oldPageOf(s.shape, m, cpu)
  setOldPage(s.shape, m, cpu, -1)
  putCounted(s, m, old, emit)
}

/** put_page(), but for the zero page, to which a mapping has no reference. */
function putCounted(s: Setup, m: Machine, pfn: number, emit?: Emit): void {
  if (!isZeroFrame(s, pfn)) putPage(s, m, pfn, emit)
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
