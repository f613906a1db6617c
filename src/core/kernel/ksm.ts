import { fixedPages } from '../device/footprints.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import { newPageOf, OLD_MAPPING, oldPageOf, setNewPage, setOldMapping, setOldPage } from '../machine/copying.ts'
import { putPage } from '../machine/frames.ts'
import { valueIn } from '../machine/observations.ts'
import { mkPte, pteAt, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { NOBODY, pageLabel, pageVpn, toPfn, USE } from '../machine/setup.ts'
import type { Label } from '../threads/program.ts'
import { setPteAtNotify } from './change-pte.ts'
import { flushTlb } from './flush-tlb.ts'
import { lockOf, ptlBlocked, ptlFree } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { clearPte, replacePhase, replacePte } from './replace-pte.ts'
import type { Task } from './task.ts'

const FILE = 'mm/ksm.c'

/**
 * ksmd finds two pages with the same contents and makes both addresses name the first: write-protect both, compare, replace the second.
 *
 * Kernel: try_to_merge_two_pages(), write_protect_page(), replace_page() mm/ksm.c. Secondary TLBs are told between clear and set up to 4.14;
 * from 4.15 to 6.5 end() tells them, because the contents stay the same (0f10851ea475); then the flush does.
 * Simplified: which pages is given, there are no trees; the reference that ksmd has to the first page becomes that of its new mapping.
 */
export function ksmMerge(task: Task, keep: number, give: number): void {
  const [lo, hi] = [Math.min(keep, give), Math.max(keep, give) + 1]
  const t: Task = { ...task, range: [lo, hi] }
  const { asm, s } = t
  const { shape } = s
  const [drop, out] = [asm.label(), asm.label()]
  const found = (m: Machine): boolean => {
    const [a, b] = [pteAt(shape, m, keep), pteAt(shape, m, give)]
    return ptePresent(a) && ptePresent(b) && ptePfn(a) !== ptePfn(b) && isAnon(t, m, a) && isAnon(t, m, b)
  }
  asm.within('ksm_do_scan', () => {
    enter(t, 'ksmd', lo, hi, 'read')
    asm.op({
      fn: 'follow_page',
      file: FILE,
      label: m =>
        found(m) ? `take references to ${pageLabel(s, keep)} and ${pageLabel(s, give)}` : 'find nothing to merge',
      why: 'A reference keeps the frame, not its contents: whoever maps the page may still write it.',
      run: (m, _emit, next) => {
        if (!found(m)) return out.at
        const [a, b] = [ptePfn(pteAt(shape, m, keep)), ptePfn(pteAt(shape, m, give))]
        for (const pfn of [a, b]) add(m, shape.refcount, pfn, 1)
        setNewPage(shape, m, t.cpu, a)
        setOldPage(shape, m, t.cpu, b)
        return next
      },
      goes: ['next', out],
    })
    writeProtectPage(t, keep, 'keep', drop)
    writeProtectPage(t, give, 'give', drop)
    asm.op({
      fn: 'memcmp_pages',
      file: FILE,
      label: 'compare the two pages byte by byte',
      why: 'Nobody may write them now: what is the same here must stay so, or a write is lost.',
      run: (m, _emit, next) => {
        const [a, b] = [newPageOf(shape, m, t.cpu), oldPageOf(shape, m, t.cpu)]
        if (valueIn(shape, m, a) !== valueIn(shape, m, b)) return drop.at
        for (const pfn of [a, b]) takeContents(shape, m, pfn)
        return next
      },
      goes: ['next', drop],
    })
    asm.within('replace_page', () => {
      invalidateRangeStart(t, 'CLEAR', give, give + 1)
      replacePte(t, give, { writable: false, notifies: notifiesAtOnce(t), puts: true, file: FILE })
      invalidateRangeEnd(t, 'CLEAR', give, give + 1, { flushed: true })
    })
    asm.place(drop)
    asm.op({
      fn: 'put_page',
      file: FILE,
      label: m =>
        newPageOf(shape, m, t.cpu) < 0
          ? `drop ksmd’s reference to the page that ${pageLabel(s, give)} had`
          : 'drop ksmd’s references to both pages',
      why: 'With the last reference the frame is free: that is what merging is for.',
      run: (m, emit, next) => {
        const [unused, old] = [newPageOf(shape, m, t.cpu), oldPageOf(shape, m, t.cpu)]
        setNewPage(shape, m, t.cpu, -1)
        setOldPage(shape, m, t.cpu, -1)
        if (unused >= 0) putPage(s, m, unused, emit)
        putPage(s, m, old, emit)
        return next
      },
    })
    asm.place(out)
    leave(t, 'ksmd', lo, hi, { gathers: false, tells: true, writes: false, lock: 'read', promises: () => 0 })
  })
}

const isAnon = ({ s }: Task, m: Machine, pte: number): boolean => get(m, s.shape.use, ptePfn(pte)) === USE.anon

/** ptep_clear_flush_notify() in mm/ksm.c up to 4.14: 0f10851ea475 came with the end() that does not invalidate. */
const notifiesAtOnce = ({ s }: Task): boolean => s.policy.clearFlushNotifies && !s.policy.onlyEnd

/** write_protect_page(): the PTE is cleared and flushed, and set again read-only if nobody but ksmd has another reference. */
function writeProtectPage(t: Task, page: number, which: 'keep' | 'give', drop: Label): void {
  const { asm, s } = t
  const { shape } = s
  const place = lockOf(t, page)
  const label = pageLabel(s, page)
  const unlock = asm.label()
  const inHand = (m: Machine): number => (which === 'keep' ? newPageOf(shape, m, t.cpu) : oldPageOf(shape, m, t.cpu))
  const same = (m: Machine): boolean => {
    const pte = pteAt(shape, m, page)
    return ptePresent(pte) && ptePfn(pte) === inHand(m)
  }
  const isProtected = (m: Machine): boolean => same(m) && !pteWrite(pteAt(shape, m, page))
  asm.within('write_protect_page', () => {
    invalidateRangeStart(t, 'CLEAR', page, page + 1)
    asm.beginPhase(replacePhase)
    asm.op({
      fn: 'page_vma_mapped_walk',
      file: FILE,
      label: `take the page-table lock of ${label}`,
      why: 'Somebody else may have unmapped the page, or protected it.',
      needs: [{ on: [s.resources.ptl(place)], holds: m => ptlFree(s, m, place), as: 'reads' }],
      blocked: m => ptlBlocked(s, m, place),
      run: (m, _emit, next) => {
        set(m, shape.ptl, place, t.holder)
        return same(m) && !isProtected(m) ? next : unlock.at
      },
      goes: ['next', unlock],
    })
    flushTlb(t, {
      fn: 'ptep_clear_flush',
      pages: fixedPages(page, page + 1),
      tables: false,
      notifies: notifiesAtOnce(t),
      site: 'inside',
      phase: `protect ${which}`,
      first: (m, emit) => {
        clearPte(t, m, page, emit)
        if (which === 'keep') setOldMapping(shape, m, t.cpu, OLD_MAPPING.newCounted)
      },
    })
    asm.beginPhase(replacePhase)
    setPteAtNotify(
      t,
      { page, pfn: inHand, writable: m => others(t, m, inHand(m)) },
      {
        file: FILE,
        label: m =>
          others(t, m, inHand(m)) ? `put the PTE of ${label} back as it was` : `map ${label} again, read-only`,
        why: 'The flush came first, then the look at the references: whoever took one through the old entry is seen.',
        run: (m, emit, next) => {
          const pfn = inHand(m)
          const writable = others(t, m, pfn)
          setPte(shape, m, page, mkPte(pfn, writable, writable))
          setOldMapping(shape, m, t.cpu, OLD_MAPPING.none)
          emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable })
          return next
        },
      },
    )
    asm.place(unlock)
    asm.op({
      fn: 'pte_unmap_unlock',
      file: FILE,
      label: 'drop the page-table lock',
      why: 'Faults may come to this table again: a write to the page would copy it.',
      run: (m, _emit, next) => {
        set(m, shape.ptl, place, NOBODY)
        return next
      },
    })
    invalidateRangeEnd(t, 'CLEAR', page, page + 1, { flushed: true })
    asm.op({
      fn: 'write_protect_page',
      file: FILE,
      label: m => (isProtected(m) ? `have ${label} protected` : `give up: ${label} is not protected`),
      why: 'A page that somebody may still write cannot be merged.',
      run: (m, _emit, next) => (isProtected(m) ? next : drop.at),
      goes: ['next', drop],
    })
  })
}

/** page_count() is more than the mappings and ksmd’s own reference: O_DIRECT, GUP, or a fault that copies it. */
const others = ({ s }: Task, m: Machine, pfn: number): boolean =>
  get(m, s.shape.refcount, pfn) !== get(m, s.shape.mapcount, pfn) + 1
