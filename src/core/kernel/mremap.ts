import { known } from '../base/assert.ts'
import { fixedPages } from '../device/footprints.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { allocateFrame, hasFreeFrames } from '../machine/frames.ts'
import { ptePlaceOf } from '../machine/huge-page.ts'
import { pteAt, pteDirty, ptePfn, pteWrite, setPte, setTableFrame, tableFrame } from '../machine/page-table.ts'
import { copyProt } from '../machine/protection.ts'
import { setLinked } from '../machine/reverse-map.ts'
import { NOBODY, pageLabel, pageVpn, rangeOf, toPfn, USE } from '../machine/setup.ts'
import { isHidden, moveSoft, softAt, softPfn } from '../machine/soft-pte.ts'
import { setUncovered } from '../machine/uncovered.ts'
import type { Need } from '../threads/footprint.ts'
import type { PhaseView } from '../threads/phase.ts'
import { LEVELS } from '../units.ts'
import { flushTlb } from './flush-tlb.ts'
import { checksBatchedPending, flushTlbBatchedPending } from './flush-tlb-batched.ts'
import { ptlBlocked, ptlFree, rangeText } from './mmap-lock.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { moveNormalPmd } from './move-normal-pmd.ts'
import { enter, leave } from './operation.ts'
import { rmapLockBlocked, rmapLockNeeds } from './rmap-lock.ts'
import { cursorAt, setCursor, type Task, walked } from './task.ts'
import { nextMapped } from './unmap-vmas.ts'

const FILE = 'mm/mremap.c'
const MOVED = { none: 0, clean: 1, dirty: 2 } as const

/**
 * mremap(2) with MREMAP_MAYMOVE: the pages of a region move to another address, PTE by PTE under both page-table locks.
 *
 * Kernel: move_vma(), move_page_tables(), move_ptes() mm/mremap.c. When the old range is flushed is policy.mremapFlush: after both locks
 * are dropped (3.2 to 4.8), under them if a dirty page was moved (5d1904204c99, 4.9), under them whenever a page was (eb66ae030829, 4.19).
 * Simplified: clearing the old PTE and setting the new one is one step; the new region is one that the scenario keeps free.
 * `wholeTables`: the pages stand for all 512 of each of their page tables, which kernels from 5.0 on move as they are.
 */
export function mremap(task: Task, from: readonly [number, number], to: number, wholeTables = false): void {
  const t: Task = { ...task, range: from }
  const { asm, s } = t
  const [lo, hi] = from
  const by = to - lo
  const byTable = wholeTables && s.policy.mremapMovesTables
  const nothing = asm.label()
  asm.within('mremap', () => {
    enter(t, 'mremap', lo, hi, 'write')
    copyVma(t, lo, hi, to, byTable, nothing)
    asm.within('move_page_tables', () => {
      invalidateRangeStart(t, 'UNMAP', lo, hi)
      if (!byTable) movePageTables(t, lo, hi, by)
      else for (const p of tablesIn(t, lo, hi)) moveNormalPmd(t, p, ptePlaceOf(s.shape, p.firstPage + by))
      invalidateRangeEnd(t, 'UNMAP', lo, hi, { flushed: true })
    })
    asm.op({
      fn: 'do_vmi_munmap',
      file: FILE,
      label: `take ${rangeText(s, lo, hi)} out of the VMA tree`,
      why: 'Nothing is mapped at the old address any more, so there is nothing left to unmap.',
      needs: rmapLockNeeds(t, lo, hi),
      blocked: rmapLockBlocked,
      run: (m, emit, next) => {
        for (let page = lo; page < hi; page++) set(m, s.shape.vma, page, 0)
        setLinked(s.shape, m, lo, hi, false)
        emit?.({ type: 'vma-detached', range: rangeOf(s, lo, hi) })
        return next
      },
    })
    leave(t, 'mremap', lo, hi, { gathers: false, tells: true, writes: true, lock: 'write', nothing })
  })
}

