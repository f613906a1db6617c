import { get, set } from '../machine/cells.ts'
import { freeTable } from '../machine/frames.ts'
import { graceWaitsFor } from '../machine/interrupts.ts'
import type { Setup } from '../machine/setup.ts'
import type { Actor } from '../threads/actor.ts'
import type { Footprint } from '../threads/footprint.ts'
import { freesFrames } from './frame-footprint.ts'

/**
 * The RCU callback that frees page-table pages a grace period after they were queued: tlb_remove_table_rcu(), mm/mmu_gather.c.
 * A grace period keeps software walkers safe; it does not stop hardware.
 * Simplified: it waits for every CPU that has interrupts disabled, also one that disabled them after it began.
 */
export function rcuActor(s: Setup, id: number): Actor {
  const { rcuList, rcuCount } = s.shape
  return {
    id,
    name: 'RCU',
    kind: 'rcu',
    lane: 'RCU',
    finished: m => get(m, rcuCount, 0) === 0,
    ready: m => (get(m, rcuCount, 0) > 0 && graceWaitsFor(s.shape, m) < 0 ? 1 : 0),
    blocked: m =>
      get(m, rcuCount, 0) === 0
        ? 'no page table waits for a grace period'
        : `the grace period waits for ${s.cpus[graceWaitsFor(s.shape, m)]?.name ?? 'a CPU'}, which has interrupts disabled`,
    op: () => ({
      fn: 'tlb_remove_table_rcu',
      file: 'mm/mmu_gather.c',
      stack: ['rcu_core'],
      phase: null,
      label: 'free the page tables that waited for a grace period',
      why: 'A grace period waits for software that walks without locks. Hardware walkers know nothing of it.',
    }),
    step: (m, _alternative, emit) => {
      const count = get(m, rcuCount, 0)
      emit?.({ type: 'rcu-callback-ran' })
      set(m, rcuCount, 0, 0)
      for (let i = 0; i < count; i++) {
        const pfn = get(m, rcuList, i)
        set(m, rcuList, i, 0)
        freeTable(s, m, pfn, emit)
      }
    },
  }
}

export const rcuFootprint = (s: Setup): Footprint => ({
  needs: [{ on: [s.resources.rcu], holds: m => get(m, s.shape.rcuCount, 0) > 0, as: 'knows' }],
  touches: [{ writes: [s.resources.rcu] }, ...freesFrames(s)],
  only: [],
  circles: undefined,
})
