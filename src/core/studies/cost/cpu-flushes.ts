import { countEvents, type Measure, one } from './measure.ts'

/** C1. Calls of the architecture’s flush: flush_tlb_mm_range() on x86 (arch/x86/mm/tlb.c), a broadcast TLBI on arm64. Unit: flushes. */
export const cpuFlushes: Measure = {
  id: 'cpu-flushes',
  family: 'C1',
  title: 'CPU flushes',
  unit: 'flushes',
  what: 'Calls of the architecture’s TLB flush for a range: flush_tlb_mm_range() on x86, TLBI on arm64.',
  absent: () => null,
  by: 'step',
  of: countEvents({ 'cpu-flush-started': one }),
}