/** copy_vma(): the new VMA, with the page tables that it will need; those of PTEs may come with the move. Nothing happens when the old one is gone. */
function copyVma(t: Task, lo: number, hi: number, to: number, byTable: boolean, nothing: { at: number }): void {
  const { asm, s } = t
  const end = to + hi - lo
  const missing = (m: Machine): number[] => [
    ...new Set(
      s.shape.path
        .slice(to, end)
        .flatMap(path => path.slice(0, byTable ? -1 : undefined))
        .filter(place => tableFrame(s.shape, m, place) < 0),
    ),
  ]
  asm.op({
    fn: 'copy_vma',
    file: 'mm/mmap.c',
    label: `map ${rangeText(s, to, end)} with the page tables that it needs`,
    why: 'The new address is there before the first page moves.',
    needs: [
      {
        on: [s.resources.frames],
        holds: m => hasFreeFrames(s, m, missing(m).length),
        as: 'reads',
      },
    ],
    blocked: () => 'no frame is free',
    run: (m, emit, next) => {
      for (let page = lo; page < hi; page++) if (get(m, s.shape.vma, page) === 0) return nothing.at
      const region = s.regions.findIndex(r => to >= r.first && to < r.end)
      for (let page = to; page < end; page++) {
        set(m, s.shape.vma, page, region + 1)
        copyProt(s, m, page - to + lo, page)
      }
      setLinked(s.shape, m, to, end, true)
      emit?.({ type: 'vma-mapped', range: rangeOf(s, to, end) })
      for (const place of missing(m)) makeTable(t, m, place, emit)
      return next
    },
    goes: ['next', nothing],
  })
}

function makeTable({ s }: Task, m: Machine, place: number, emit?: Emit): void {
  const { level, base } = known(s.shape.places[place], 'place')
  const table = allocateFrame(s, m, USE.table, place + 1)
  setTableFrame(s.shape, m, place, table)
  emit?.({ type: 'table-allocated', level, pfn: toPfn(table), vpn: base })
}

/** pte_alloc() of the new table, where somebody can have taken it out again: retract_page_tables(). */
const tableNeeds = ({ s }: Task, target: number): Need[] =>
  s.shape.retracted.length === 0
    ? []
    : [
        {
          on: [s.resources.table(target), s.resources.frames],
          holds: m => tableFrame(s.shape, m, target) >= 0 || hasFreeFrames(s, m, 1),
          as: 'reads',
        },
      ]

const tablesIn = ({ s }: Task, lo: number, hi: number) =>
  s.shape.places.filter(p => p.level === 'PTE' && p.firstPage < hi && p.endPage > lo)

/** move_page_tables(): table by table, then the flush that was left for later. */
function movePageTables(t: Task, lo: number, hi: number, by: number): void {
  const { asm, s, k } = t
  const end = asm.label()
  const late = s.policy.mremapFlush !== 'under-ptl'
  for (const place of tablesIn(t, lo, hi))
    movePtes(t, place.id, Math.max(lo, place.firstPage), Math.min(hi, place.endPage), by)
  if (!late) return
  asm.op({
    fn: 'move_page_tables',
    file: FILE,
    label: m => (get(m, k.forceFlush, 0) === MOVED.none ? 'have nothing to flush' : 'see that pages were moved'),
    why: 'Pages have been at their new address, with no lock held, since before this moment. The old address still reaches them.',
    run: (m, _emit, next) => (get(m, k.forceFlush, 0) === MOVED.none ? end.at : next),
    goes: ['next', end],
  })
  flushOld(t, lo, hi, 'after the move')
  asm.place(end)
}

/** flush_tlb_range() of the old address. Before 6.6 nobody tells secondary TLBs of it. */
const flushOld = (t: Task, first: number, end: number, phase: string): void =>
  flushTlb(t, {
    fn: 'flush_tlb_range',
    pages: fixedPages(first, end),
    tables: false,
    notifies: false,
    site: 'inside',
    phase,
    first: m => set(m, t.k.forceFlush, 0, MOVED.none),
  })

