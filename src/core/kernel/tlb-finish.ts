import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { tlbFlushMmuFree, tlbFlushMmuTlbonly } from './mmu-gather.ts'
import type { Task } from './task.ts'

/**
 * tlb_finish_mmu(), mm/mmu_gather.c: the last flush, after invalidate_range_end() and after page tables were unlinked, then the
 * frees. When another gather is at work on this mm, PTEs that it cleared look like nothing to flush from here, so everything
 * is flushed (since 4.13).
 */
export function tlbFinishMmu(t: Task): void {
  const { asm, k } = t
  const { resources: r } = t.s
  const after = asm.label()
  const free = asm.label()
  asm.within('tlb_finish_mmu', () => {
    tlbFlushMmuTlbonly(
      t,
      'outside',
      'gather',
      (m, emit) => {
        const nested = nestedFlush(t, m)
        emit?.({ type: 'tlb-finish-started', nested })
      },
      { goes: [free, after], to: m => (get(m, k.gatherCount, 0) > 0 ? free.at : after.at) },
      {
        touches: t.s.policy.nestedGatherForcesFlush
          ? [{ reads: [r.flushPending] }, { merges: [r.gatherRange(t.cpu)], now: m => nestedFlush(t, m) }]
          : [],
        run: m => {
          if (!nestedFlush(t, m)) return
          set(m, k.nested, 0, 1)
          set(m, k.freedTables, 0, 1)
        },
      },
    )
    asm.place(free)
    tlbFlushMmuFree(t, 'finish')
  })
  asm.place(after)
}

/** mm_tlb_flush_nested() */
const nestedFlush = (t: Task, m: Machine): boolean =>
  t.s.policy.nestedGatherForcesFlush && get(m, t.s.shape.flushPending, t.mm) > 1

/** inc_tlb_flush_pending() of somebody who has no gather. include/linux/mm_types.h */
export function incTlbFlushPending(t: Task, m: Machine, emit?: Emit): void {
  add(m, t.s.shape.flushPending, t.mm, 1)
  emit?.({ type: 'kernel-function-entered', name: 'inc_tlb_flush_pending' })
}

/** The end of tlb_finish_mmu(): this gather does not count any more. */
export const decTlbFlushPending = (t: Task, m: Machine): void => add(m, t.s.shape.flushPending, t.mm, -1)
