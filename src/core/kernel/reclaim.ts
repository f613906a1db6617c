import { isReferenced, keepsAccessed, setReferenced } from '../machine/accessed.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { takeContents } from '../machine/contents.ts'
import type { Emit } from '../machine/event.ts'
import {
  clearListForFree,
  folioLocked,
  folioOf,
  isLazyfree,
  listedForFree,
  listForFree,
  swapUsers,
  unlockFolio,
} from '../machine/folios.ts'
import { putPage } from '../machine/frames.ts'
import { pteAt, ptePfn, ptePresent } from '../machine/page-table.ts'
import { promise, REVOKED } from '../machine/promises.ts'
import { pageLabel, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import { SOFT, setSoft } from '../machine/soft-pte.ts'
import type { Label } from '../threads/program.ts'
import { tryToUnmapFlush } from './flush-tlb-batched.ts'
import { ageOne } from './folio-referenced.ts'
import { isolate } from './isolate-folio.ts'
import { checkCovered, enter, leave } from './operation.ts'
import { mmsOf, rmapWalk, unmapOne } from './rmap-unmap.ts'
import type { Task } from './task.ts'

const FILE = 'mm/vmscan.c'

/**
 * Reclaim of pages [lo, hi): kswapd, or a process by madvise(MADV_PAGEOUT). Each page is unmapped wherever it is mapped, written out if
 * it must be, and freed with the others at the end; the flush of the CPUs may wait until then.
 *
 * Kernel: shrink_folio_list(), pageout(), __remove_mapping() mm/vmscan.c.
 * Simplified: pages are named, not found on a list; writing out is done at once; pages of a file are unmapped and written, and stay in the
 * page cache; a folio in the swap cache is kept there by the reference of whoever put it there.
 */
export function reclaim(t: Task, lo: number, hi: number): void {
  const { asm, s } = t
  const kernel = s.cpus[t.cpu]?.task === 'kernel'
  const pages = Array.from({ length: hi - lo }, (_, i) => lo + i)
  const all = [...new Set(pages.flatMap(page => rmapWalk(s, page)))]
  asm.within(kernel ? 'kswapd' : 'madvise', () => {
    if (kernel) asm.beginPhase({ id: 'enter', title: 'reclaim', note: 'no mmap lock', kind: 'work', amber: false })
    else enter(t, 'madvise', lo, hi, 'read')
    asm.within('shrink_folio_list', () => {
      for (const page of pages) shrinkFolio(t, page)
      tryToUnmapFlush(t, mmsOf(s, all), 'all')
      freeFolios(t, all)
    })
    if (!kernel)
      leave(t, 'madvise', lo, hi, {
        gathers: false,
        tells: true,
        writes: false,
        lock: 'read',
        promises: () => REVOKED.nothing,
      })
  })
}

function shrinkFolio(t: Task, page: number): void {
  const { asm, s } = t
  const mapped = rmapWalk(s, page)
  const file = (s.fileFrame[page] ?? -1) >= 0
  const [remove, skip] = [asm.label(), asm.label()]
  const free = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    return ptePresent(pte) && !folioLocked(s, m, ptePfn(pte))
  }
  asm.op({
    fn: 'folio_trylock',
    file: FILE,
    label: m =>
      free(m)
        ? `isolate and lock the page of ${pageLabel(s, page)}`
        : `find nothing to reclaim at ${pageLabel(s, page)}`,
    why: 'Its lock keeps faults from bringing the page back from the swap cache meanwhile, and a reference keeps the frame.',
    run: (m, _emit, next) => {
      if (!isolate(s, m, t.cpu, page)) return skip.at
      // In the swap cache already, for a swap entry that others have: while the folio is locked, that reference is this one.
      const pfn = folioOf(s, m, t.cpu)
      if (swapUsers(s, m, pfn).length > 0) add(m, s.shape.refcount, pfn, -1)
      return next
    },
    goes: ['next', skip],
  })
  if (keepsAccessed(s.shape)) checkReferences(t, mapped, skip)
  asm.within('try_to_unmap', () => {
    for (const at of mapped)
      unmapOne(t, at, {
        fn: 'try_to_unmap_one',
        batched: true,
        drops: true,
        leaves: file ? 'leave nothing' : 'leave a swap entry',
        install: (m, to, pte, emit) => {
          if (!file && !isLazyfree(s.shape, m, ptePfn(pte))) leaveSwapEntry(s, m, to, ptePfn(pte), emit)
        },
      })
  })
  asm.beginPhase({ id: 'write out', title: 'write out', note: 'pageout()', kind: 'work', amber: true })
  asm.op({
    fn: 'folio_mapped',
    file: FILE,
    label: m =>
      stillMapped(s, m, t.cpu)
        ? 'see that it is still mapped'
        : freeable(s, m, t.cpu, file)
          ? 'see that nobody maps it any more'
          : 'see that somebody else has a reference to it',
    why: 'What others still have is left alone. Anonymous pages have no copy in swap yet; pages of a file are written when they are dirty.',
    run: (m, emit, next) => {
      if (stillMapped(s, m, t.cpu) || !freeable(s, m, t.cpu, file)) {
        letGo(s, m, t.cpu, emit)
        return skip.at
      }
      const pfn = folioOf(s, m, t.cpu)
      if (isLazyfree(s.shape, m, pfn)) {
        takeContents(s.shape, m, pfn)
        return remove.at
      }
      return !file || get(m, s.shape.folioDirty, t.cpu) === 1 ? next : remove.at
    },
    goes: ['next', remove, skip],
  })
  tryToUnmapFlush(t, mmsOf(s, mapped), 'dirty')
  asm.beginPhase({ id: 'write out', title: 'write out', note: 'pageout()', kind: 'work', amber: true })
  asm.op({
    fn: 'pageout',
    file: FILE,
    label: m => `write pfn ${folioOf(s, m, t.cpu)} out`,
    why: 'A write to the page after this moment is lost: nobody will look at the frame again.',
    run: (m, emit, next) => {
      const pfn = folioOf(s, m, t.cpu)
      takeContents(s.shape, m, pfn)
      for (const at of mapped) if (!ptePresent(pteAt(s.shape, m, at))) promise(s.shape, m, at, REVOKED.write)
      emit?.({ type: 'page-written-out', pfn: toPfn(pfn), vpn: pageVpn(s, page) })
      return next
    },
  })
  asm.place(remove)
  asm.op({
    fn: '__remove_mapping',
    file: FILE,
    label: m => (removable(s, m, t.cpu) ? 'take it for freeing' : 'keep it where it is'),
    why: 'Only a page to which nobody else has a reference can be freed. Its frame waits for the flush that is owed.',
    run: (m, emit, next) => {
      const pfn = folioOf(s, m, t.cpu)
      if (!removable(s, m, t.cpu)) {
        letGo(s, m, t.cpu, emit)
        return next
      }
      for (const at of swapUsers(s, m, pfn)) setSoft(s.shape, m, at, SOFT.swap, -1)
      listForFree(s, m, t.cpu, pfn)
      unlockFolio(s, m, t.cpu)
      return next
    },
  })
  asm.place(skip)
}

