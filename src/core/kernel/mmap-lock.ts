import { add, get, type Machine, set } from '../machine/cells.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import type { Need, Part } from '../threads/footprint.ts'
import { holderName } from './task.ts'

/*
 * mm->mmap_lock (mmap_sem before 5.8), include/linux/mmap_lock.h. Simplified: no fairness between readers and writers, and
 * faults take it too, where kernels from 6.4 on may use a per-VMA lock.
 */

export const mmapReadReady = (s: Setup, m: Machine): boolean => get(m, s.shape.mmapWriter, 0) === 0

/** mmap_read_trylock() would succeed. */
export const mmapReadNeeds = (s: Setup): Need[] => [
  { on: [s.resources.mmapWriter], holds: m => mmapReadReady(s, m), as: 'reads' },
]

export const mmapWriteNeeds = (s: Setup): Need[] => [
  ...mmapReadNeeds(s),
  { on: [s.resources.mmapReaders], holds: m => get(m, s.shape.mmapReaders, 0) === 0, as: 'reads' },
]

export function mmapBlocked(s: Setup, m: Machine): string {
  const writer = get(m, s.shape.mmapWriter, 0)
  if (writer !== 0) return `the mmap lock is held for writing by ${holderName(s, writer)}`
  return `the mmap lock is held for reading by ${get(m, s.shape.mmapReaders, 0)}`
}

export const mmapWriteLock = (s: Setup, m: Machine, holder: number): void => set(m, s.shape.mmapWriter, 0, holder)
export const mmapReadLock = (s: Setup, m: Machine): void => add(m, s.shape.mmapReaders, 0, 1)

export function mmapWriteDowngrade(s: Setup, m: Machine): void {
  set(m, s.shape.mmapWriter, 0, 0)
  add(m, s.shape.mmapReaders, 0, 1)
}

/** Unlocks whichever of the two the holder has. */
export function mmapUnlock(s: Setup, m: Machine, holder: number): void {
  if (get(m, s.shape.mmapWriter, 0) === holder) set(m, s.shape.mmapWriter, 0, 0)
  else add(m, s.shape.mmapReaders, 0, -1)
}

/** mmapUnlock() of a reader. */
export const mmapReadUnlockTouches = ({ resources: r }: Setup): Part => ({
  merges: [r.mmapReaders],
  knows: [r.mmapWriter],
})

/** mmapUnlock() of a lock that can be held so. Whether it is the holder who has it for writing, only the holder can change. */
export const mmapUnlockTouches = (s: Setup, holder: number, held: 'read' | 'write' | 'either'): Part[] => {
  const writes = (m: Machine): boolean => get(m, s.shape.mmapWriter, 0) === holder
  return [
    ...(held === 'read' ? [] : [{ writes: [s.resources.mmapWriter], now: writes }]),
    ...(held === 'write' ? [] : [{ ...mmapReadUnlockTouches(s), now: (m: Machine) => !writes(m) }]),
  ]
}

export const ptlFree = (s: Setup, m: Machine, place: number): boolean => get(m, s.shape.ptl, place) === 0
export const ptlBlocked = (s: Setup, m: Machine, place: number): string =>
  `the page-table lock is held by ${holderName(s, get(m, s.shape.ptl, place))}`
export const rangeText = (s: Setup, lo: number, hi: number): string => {
  const r = rangeOf(s, lo, hi)
  const first = s.labels[lo] ?? ''
  return r.end - r.start <= 1 ? first : `${first}…${s.labels[hi - 1] ?? ''}`
}
