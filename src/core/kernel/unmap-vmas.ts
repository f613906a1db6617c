import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { mkPte, nextPresent, pteAt, pteDirty, ptePfn, ptePresent, setPte, tableFrame } from '../machine/page-table.ts'
import { isPfnMapped, isZeroFrame, NOBODY, pageLabel, pageVpn, rangeOf, type Setup, toPfn } from '../machine/setup.ts'
import { sharers } from '../machine/shared-tables.ts'
import { clearSoft, isHidden, softAt, softPfn } from '../machine/soft-pte.ts'
import { setUncovered, takeOver } from '../machine/uncovered.ts'
import { omitting } from '../threads/program.ts'
import { checksBatchedPending, flushTlbBatchedPending } from './flush-tlb-batched.ts'
import { unmapHugepageRange } from './hugetlb.ts'
import { ptlIfThere } from './mmap-lock.ts'
import { gatherPage, tlbFlushMmuFree, tlbFlushMmuTlbonly, widenRange } from './mmu-gather.ts'
import { dropSoft } from './swap-in.ts'
import { cursorAt, setCursor, type Task, walked } from './task.ts'
import { clearsPage, looksForPages, takesOver } from './unmap-footprint.ts'
import { zapHugePmd } from './zap-huge-pmd.ts'

const FILE = 'mm/memory.c'
const FORCE = { no: 0, dirtyFilePage: 1, batchFull: 2 } as const

/**
 * unmap_vmas(), mm/memory.c: for each VMA of pages [lo, hi), table by table under the page-table lock, clears PTEs and
 * queues the pages. A full batch, or a dirty page of a file, forces a flush while the lock is held; the queued pages are freed
 * as soon as it is dropped. Up to 3.14 (1cf35d47712d) a full batch alone, and with the lock dropped: policy.forcedFlush.
 *
 * Simplified: rmap removal is part of the clearing step; a huge page goes whole; flush_tlb_batched_pending() has nothing to do.
 */
export function unmapVmas(t: Task, lo: number, hi: number): void {
  const { asm, s } = t
  asm.within('unmap_vmas', () => {
    for (const region of s.regions) {
      const first = Math.max(lo, region.first)
      const end = Math.min(hi, region.end)
      if (first >= end) continue
      asm.within('unmap_page_range', () => {
        asm.beginPhase({ id: 'zap', title: 'unmap', note: 'PTEs cleared, pages queued', kind: 'work', amber: true })
        let firstTable = true
        for (const place of s.shape.places) {
          if (place.level !== 'PTE') continue
          const from = Math.max(first, place.firstPage)
          const to = Math.min(end, place.endPage)
          if (from >= to) continue
          const past = asm.label()
          if (s.shape.hugePmd.length > 0) zapHugePmd(t, place, past)
          const vma = firstTable ? ([first, end] as const) : undefined
          const zap = (): void => zapPteRange(t, place.id, from, to, vma)
          if (sharers(s.shape, place.id).length > 0) unmapHugepageRange(t, place.id, from, to, zap)
          else zap()
          firstTable = false
          asm.place(past)
        }
      })
      const early = region.kind === 'pfnmap' && s.policy.pfnmapFlushBeforeUnlink
      if (!s.policy.mergeVmas || early) asm.within('tlb_end_vma', () => tlbFlushMmuTlbonly(t, 'inside', 'end-vma'))
    }
  })
}

