import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { mkPte, pteAt, pteDirty, ptePfn, pteWrite, setPte, tableFrame } from '../machine/page-table.ts'
import { REVOKED } from '../machine/promises.ts'
import { NOBODY, pageLabel, pageVpn, toPfn } from '../machine/setup.ts'
import { setUncovered } from '../machine/uncovered.ts'
import { ptlIfThere, rangeText } from './mmap-lock.ts'
import { tlbGatherMmu, widenRange } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { cursorAt, setCursor, type Task, walked } from './task.ts'
import { tlbFinishMmu } from './tlb-finish.ts'

const FILE = 'mm/mprotect.c'

/**
 * userfaultfd_writeprotect(), asked to lift the protection of pages [lo, hi) that may not be protected at all. It holds the mmap lock for
 * reading only. The write bit of each PTE goes, and the flush is left for the end.
 *
 * Kernel: mwriteprotect_range() mm/userfaultfd.c, change_pte_range() mm/mprotect.c. That this clears a write bit that was set is said in the
 * text of 6ce64428d620 (5.12), which left it as it is. A page that stays protected is not modelled: its writes would wait for a monitor.
 * Simplified: the flush is that of a gather, as from 5.19 on; before it was flush_tlb_range() at the same place, after end().
 */
export function uffdUnprotect(task: Task, lo: number, hi: number): void {
  const t: Task = { ...task, range: [lo, hi], inPlace: true }
  const { asm, s } = t
  asm.within('userfaultfd_writeprotect', () => {
    enter(t, 'userfaultfd_writeprotect', lo, hi, 'read')
    asm.op({
      fn: 'mwriteprotect_range',
      file: 'mm/userfaultfd.c',
      label: `begin to change ${rangeText(s, lo, hi)}`,
      why: 'mm->tlb_flush_pending says from here on that somebody has a flush to do. Faults may run beside it.',
      run: (m, emit, next) => {
        tlbGatherMmu(t, m, emit)
        return next
      },
    })
    asm.within('change_protection', () => {
      invalidateRangeStart(t, 'PROTECTION_VMA', lo, hi)
      for (const place of s.shape.places) {
        if (place.level !== 'PTE' || place.firstPage >= hi || place.endPage <= lo) continue
        changePteRange(t, place.id, Math.max(lo, place.firstPage), Math.min(hi, place.endPage))
      }
      invalidateRangeEnd(t, 'PROTECTION_VMA', lo, hi)
    })
    tlbFinishMmu(t)
    // Whoever lifts a protection counts on nothing being over.
    leave(t, 'userfaultfd_writeprotect', lo, hi, {
      gathers: true,
      writes: false,
      lock: 'read',
      promises: () => REVOKED.nothing,
    })
  })
}

/** change_pte_range(): one page table, pages [from, to), under its lock. */
function changePteRange(t: Task, place: number, from: number, to: number): void {
  const { asm, s } = t
  const [change, unlock, end] = [asm.label(), asm.label(), asm.label()]
  const absent = (m: Machine): boolean => tableFrame(s.shape, m, place) < 0
  const next = (m: Machine): number => {
    for (let page = Math.max(cursorAt(t, m), from); page < to; page++)
      if (pteWrite(pteAt(s.shape, m, page))) return page
    return -1
  }
  const onward = (m: Machine): number => (next(m) < 0 ? unlock.at : change.at)
  asm.beginPhase({ id: 'change', title: 'change PTEs', note: 'write bit cleared', kind: 'work', amber: true })
  asm.op({
    fn: 'pte_offset_map_lock',
    file: FILE,
    label: m => (absent(m) ? 'find no page table here' : 'take the page-table lock'),
    why: 'The lock keeps other CPUs from changing these PTEs, and no longer than that.',
    ...ptlIfThere(s, place),
    run: m => {
      if (absent(m)) return end.at
      set(m, s.shape.ptl, place, t.holder)
      setCursor(t, m, from)
      return onward(m)
    },
    goes: [change, unlock, end],
  })
  asm.place(change)
  asm.op({
    fn: 'ptep_modify_prot_commit',
    file: FILE,
    label: m => `clear the write bit of ${pageLabel(s, Math.max(from, next(m)))}`,
    why: 'A write faults from here on, unless a TLB still has the entry as it was. The flush comes later.',
    run: (m, emit) => {
      const page = next(m)
      protect(t, m, page, emit)
      setCursor(t, m, page + 1)
      return onward(m)
    },
    goes: [change, unlock],
  })
  asm.place(unlock)
  asm.op({
    fn: 'pte_unmap_unlock',
    file: FILE,
    label: 'drop the page-table lock',
    why: 'A fault may come to these PTEs now, before the flush.',
    run: (m, _emit, after) => {
      set(m, s.shape.ptl, place, NOBODY)
      setCursor(t, m, 0)
      return after
    },
  })
  asm.place(end)
}

function protect(t: Task, m: Machine, page: number, emit?: Emit): void {
  const { s } = t
  const pte = pteAt(s.shape, m, page)
  setPte(s.shape, m, page, mkPte(ptePfn(pte), false, pteDirty(pte)))
  widenRange(t, m, page)
  if (walked(t, m)) setUncovered(s, m, t.cpu, page, true)
  emit?.({ type: 'pte-protected', vpn: pageVpn(s, page), pfn: toPfn(ptePfn(pte)), writable: false })
}

/** do_wp_page() looks whether a flush is pending before it copies: of VMAs registered with a userfaultfd alone. */
export const mayFindFlushPending = ({ s }: Task): boolean =>
  s.shape.sizes.features.userfaultfd && s.policy.cowChecksFlushPending

/** mm_tlb_flush_pending(), include/linux/mm_types.h */
export const mmTlbFlushPending = ({ s, mm }: Task, m: Machine): boolean => get(m, s.shape.flushPending, mm) > 0
