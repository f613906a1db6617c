import { fixedPages } from '../device/footprints.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import { oldPageOf, setNewPage, setOldPage } from '../machine/copying.ts'
import type { Emit } from '../machine/event.ts'
import { allocateFrame } from '../machine/frames.ts'
import { copyValue } from '../machine/observations.ts'
import { mkPte, pteAt, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { isZeroFrame, NOBODY, pageLabel, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import type { PhaseView } from '../threads/phase.ts'
import type { Label, OpSpec } from '../threads/program.ts'
import { flushTlb } from './flush-tlb.ts'
import { framesNeeded } from './frame-footprint.ts'
import { lockOf } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { checkCovered } from './operation.ts'
import { donePhase, putCounted, putMapped, replacePte } from './replace-pte.ts'
import type { Task } from './task.ts'
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

/** Drops the reference to the old page that the replacement took. */
function dropOldPage({ s, cpu }: Task, m: Machine, emit?: Emit): void {
  const old = oldPageOf(s.shape, m, cpu)
  setOldPage(s.shape, m, cpu, -1)
  putCounted(s, m, old, emit)
}
