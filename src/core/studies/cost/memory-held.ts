import { get, type Machine } from '../../machine/cells.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Measure } from './measure.ts'

/** Frames that wait in gathers: queued by __tlb_remove_page() or pte_free_tlb(), not freed by tlb_flush_mmu_free() yet. mm/mmu_gather.c */
function inGathers({ setup }: Lab, m: Machine): number {
  let frames = 0
  for (const cpu of setup.shape.cpus) frames += get(m, cpu.gatherCount, 0)
  return frames
}

/** Page tables that wait for a grace period: queued with call_rcu(), not freed by tlb_remove_table_rcu() yet. mm/mmu_gather.c */
const forRcu = ({ setup }: Lab, m: Machine): number => get(m, setup.shape.rcuCount, 0)

const withoutRcu = ({ setup }: Lab): string | null =>
  setup.policy.tableFree === 'rcu' ? null : 'this kernel frees page tables with the pages, not by RCU'

/** C7. The most frames that wait in gathers at once. Unit: frames. */
export const gatheredPeak: Measure = {
  id: 'gathered-peak',
  family: 'C7',
  title: 'Frames gathered, peak',
  unit: 'frames',
  what: 'The most frames, pages and page tables, that wait at once in gathers: queued and not freed yet.',
  absent: () => null,
  by: 'state',
  total: 'peak',
  of: inGathers,
}

/** C7. How long frames wait in gathers, added up over frames. Unit: frame-steps. */
export const gatheredSteps: Measure = {
  id: 'gathered-steps',
  family: 'C7',
  title: 'Frames gathered, time',
  unit: 'frame-steps',
  what: 'Steps that frames wait in gathers, added up over frames.',
  absent: () => null,
  by: 'state',
  total: 'sum',
  of: inGathers,
}

/** C7. The most page tables that wait for a grace period at once. Unit: tables. */
export const rcuPeak: Measure = {
  id: 'rcu-peak',
  family: 'C7',
  title: 'Tables waiting for RCU, peak',
  unit: 'tables',
  what: 'The most page tables that wait at once for a grace period, after their flush.',
  absent: withoutRcu,
  by: 'state',
  total: 'peak',
  of: forRcu,
}

/** C7. How long page tables wait for grace periods, added up over tables. Unit: table-steps. */
export const rcuSteps: Measure = {
  id: 'rcu-steps',
  family: 'C7',
  title: 'Tables waiting for RCU, time',
  unit: 'table-steps',
  what: 'Steps that page tables wait for a grace period, added up over tables.',
  absent: withoutRcu,
  by: 'state',
  total: 'sum',
  of: forRcu,
}
