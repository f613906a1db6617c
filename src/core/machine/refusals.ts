import { add, type Column, get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'

/*
 * What a start() that must not block remembers of those that it has called, and the OOM reaper of its tries. Nothing else indexes these
 * columns.
 */

export interface RefusalColumns {
  /** By CPU: a subscriber in the list has answered -EAGAIN to the start() that it is making. */
  readonly startRefused: Column
  /** By CPU: a part of what it reaps was refused in this try; and tries that were in vain. */
  readonly reapMissed: Column
  readonly reapTries: Column
}

/** Tries that the OOM reaper has here; MAX_OOM_REAP_RETRIES is 10 in the kernel. */
export const REAP_TRIES = 2

export const refusalColumns = (b: LayoutBuilder, { features, cpus }: FeatureSizes): RefusalColumns => {
  const each = features.refusals ? cpus.length : 0
  return {
    startRefused: b.column('start refused', each, 1),
    reapMissed: b.column('reap missed', each, 1),
    reapTries: b.column('reap tries', each, REAP_TRIES),
  }
}

export const startRefused = ({ startRefused: column }: RefusalColumns, m: Machine, cpu: number): boolean =>
  get(m, column, cpu) === 1

export const setStartRefused = (shape: RefusalColumns, m: Machine, cpu: number, refused: boolean): void =>
  set(m, shape.startRefused, cpu, refused ? 1 : 0)

export const reapMissed = ({ reapMissed: column }: RefusalColumns, m: Machine, cpu: number): boolean =>
  get(m, column, cpu) === 1

export const missReap = ({ reapMissed: column }: RefusalColumns, m: Machine, cpu: number): void =>
  set(m, column, cpu, 1)

/** One try was in vain. True while there is another. */
export function reapAgain(shape: RefusalColumns, m: Machine, cpu: number): boolean {
  set(m, shape.reapMissed, cpu, 0)
  add(m, shape.reapTries, cpu, 1)
  if (get(m, shape.reapTries, cpu) < REAP_TRIES) return true
  set(m, shape.reapTries, cpu, 0)
  return false
}

/** Tries so far that were in vain. */
export const reapTries = ({ reapTries: column }: RefusalColumns, m: Machine, cpu: number): number => get(m, column, cpu)

/** Everything was reaped. */
export const reapDone = ({ reapTries: column }: RefusalColumns, m: Machine, cpu: number): void => set(m, column, cpu, 0)
