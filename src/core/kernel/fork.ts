import { known } from '../base/assert.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { bear, isBorn, originalOf } from '../machine/forks.ts'
import { allocateFrame, hasFreeFrames } from '../machine/frames.ts'
import { copyValue } from '../machine/observations.ts'
import {
  mkPte,
  pteAt,
  pteDirty,
  ptePfn,
  ptePresent,
  pteWrite,
  setPte,
  setTableFrame,
  tableFrame,
} from '../machine/page-table.ts'
import { bumpWriteProtectSeq, isPinned } from '../machine/pins.ts'
import { REVOKED, type Revoked } from '../machine/promises.ts'
import { setLinked } from '../machine/reverse-map.ts'
import { isZeroFrame, NOBODY, pageLabel, pageVpn, type RegionFacts, rangeOf, toPfn, USE } from '../machine/setup.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { Label } from '../threads/program.ts'
import { LEVELS } from '../units.ts'
import { flushTlb } from './flush-tlb.ts'
import { framesNeeded } from './frame-footprint.ts'
import { ptlBlocked, ptlFree, rangeText } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { cursorAt, mmOf, setCursor, type Task, walked } from './task.ts'

const FILE = 'mm/memory.c'

/**
 * fork(2): the child gets the anonymous pages of the app, and both may only read them from then on. Whoever writes gets a copy: cow.ts.
 *
 * Kernel: dup_mmap() kernel/fork.c, copy_page_range(), copy_present_pte() mm/memory.c. The CPUs are flushed once, at the end; up to 6.5 end()
 * tells secondary TLBs for each VMA, from 6.6 on the flush does, once. The child cannot run before.
 * A page that is pinned for DMA is copied for the child at once, and write_protect_seq tells GUP-fast of it: policy.forkCopiesPinned,
 * policy.writeProtectSeq. Written only where pages can be pinned.
 * Simplified: regions of files are left to faults of the child.
 */
export function fork(task: Task): void {
  const { s, asm } = task
  const { first, end } = mmOf(task)
  const t: Task = { ...task, range: [first, end] }
  const childs = s.regions.filter(r => r.mm !== task.mm && originalOf(s, r.first) >= 0)
  asm.within('dup_mmap', () => {
    enter(t, 'fork', first, end, 'write')
    for (const region of childs) copyPageRange(t, region)
    flushTlb(t, {
      fn: 'flush_tlb_mm',
      pages: 'mm',
      tables: false,
      notifies: false,
      site: 'outside',
      unlocked: true,
      phase: 'parent',
    })
    asm.beginPhase({ id: 'wake', title: 'wake the child', note: 'it may run', kind: 'work', amber: false })
    asm.op({
      fn: 'wake_up_new_task',
      file: 'kernel/sched/core.c',
      label: 'let the child run',
      why: 'It reads the pages as they were. That no write of the parent’s reaches them any more is why the flush came first.',
      run: (m, _emit, next) => {
        bear(s.shape, m)
        return next
      },
    })
    const promises = (m: Machine, page: number): Revoked => {
      const pte = pteAt(s.shape, m, page)
      return ptePresent(pte) && !pteWrite(pte) ? REVOKED.write : REVOKED.nothing
    }
    leave(t, 'fork', first, end, { gathers: false, tells: true, writes: true, lock: 'write', promises })
  })
}

/** ret_from_fork(): the child’s first step. It is there when its parent says so. */
export function waitForFork({ s, asm }: Task): void {
  asm.op({
    fn: 'ret_from_fork',
    file: 'arch/x86/entry/entry_64.S',
    label: 'begin to run',
    why: 'A child runs when everything that it was given is in place.',
    needs: [{ on: [], holds: m => isBorn(s.shape, m), as: 'reads' }],
    blocked: () => 'its parent has not forked yet',
    run: (_m, _emit, next) => next,
  })
}