/** move_ptes(): the pages of one table, [first, end), to pages `by` further on. */
function movePtes(t: Task, place: number, first: number, end: number, by: number): void {
  const { asm, s, k } = t
  const how = s.policy.mremapFlush
  const target = s.shape.path[first + by]?.[LEVELS.length - 1] ?? -1
  const locks = place === target ? [place] : [place, target]
  const held = (m: Machine): number => locks.find(lock => !ptlFree(s, m, lock)) ?? -1
  const next = (m: Machine): number => nextMapped(s, m, Math.max(cursorAt(t, m), first), end)
  const mustFlush = (m: Machine): boolean =>
    get(m, k.forceFlush, 0) >= (how === 'under-ptl' ? MOVED.clean : MOVED.dirty) && how !== 'after-unlock'
  const looks = checksBatchedPending(t)
  const [move, flush, unlock] = [asm.label(), asm.label(), asm.label()]
  const phase: PhaseView = { id: 'move', title: 'move PTEs', note: 'both locks held', kind: 'work', amber: true }

  asm.within('move_ptes', () => {
    asm.beginPhase(phase)
    asm.op({
      fn: 'pte_offset_map_lock',
      file: FILE,
      label: 'take both page-table locks',
      why: 'Nobody else changes these PTEs. Hardware that walks the table asks for no lock.',
      needs: [{ on: locks.map(s.resources.ptl), holds: m => held(m) < 0, as: 'reads' }, ...tableNeeds(t, target)],
      blocked: m => (held(m) < 0 ? 'no frame is free' : ptlBlocked(s, m, held(m))),
      run: (m, emit, to) => {
        for (const lock of locks) set(m, s.shape.ptl, lock, t.holder)
        if (tableFrame(s.shape, m, target) < 0) makeTable(t, m, target, emit)
        setCursor(t, m, first)
        if (looks) return to
        return next(m) < 0 ? unlock.at : move.at
      },
      goes: looks ? ['next'] : [move, unlock],
    })
    if (looks) {
      flushTlbBatchedPending(t)
      asm.beginPhase(phase)
      asm.op({
        fn: 'move_ptes',
        file: FILE,
        label: m => (next(m) < 0 ? 'find no PTE' : 'go on to the PTEs'),
        why: 'Whatever reclaim had cleared here is out of every TLB now.',
        run: m => (next(m) < 0 ? unlock.at : move.at),
        goes: [move, unlock],
      })
    }
    asm.place(move)
    asm.op({
      fn: 'ptep_get_and_clear',
      file: FILE,
      label: m => `move the PTE of ${pageLabel(s, Math.max(first, next(m)))}`,
      why: 'The page is the same, the address is another. Translations of the old address still reach it.',
      run: (m, emit) => {
        movePte(t, m, next(m), by, emit)
        if (next(m) >= 0) return move.at
        return mustFlush(m) ? flush.at : unlock.at
      },
      goes: [move, flush, unlock],
    })
    asm.place(flush)
    if (how !== 'after-unlock') flushOld(t, first, end, 'under the lock')
    asm.beginPhase(phase)
    asm.place(unlock)
    asm.op({
      fn: 'pte_unmap_unlock',
      file: FILE,
      label: 'drop both page-table locks',
      why: 'From here on others may unmap the page at its new address, and free it.',
      run: (m, _emit, to) => {
        for (let page = first; page < end; page++) moveSoft(s.shape, m, page, page + by)
        for (const lock of locks) set(m, s.shape.ptl, lock, NOBODY)
        setCursor(t, m, 0)
        return to
      },
    })
  })
}

/** An entry of PROT_NONE counts as present, and as dirty: pte_present(). */
function movePte(t: Task, m: Machine, page: number, by: number, emit?: Emit): void {
  const { s, k } = t
  if (isHidden(s.shape, m, page)) {
    const pfn = toPfn(softPfn(softAt(s.shape, m, page)))
    moveSoft(s.shape, m, page, page + by)
    set(m, k.forceFlush, 0, MOVED.dirty)
    emit?.({ type: 'soft-pte-set', vpn: pageVpn(s, page + by), kind: 'PROT_NONE', pfn })
    return
  }
  const pte = pteAt(s.shape, m, page)
  setPte(s.shape, m, page, 0)
  setPte(s.shape, m, page + by, pte)
  if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
  const before = get(m, k.forceFlush, 0)
  set(m, k.forceFlush, 0, Math.max(before, pteDirty(pte) ? MOVED.dirty : MOVED.clean))
  const pfn = toPfn(ptePfn(pte))
  emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn, dirty: pteDirty(pte) })
  emit?.({ type: 'pte-set', vpn: pageVpn(s, page + by), pfn, writable: pteWrite(pte) })
}