/** folio_check_references(): a page that was accessed since it was looked at last is kept for this time. Only where Accessed bits are kept. */
function checkReferences(t: Task, mapped: readonly number[], skip: Label): void {
  const { asm, s, cpu } = t
  asm.within('folio_referenced', () => {
    for (const at of mapped) ageOne(t, at, false)
  })
  asm.op({
    fn: 'folio_check_references',
    file: FILE,
    label: m => (isReferenced(s.shape, m, cpu) ? 'keep a page that is in use' : 'find it unused'),
    why: 'Who took it away from those who use it would have to read it back at once. An Accessed bit that a TLB keeps anyone from setting misleads here, and harms nobody.',
    run: (m, emit, next) => {
      const kept = isReferenced(s.shape, m, cpu)
      setReferenced(s.shape, m, cpu, false)
      if (!kept) return next
      letGo(s, m, cpu, emit)
      return skip.at
    },
    goes: ['next', skip],
  })
}

function leaveSwapEntry(s: Setup, m: Machine, page: number, pfn: number, emit?: Emit): void {
  setSoft(s.shape, m, page, SOFT.swap, pfn)
  emit?.({ type: 'soft-pte-set', vpn: pageVpn(s, page), kind: 'swap entry', pfn: toPfn(pfn) })
}

const stillMapped = (s: Setup, m: Machine, cpu: number): boolean => {
  const pfn = folioOf(s, m, cpu)
  return pfn >= 0 && get(m, s.shape.mapcount, pfn) > 0
}

/** is_page_cache_freeable(): no references but its own and the page cache's. */
const freeable = (s: Setup, m: Machine, cpu: number, file: boolean): boolean => {
  const pfn = folioOf(s, m, cpu)
  return pfn >= 0 && get(m, s.shape.refcount, pfn) === (file ? 2 : 1)
}

/** folio_ref_freeze(): its own reference is the last one. Pages of a file stay in the page cache here. */
const removable = (s: Setup, m: Machine, cpu: number): boolean => {
  const pfn = folioOf(s, m, cpu)
  return pfn >= 0 && get(m, s.shape.use, pfn) === USE.anon && get(m, s.shape.refcount, pfn) === 1
}

/** The folio stays: its reference goes, unless swap entries find it in the swap cache. */
function letGo(s: Setup, m: Machine, cpu: number, emit?: Emit): void {
  const pfn = folioOf(s, m, cpu)
  unlockFolio(s, m, cpu)
  if (swapUsers(s, m, pfn).length === 0) putPage(s, m, pfn, emit)
}

/** free_unref_folios(): one step for all. Nobody may reach them any more. */
function freeFolios(t: Task, all: readonly number[]): void {
  const { asm, s } = t
  asm.beginPhase({ id: 'free reclaim', title: 'free', note: 'after the flush', kind: 'work', amber: false })
  asm.op({
    fn: 'free_unref_folios',
    file: 'mm/page_alloc.c',
    label: m => {
      const list = listedForFree(s, m, t.cpu)
      return list.length === 0 ? 'have nothing to free' : `free pfn ${list.join(', ')}`
    },
    why: 'The frames are anybody’s from here on.',
    run: (m, emit, next) => {
      for (const pfn of listedForFree(s, m, t.cpu)) putPage(s, m, pfn, emit)
      clearListForFree(s, m, t.cpu)
      set(m, t.k.cursor, 0, 0)
      for (const at of all) checkCovered(t, m, at, at + 1, emit)
      return next
    },
  })
}
