import type { CpuFacts } from '../../machine/setup.ts'
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
      : setup.cpus.some((cpu, i) => cpu.mm >= 0 && setup.cpus.some((by, j) => j !== i && flushes(by, cpu.mm)))
        ? null
        : 'nobody flushes another’s CPU: one CPU runs each process',
  by: 'step',
  of: countEvents({ 'ipi-sent': e => e.to.length }),
}

/** Threads of the process do, and kernel threads, which unmap pages of others. */
const flushes = (by: CpuFacts, mm: number): boolean => by.mm === mm || by.task === 'kernel'
