import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * Interrupts disabled on a CPU: local_irq_save(). An IPI waits until they are enabled again, and so does a grace period of RCU. A TLBI of
 * arm64 is no interrupt and does not wait.
 */

export const interruptColumns = (b: LayoutBuilder, { features, cpus }: FeatureSizes) => {
  const has = features.gupFast || features.switching
  return {
    /** By CPU. */
    irqsOff: b.column('irqsOff', has ? cpus.length : 0, 1),
    /** By target × CPUs + initiator: an IPI that does nothing waits (tlb_remove_table_sync_one). */
    syncRequest: b.column('syncRequest', has ? cpus.length ** 2 : 0, 1),
  }
}

export const irqsAreOff = (s: Shape, m: Machine, cpu: number): boolean =>
  s.irqsOff.length > 0 && get(m, s.irqsOff, cpu) === 1

export const localIrqSave = (s: Shape, m: Machine, cpu: number): void => set(m, s.irqsOff, cpu, 1)

/** Enables them. IPIs that wait are taken at once; those that only ask whether it can take one are answered with that. */
export function localIrqRestore(s: Shape, m: Machine, cpu: number): void {
  const cpus = s.cpus.length
  set(m, s.irqsOff, cpu, 0)
  for (let from = 0; from < cpus; from++) set(m, s.syncRequest, cpu * cpus + from, 0)
}

/** smp_call_function() of a function that does nothing: whoever has interrupts enabled has answered already. */
export function requestSync(s: Shape, m: Machine, by: number): void {
  const cpus = s.cpus.length
  for (let cpu = 0; cpu < cpus; cpu++) {
    if (cpu !== by && irqsAreOff(s, m, cpu)) set(m, s.syncRequest, cpu * cpus + by, 1)
  }
}

/** The CPU has not answered yet. */
export const unsynced = (s: Shape, m: Machine, by: number, cpu: number): boolean =>
  s.syncRequest.length > 0 && get(m, s.syncRequest, cpu * s.cpus.length + by) === 1

/** A CPU with interrupts disabled, for which a grace period waits, or -1. */
export function graceWaitsFor(s: Shape, m: Machine): number {
  for (let cpu = 0; cpu < s.irqsOff.length; cpu++) if (get(m, s.irqsOff, cpu) === 1) return cpu
  return -1
}
