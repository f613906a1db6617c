import { countEvents, type Measure, one } from './measure.ts'

/**
 * C3. PTEs cleared or made read-only and page tables unlinked, less the CPU flushes started: if nothing were gathered (mm/mmu_gather.c), each would need a
 * flush of its own before its frame is freed. Below 0 where a flush has nothing of its own, as when a second gather forces one. Unit: flushes.
 */
export const flushesSaved: Measure = {
  id: 'flushes-saved',
  family: 'C3',
  title: 'Flushes saved by batching',
  unit: 'flushes',
  what: 'PTEs cleared or made read-only and page tables unlinked, less CPU flushes: without gathering, each would take a flush of its own. Below zero, there were more flushes than things to flush.',
  absent: () => null,
  by: 'step',
  of: countEvents({
    'pte-cleared': one,
    'pte-protected': e => (e.writable ? 0 : 1),
    'table-unlinked': one,
    'cpu-flush-started': () => -1,
  }),
}
