import { countEvents, type Measure } from './measure.ts'

/** C1. Interrupts that a shootdown sends, one for each CPU asked; CPUs skipped as lazy get none. Unit: interrupts. arch/x86/mm/tlb.c */
export const ipis: Measure = {
  id: 'ipis',
  family: 'C1',
  title: 'IPIs',
  unit: 'interrupts',
  what: 'CPUs that are interrupted to flush their TLB, one for each flush and CPU. A CPU in lazy TLB mode may be spared.',
  absent: ({ setup }) =>
    setup.policy.arch === 'arm64'
      ? 'arm64 broadcasts TLBI and sends no IPI'
      : setup.cpus.filter(cpu => cpu.task === 'app').length > 1
        ? null
        : 'only one CPU runs the process',
  by: 'step',
  of: countEvents({ 'ipi-sent': e => e.to.length }),
}