/** copy_page_range(): one VMA of the parent, for the region of the child that is a copy of it. */
function copyPageRange(t: Task, child: RegionFacts): void {
  const { asm, s } = t
  const lo = originalOf(s, child.first)
  const hi = lo + child.end - child.first
  asm.op({
    fn: 'vm_area_dup',
    file: 'kernel/fork.c',
    label: `give the child a VMA for ${rangeText(s, lo, hi)}`,
    why: 'The child’s copy of the mapping. Nothing is mapped in it yet.',
    run: (m, emit, next) => {
      if (get(m, s.shape.vma, lo) !== 0) {
        for (let page = child.first; page < child.end; page++) set(m, s.shape.vma, page, s.regions.indexOf(child) + 1)
        setLinked(s.shape, m, child.first, child.end, true)
        emit?.({ type: 'vma-mapped', range: rangeOf(s, child.first, child.end) })
      }
      return next
    },
  })
  asm.within('copy_page_range', () => {
    invalidateRangeStart(t, 'PROTECTION_PAGE', lo, hi)
    asm.beginPhase({ id: 'copy', title: 'copy PTEs', note: 'both read-only', kind: 'work', amber: true })
    if (tellsGup(t)) bump(t, 'begin')
    for (const place of s.shape.places) {
      if (place.level !== 'PTE' || place.firstPage >= hi || place.endPage <= lo) continue
      copyPteRange(t, place.id, Math.max(lo, place.firstPage), Math.min(hi, place.endPage), child.first - lo)
    }
    if (tellsGup(t)) bump(t, 'end')
    invalidateRangeEnd(t, 'PROTECTION_PAGE', lo, hi)
  })
}

const tellsGup = ({ s }: Task): boolean => s.policy.writeProtectSeq && s.shape.sizes.features.forkRegions > 0

/** raw_write_seqcount_begin(), raw_write_seqcount_end(). The mmap lock keeps other writers out. */
function bump({ asm, s }: Task, what: 'begin' | 'end'): void {
  asm.op({
    fn: `raw_write_seqcount_${what}`,
    file: FILE,
    label: what === 'begin' ? 'make write_protect_seq odd' : 'make write_protect_seq even',
    why: 'GUP-fast takes no lock. It looks at this number before it walks, and after.',
    run: (m, emit, next) => {
      bumpWriteProtectSeq(s.shape, m)
      emit?.({ type: 'write-protect-seq', seq: get(m, s.shape.writeProtectSeq, 0) })
      return next
    },
  })
}

/** copy_pte_range(): pages [from, to) of one table of the parent, to pages `by` further on. */
function copyPteRange(t: Task, place: number, from: number, to: number, by: number): void {
  const { asm, s } = t
  const { shape } = s
  const [copy, unlock, end] = [asm.label(), asm.label(), asm.label()]
  const tables = [...new Set(shape.path.slice(from + by, to + by).flat())]
  const target = known(shape.path[from + by]?.[LEVELS.length - 1], 'table')
  const missing = (m: Machine): number[] => tables.filter(table => tableFrame(shape, m, table) < 0)
  const absent = (m: Machine): boolean => tableFrame(shape, m, place) < 0
  const locks = [place, target]
  const held = (m: Machine): number => locks.find(lock => !ptlFree(s, m, lock)) ?? -1
  const next = (m: Machine): number => {
    for (let page = Math.max(cursorAt(t, m), from); page < to; page++)
      if (ptePresent(pteAt(shape, m, page))) return page
    return -1
  }
  const copies = shape.sizes.features.pins && s.policy.forkCopiesPinned
  const [look, early] = [asm.label(), asm.label()]
  const first = copies ? look : copy
  const onward = (m: Machine): number => (next(m) < 0 ? unlock.at : first.at)
  asm.op({
    fn: 'pte_alloc_map_lock',
    file: FILE,
    label: m => (absent(m) ? 'find no page table here' : 'allocate the child’s tables, and take both page-table locks'),
    why: 'Nobody else changes these PTEs. Hardware that walks the parent’s table asks for no lock.',
    needs: [
      { on: locks.map(s.resources.ptl), holds: m => absent(m) || held(m) < 0, as: 'reads' },
      { on: [s.resources.frames], holds: m => absent(m) || hasFreeFrames(s, m, missing(m).length), as: 'reads' },
    ],
    blocked: m => (held(m) >= 0 ? ptlBlocked(s, m, held(m)) : 'no frame is free'),
    run: (m, emit) => {
      if (absent(m)) return end.at
      for (const id of missing(m)) {
        const { level, base } = known(shape.places[id], 'place')
        const table = allocateFrame(s, m, USE.table, id + 1)
        setTableFrame(shape, m, id, table)
        emit?.({ type: 'table-allocated', level, pfn: toPfn(table), vpn: base })
      }
      for (const lock of locks) set(m, shape.ptl, lock, t.holder)
      setCursor(t, m, from)
      return onward(m)
    },
    goes: [first, unlock, end],
  })
  if (copies) copyPinned(t, by, { look, early, copy, unlock }, from, next)
  asm.place(copy)
  asm.op({
    fn: 'copy_present_pte',
    file: FILE,
    label: m => `write-protect ${pageLabel(s, Math.max(from, next(m)))}, and map it in the child`,
    why: 'Both have the page now, and neither may write it. A TLB of the parent’s still may, until the flush.',
    run: (m, emit) => {
      const page = next(m)
      copyPresentPte(t, m, page, by, emit)
      setCursor(t, m, page + 1)
      return onward(m)
    },
    goes: [first, unlock],
  })
  asm.place(unlock)
  asm.op({
    fn: 'pte_unmap_unlock',
    file: FILE,
    label: 'drop both page-table locks',
    why: 'The parent’s PTEs are read-only. No TLB has been flushed yet.',
    run: (m, _emit, after) => {
      for (const lock of locks) set(m, shape.ptl, lock, NOBODY)
      setCursor(t, m, 0)
      return after
    },
  })
  asm.place(end)
}

