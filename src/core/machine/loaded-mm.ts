import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { irqsAreOff } from './interrupts.ts'
import type { Setup } from './setup.ts'
import { isBehind } from './tlb-gens.ts'

/*
 * cpu_tlbstate of x86, arch/x86/include/asm/tlbflush.h: which mm a CPU has loaded. Whether its translations of the app's are up to date is for
 * tlb-gens.ts to say.
 *
 * Simplified: a CPU has one other mm to go to, and its entries of the first are kept meanwhile, as with PCID.
 */

/** lazy: a kernel thread runs, the mm stays loaded. other: another mm is loaded. switching: LOADED_MM_SWITCHING. */
export const LOADED = { own: 0, lazy: 1, other: 2, switching: 3 } as const
export type Loaded = (typeof LOADED)[keyof typeof LOADED]

export const loadedColumns = (b: LayoutBuilder, { features, cpus }: FeatureSizes) => {
  const length = features.switching ? cpus.length : 0
  return {
    /** By CPU: LOADED. */
    loaded: b.column('loaded', length, 3),
    /** By CPU: it has seen that it must flush when it switches back. */
    mustFlush: b.column('mustFlush', length, 1),
  }
}

export const loadedAt = ({ shape: s, cpus }: Setup, m: Machine, cpu: number): Loaded => {
  if (cpus[cpu]?.lazy === true) return LOADED.lazy
  return s.loaded.length === 0 ? LOADED.own : (get(m, s.loaded, cpu) as Loaded)
}
export const setLoaded = ({ shape: s }: Setup, m: Machine, cpu: number, what: Loaded): void =>
  set(m, s.loaded, cpu, what)

/** It uses none of its entries of the mm before it has flushed, or has seen that it need not. */
export const isAway = (s: Setup, m: Machine, cpu: number): boolean => {
  const loaded = loadedAt(s, m, cpu)
  if (loaded === LOADED.lazy || loaded === LOADED.other) return true
  const { mustFlush: must } = s.shape
  return must.length > 0 && irqsAreOff(s.shape, m, cpu) && (isBehind(s, m, cpu) || get(m, must, cpu) === 1)
}

/** It has seen in tlb_gen, on its way back, whether it must flush. */
export const setMustFlush = ({ shape: s }: Setup, m: Machine, cpu: number, must: boolean): void =>
  set(m, s.mustFlush, cpu, must ? 1 : 0)
export const mustFlush = ({ shape: s }: Setup, m: Machine, cpu: number): boolean => get(m, s.mustFlush, cpu) === 1