/** zap_pte_range(): one page table, pages [from, to). `vma` when it is the first of its VMA. */
function zapPteRange(
  t: Task,
  place: number,
  from: number,
  to: number,
  vma: readonly [number, number] | undefined,
): void {
  const { asm, s, k } = t
  const clear = asm.label()
  const lock = asm.label()
  const force = asm.label()
  const unlock = asm.label()
  const free = asm.label()
  const end = asm.label()
  const pending = asm.label()
  const looks = checksBatchedPending(t)
  const next = (m: Machine): number => nextMapped(s, m, Math.max(cursorAt(t, m), from), to)
  const zapPhase = { id: 'zap', title: 'unmap', note: 'PTEs cleared, pages queued', kind: 'work', amber: true } as const
  const enter = (m: Machine, locks: boolean, emit?: Emit): number => {
    if (vma !== undefined && cursorAt(t, m) <= vma[0])
      emit?.({ type: 'zap-started', range: rangeOf(s, vma[0], vma[1]) })
    if (tableFrame(s.shape, m, place) < 0) return end.at
    setCursor(t, m, Math.max(cursorAt(t, m), from))
    takeOverAbsent(t, m, to)
    if (locks) {
      set(m, s.shape.ptl, place, t.holder)
      emit?.({ type: 'ptl-taken', table: toPfn(tableFrame(s.shape, m, place)) })
    }
    if (looks) return pending.at
    return next(m) >= 0 ? clear.at : unlock.at
  }
  const { resources: r } = s
  const canForce = s.batchSize <= to || s.regions.some(r => r.kind === 'file')
  const flush = (): void =>
    tlbFlushMmuTlbonly(t, 'inside', 'gather', (m, emit) => {
      emit?.({
        type: 'flush-forced',
        why: get(m, k.forceFlush, 0) === FORCE.batchFull ? 'batch-full' : 'dirty-file-page',
      })
    })

  asm.within('zap_pte_range', () => {
    asm.beginPhase(zapPhase)
    asm.place(lock)
    asm.op({
      fn: 'pte_offset_map_lock',
      file: FILE,
      label: m => (tableFrame(s.shape, m, place) < 0 ? 'find no page table here' : 'take the page-table lock'),
      why: 'The lock keeps other CPUs from changing these PTEs. A device walks the table without asking for it.',
      ...ptlIfThere(s, place),
      run: (m, emit) => enter(m, true, emit),
      without: [omitting('the page-table lock', (m, emit) => enter(m, false, emit))],
      touches: [
        { reads: [r.table(place)] },
        { writes: [r.ptl(place)], now: m => tableFrame(s.shape, m, place) >= 0 },
        ...takesOver(t, from, to),
      ],
      goes: looks ? [pending, end] : [clear, unlock, end],
    })
    asm.place(pending)
    if (looks) {
      flushTlbBatchedPending(t)
      asm.beginPhase(zapPhase)
      asm.op({
        fn: 'zap_pte_range',
        file: FILE,
        label: m => (next(m) >= 0 ? 'go on to the PTEs' : 'find no PTE'),
        why: 'Whatever reclaim had cleared here is out of every TLB now.',
        run: m => (next(m) >= 0 ? clear.at : unlock.at),
        goes: [clear, unlock],
      })
    }
    asm.place(clear)
    asm.op({
      fn: 'ptep_get_and_clear_full',
      file: FILE,
      label: m => (next(m) < 0 ? 'find the PTEs cleared' : `clear the PTE of ${pageLabel(s, next(m))}`),
      why: 'The page is unmapped from here on, but every TLB may still hold the old translation: the frame must not be freed yet.',
      run: (m, emit) => {
        const page = next(m)
        // Only where the lock was left out can somebody else have cleared it.
        if (page < 0) return get(m, k.forceFlush, 0) === FORCE.no ? unlock.at : force.at
        zapPage(t, m, page, emit)
        setCursor(t, m, page + 1)
        if (get(m, k.forceFlush, 0) === FORCE.batchFull) return force.at
        if (next(m) >= 0) return clear.at
        return get(m, k.forceFlush, 0) === FORCE.no ? unlock.at : force.at
      },
      touches: [...looksForPages(t, from, to, 1), ...clearsPage(t, from, to, next)],
      goes: [clear, force, unlock],
    })
    asm.place(force)
    if (canForce && !flushesLate(s)) flush()
    asm.place(unlock)
    asm.op({
      fn: 'pte_unmap_unlock',
      file: FILE,
      label: 'drop the page-table lock',
      why: 'Other CPUs may change this table again.',
      run: (m, emit) => {
        for (let page = from; page < to; page++) dropSoft(s, m, page, emit)
        if (get(m, s.shape.ptl, place) === t.holder) {
          set(m, s.shape.ptl, place, NOBODY)
          emit?.({ type: 'ptl-released', table: toPfn(tableFrame(s.shape, m, place)) })
        }
        return get(m, k.forceFlush, 0) === FORCE.no ? end.at : free.at
      },
      touches: [
        { knows: [r.ptl(place)] },
        { writes: [r.ptl(place)], now: m => get(m, s.shape.ptl, place) === t.holder },
      ],
      goes: [free, end],
    })
    asm.place(free)
    if (canForce) {
      asm.within('tlb_flush_mmu', () => {
        if (flushesLate(s)) flush()
        tlbFlushMmuFree(t, 'forced')
      })
      asm.op({
        fn: 'zap_pte_range',
        file: FILE,
        label: m => (next(m) >= 0 ? 'go on with the next PTE' : 'finish with this page table'),
        why: 'The queued pages are free, and the start/end pair is still open: this is the one way in which end() comes after the free.',
        run: m => {
          set(m, k.forceFlush, 0, FORCE.no)
          return next(m) >= 0 ? lock.at : end.at
        },
        touches: looksForPages(t, from, to),
        goes: [lock, end],
      })
    }
    asm.place(end)
  })
}