/** page_maybe_dma_pinned() and copy_present_page(): a page that is pinned stays its owner's, and the child gets a copy. */
function copyPinned(
  t: Task,
  by: number,
  { look, early, copy, unlock }: Readonly<Record<'look' | 'early' | 'copy' | 'unlock', Label>>,
  from: number,
  next: (m: Machine) => number,
): void {
  const { asm, s } = t
  const { shape } = s
  const label = (m: Machine): string => pageLabel(s, Math.max(from, next(m)))
  const pinned = (m: Machine): boolean => isPinned(shape, m, ptePfn(pteAt(shape, m, next(m))))
  asm.place(look)
  asm.op({
    fn: 'page_maybe_dma_pinned',
    file: 'include/linux/mm.h',
    label: m => `see that ${label(m)} is ${pinned(m) ? '' : 'not '}pinned`,
    why: 'A device writes a pinned page by its address, and no write-protection stops it. GUP-fast may pin the page right after this.',
    run: m => (pinned(m) ? early.at : copy.at),
    goes: [early, copy],
  })
  asm.place(early)
  asm.op({
    fn: 'copy_present_page',
    file: FILE,
    label: m => `copy ${label(m)} for the child, and leave it to the parent`,
    why: 'The parent’s PTE stays as it is: the page that the device writes is the one that the parent reads.',
    needs: framesNeeded(s, () => 1),
    blocked: () => 'no frame is free',
    run: (m, emit) => {
      const page = next(m)
      const old = ptePfn(pteAt(shape, m, page))
      const pfn = allocateFrame(s, m, USE.anon, page + by + 1)
      emit?.({ type: 'page-allocated', pfn: toPfn(pfn), owner: 'app', order: 0 })
      set(m, shape.mapcount, pfn, 1)
      copyValue(shape, m, old, pfn)
      emit?.({ type: 'page-copied', from: toPfn(old), pfn: toPfn(pfn) })
      setPte(shape, m, page + by, mkPte(pfn, true, true))
      emit?.({ type: 'pte-set', vpn: pageVpn(s, page + by), pfn: toPfn(pfn), writable: true })
      setCursor(t, m, page + 1)
      return next(m) < 0 ? unlock.at : look.at
    },
    goes: [look, unlock],
  })
}

function copyPresentPte(t: Task, m: Machine, page: number, by: number, emit?: Emit): void {
  const { s } = t
  const pte = pteAt(s.shape, m, page)
  const pfn = ptePfn(pte)
  if (pteWrite(pte)) {
    setPte(s.shape, m, page, mkPte(pfn, false, pteDirty(pte)))
    if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
    emit?.({ type: 'pte-protected', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: false })
  }
  if (!isZeroFrame(s, pfn)) {
    add(m, s.shape.refcount, pfn, 1)
    add(m, s.shape.mapcount, pfn, 1)
  }
  setPte(s.shape, m, page + by, mkPte(pfn, false, pteDirty(pte)))
  emit?.({ type: 'pte-set', vpn: pageVpn(s, page + by), pfn: toPfn(pfn), writable: false })
}
