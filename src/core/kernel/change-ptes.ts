import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { pteAt, tableFrame } from '../machine/page-table.ts'
import { NOBODY, pageLabel, toPfn } from '../machine/setup.ts'
import { setUncovered, takeOver } from '../machine/uncovered.ts'
import type { PhaseView } from '../threads/phase.ts'
import { checksBatchedPending, flushTlbBatchedPending } from './flush-tlb-batched.ts'
import { ptlIfThere } from './mmap-lock.ts'
import { cursorAt, setCursor, type Task, walked } from './task.ts'

const changing: PhaseView = { id: 'change', title: 'change PTEs', note: 'in place', kind: 'work', amber: true }

/** One kind of change that leaves the page where it is. */
export interface InPlace {
  readonly fn: string
  readonly file: string
  /** `write-protect`: what it does to a page. */
  readonly verb: string
  /** It looks first for flushes that reclaim has put off: flush_tlb_batched_pending(). */
  readonly looks: boolean
  readonly why: string
  /** There is something to change at this page. */
  readonly wants: (m: Machine, page: number) => boolean
  /** Changes the entry. True when translations of it may grant more than it does from here on. */
  readonly change: (m: Machine, page: number, emit?: Emit) => boolean
  /** Notes that the page was changed, for the flush that comes later. `before` is the entry as it was. */
  readonly record: (m: Machine, page: number, shrank: boolean, before: number) => void
}

/**
 * Walks the page tables of pages [lo, hi), one table after another under its lock, and changes entries where they stand: the walk of
 * change_protection() mm/mprotect.c, madvise_free_single_vma() mm/madvise.c, clear_refs_write() fs/proc/task_mmu.c.
 *
 * Simplified: reading the old entry (an atomic exchange) and writing the new one is one step. In between hardware would find nothing, and
 * the fault would wait for the lock.
 */
export function changePtes(t: Task, lo: number, hi: number, how: InPlace): void {
  const { asm } = t
  asm.beginPhase(changing)
  for (const place of t.s.shape.places) {
    if (place.level !== 'PTE' || place.firstPage >= hi || place.endPage <= lo) continue
    changeTable(t, place.id, Math.max(lo, place.firstPage), Math.min(hi, place.endPage), how)
  }
}

function changeTable(t: Task, place: number, from: number, to: number, how: InPlace): void {
  const { asm, s } = t
  const [look, change, unlock, end] = [asm.label(), asm.label(), asm.label(), asm.label()]
  const looks = how.looks && checksBatchedPending(t)
  const absent = (m: Machine): boolean => tableFrame(s.shape, m, place) < 0
  const next = (m: Machine): number => {
    for (let page = Math.max(cursorAt(t, m), from); page < to; page++) if (how.wants(m, page)) return page
    return -1
  }
  const onward = (m: Machine): number => (next(m) < 0 ? unlock.at : change.at)
  asm.op({
    fn: 'pte_offset_map_lock',
    file: how.file,
    label: m => (absent(m) ? 'find no page table here' : 'take the page-table lock'),
    why: 'The lock keeps other CPUs from changing these PTEs. A device walks the table without asking for it.',
    ...ptlIfThere(s, place),
    run: (m, emit) => {
      if (absent(m)) return end.at
      setCursor(t, m, from)
      for (let page = from; page < to; page++) if (!how.wants(m, page)) takeOver(s, m, t.cpu, page)
      set(m, s.shape.ptl, place, t.holder)
      emit?.({ type: 'ptl-taken', table: toPfn(tableFrame(s.shape, m, place)) })
      return looks ? look.at : onward(m)
    },
    goes: looks ? [look, end] : [change, unlock, end],
  })
  asm.place(look)
  if (looks) {
    flushTlbBatchedPending(t)
    asm.beginPhase(changing)
    asm.op({
      fn: how.fn,
      file: how.file,
      label: m => (next(m) >= 0 ? 'go on to the PTEs' : 'find nothing to change'),
      why: 'Whatever reclaim had cleared here is out of every TLB now.',
      run: m => onward(m),
      goes: [change, unlock],
    })
  }
  asm.place(change)
  asm.op({
    fn: how.fn,
    file: how.file,
    label: m => `${how.verb} ${pageLabel(s, Math.max(from, next(m)))}`,
    why: how.why,
    run: (m, emit) => {
      const page = next(m)
      const before = pteAt(s.shape, m, page)
      const shrank = how.change(m, page, emit)
      if (shrank && walked(t, m)) setUncovered(s, m, t.cpu, page, true)
      how.record(m, page, shrank, before)
      setCursor(t, m, page + 1)
      return onward(m)
    },
    goes: [change, unlock],
  })
  asm.place(unlock)
  asm.op({
    fn: 'pte_unmap_unlock',
    file: how.file,
    label: 'drop the page-table lock',
    why: 'Other CPUs may change this table again. Translations from before are still in the TLBs.',
    run: (m, emit, after) => {
      if (get(m, s.shape.ptl, place) === t.holder) set(m, s.shape.ptl, place, NOBODY)
      emit?.({ type: 'ptl-released', table: toPfn(tableFrame(s.shape, m, place)) })
      setCursor(t, m, 0)
      return after
    },
  })
  asm.place(end)
}