const flushesLate = ({ policy }: Setup): boolean => policy.forcedFlush === 'after-ptl'

/** First page in [from, to) that has a PTE, be it one of PROT_NONE; -1 none. */
export function nextMapped(s: Setup, m: Machine, from: number, to: number): number {
  if (s.shape.softPte.length === 0) return nextPresent(s.shape, m, from, to)
  for (let page = from; page < to; page++)
    if (ptePresent(pteAt(s.shape, m, page)) || isHidden(s.shape, m, page)) return page
  return -1
}

/** ptep_get_and_clear_full(), page_remove_rmap(), __tlb_remove_page() for one page. */
function zapPage(t: Task, m: Machine, page: number, emit?: Emit): void {
  const { s, k } = t
  const hidden = isHidden(s.shape, m, page)
  const pte = hidden ? mkPte(softPfn(softAt(s.shape, m, page)), false, true) : pteAt(s.shape, m, page)
  const pfn = ptePfn(pte)
  if (hidden) clearSoft(s.shape, m, page)
  setPte(s.shape, m, page, 0)
  widenRange(t, m, page)
  noteUncovered(t, m, page)
  emit?.({ type: 'pte-cleared', vpn: pageVpn(s, page), pfn: toPfn(pfn), dirty: pteDirty(pte) })
  if (isPfnMapped(s, page) || isZeroFrame(s, pfn)) return
  add(m, s.shape.mapcount, pfn, -1)
  emit?.({ type: 'rmap-removed', pfn: toPfn(pfn), count: 1 })
  const full = gatherPage(t, m, pfn, emit)
  if (full) set(m, k.forceFlush, 0, FORCE.batchFull)
  else if (pteDirty(pte) && s.fileFrame[page] !== -1 && !flushesLate(s)) set(m, k.forceFlush, 0, FORCE.dirtyFilePage)
}

/** I5: pages that somebody else has cleared and not told of yet are of this unmap's range too. */
function takeOverAbsent(t: Task, m: Machine, to: number): void {
  for (let page = cursorAt(t, m); page < to; page++) {
    if (!ptePresent(pteAt(t.s.shape, m, page))) takeOver(t.s, m, t.cpu, page)
  }
}

/** I5: the secondary TLB must be told of this page before the operation reports that it is done. */
function noteUncovered(t: Task, m: Machine, page: number): void {
  if (walked(t, m)) setUncovered(t.s, m, t.cpu, page, true)
}
