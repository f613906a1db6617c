import { get, type Machine } from '../machine/cells.ts'
import type { Label } from '../threads/program.ts'
import { moveTablesToRcu, tlbFlushMmuTlbonly } from './mmu-gather.ts'
import type { Task } from './task.ts'

/*
 * struct mmu_table_batch, mm/memory.c up to 4.19, mm/mmu_gather.c later: page tables that wait for a grace period. When it is full
 * they are handed to RCU at once, in the middle of free_pgtables().
 */

const tablesIn = ({ k }: Task, m: Machine): number => {
  let tables = 0
  for (let i = 0; i < get(m, k.gatherCount, 0); i++) tables += get(m, k.gatherList, i) & 1
  return tables
}

/** The table just queued was the last that there was room for. */
export const tableBatchFull = (t: Task, m: Machine): boolean =>
  t.s.policy.tableFree === 'rcu' && tablesIn(t, m) >= t.s.tableBatch

/**
 * tlb_table_flush(): from 4.19 on tlb_table_invalidate() first, which is the flush of the gather; then call_rcu(). Goes on as `then` says.
 */
export function flushTableBatch(
  t: Task,
  then: { readonly goes: readonly Label[]; readonly to: (m: Machine) => number },
): void {
  const { asm, s } = t
  asm.within('tlb_remove_table', () => {
    if (s.policy.tableBatchInvalidatesFirst)
      asm.within('tlb_table_invalidate', () => tlbFlushMmuTlbonly(t, 'outside', 'gather'))
    asm.beginPhase({ id: 'batch', title: 'tlb_table_flush', note: 'tables to RCU', kind: 'work', amber: true })
    asm.op({
      fn: 'tlb_table_flush',
      file: 'mm/mmu_gather.c',
      label: 'hand the full batch of page tables to RCU',
      why: 'A grace period later they are freed. It waits for software that walks, not for hardware that has them in a walk cache.',
      run: m => {
        moveTablesToRcu(t, m)
        return then.to(m)
      },
      goes: then.goes,
    })
  })
}
