import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { irqsAreOff } from './interrupts.ts'
import type { Setup } from './setup.ts'

/*
 * cpu_tlbstate of x86, arch/x86/include/asm/tlbflush.h: which mm a CPU has loaded, and whether its translations of the app's are up to date.
 *
 * Simplified: instead of two generations (mm->context.tlb_gen, and the one that the CPU has reached) it is kept whether they differ. A CPU
 * has one other mm to go to, and its entries of the first are kept meanwhile, as with PCID.
 */

/** lazy: a kernel thread runs, the mm stays loaded. other: another mm is loaded. switching: LOADED_MM_SWITCHING. */
export const LOADED = { own: 0, lazy: 1, other: 2, switching: 3 } as const
export type Loaded = (typeof LOADED)[keyof typeof LOADED]

export const loadedColumns = (b: LayoutBuilder, { features, cpus }: FeatureSizes) => {
  const length = features.switching ? cpus.length : 0
  return {
    /** By CPU: LOADED. */
    loaded: b.column('loaded', length, 3),
    /** By CPU: a flush was asked for that it has not made. */
    behind: b.column('behind', length, 1),
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
  const { behind, mustFlush: must } = s.shape
  return behind.length > 0 && irqsAreOff(s.shape, m, cpu) && (get(m, behind, cpu) === 1 || get(m, must, cpu) === 1)
}

/** inc_mm_tlb_gen(): all other CPUs have something to flush. */
export function fallBehind({ shape: s }: Setup, m: Machine, by: number): void {
  for (let cpu = 0; cpu < s.behind.length; cpu++) if (cpu !== by) set(m, s.behind, cpu, 1)
}

/** It has flushed all that was asked for. */
export function catchUp({ shape: s }: Setup, m: Machine, cpu: number): void {
  if (s.behind.length > 0) set(m, s.behind, cpu, 0)
}

/** Compares the two generations: choose_new_asid(). From here on a later flush is another one. */
export function readTlbGen({ shape: s }: Setup, m: Machine, cpu: number): boolean {
  const behind = get(m, s.behind, cpu)
  set(m, s.mustFlush, cpu, behind)
  set(m, s.behind, cpu, 0)
  return behind === 1
}

export const mustFlush = ({ shape: s }: Setup, m: Machine, cpu: number): boolean => get(m, s.mustFlush, cpu) === 1
export const flushedOnSwitch = ({ shape: s }: Setup, m: Machine, cpu: number): void => set(m, s.mustFlush, cpu, 0)
