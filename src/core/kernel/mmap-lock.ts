import { known } from '../base/assert.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { tableFrame } from '../machine/page-table.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import type { Need, Part } from '../threads/footprint.ts'
import type { OpSpec } from '../threads/program.ts'
import { LEVELS } from '../units.ts'
import { holderName } from './task.ts'

/*
 * mm->mmap_lock (mmap_sem before 5.8), include/linux/mmap_lock.h. Simplified: no fairness between readers and writers, and
 * faults take it too, where kernels from 6.4 on may use a per-VMA lock.
 */

/** The address space that devices share: place 0 in all that is kept by mm. */
export const APP_MM = 0

export const mmapReadReady = (s: Setup, m: Machine, mm = APP_MM): boolean => get(m, s.shape.mmapWriter, mm) === 0

/** mmap_read_trylock() would succeed. */
export const mmapReadNeeds = (s: Setup, mm = APP_MM): Need[] => [
  { on: [s.resources.mmapWriter], holds: m => mmapReadReady(s, m, mm), as: 'reads' },
]

export const mmapWriteNeeds = (s: Setup, mm = APP_MM): Need[] => [
  ...mmapReadNeeds(s, mm),
  { on: [s.resources.mmapReaders], holds: m => get(m, s.shape.mmapReaders, mm) === 0, as: 'reads' },
]

/** Who keeps others from taking the mmap lock. */
export function mmapBlocked(s: Setup, m: Machine, mm = APP_MM): string {
  const writer = get(m, s.shape.mmapWriter, mm)
  if (writer !== 0) return `the mmap lock is held for writing by ${holderName(s, writer)}`
  return `the mmap lock is held for reading by ${get(m, s.shape.mmapReaders, mm)}`
}

export const mmapWriteLock = (s: Setup, m: Machine, holder: number, mm = APP_MM): void =>
  set(m, s.shape.mmapWriter, mm, holder)
export const mmapReadLock = (s: Setup, m: Machine, mm = APP_MM): void => add(m, s.shape.mmapReaders, mm, 1)

export function mmapWriteDowngrade(s: Setup, m: Machine, mm = APP_MM): void {
  set(m, s.shape.mmapWriter, mm, 0)
  add(m, s.shape.mmapReaders, mm, 1)
}

/** Unlocks whichever of the two the holder has. */
export function mmapUnlock(s: Setup, m: Machine, holder: number, mm = APP_MM): void {
  if (get(m, s.shape.mmapWriter, mm) === holder) set(m, s.shape.mmapWriter, mm, 0)
  else add(m, s.shape.mmapReaders, mm, -1)
}

/** mmapUnlock() of a reader. */
export const mmapReadUnlockTouches = ({ resources: r }: Setup): Part => ({
  merges: [r.mmapReaders],
  knows: [r.mmapWriter],
})

/** mmapUnlock() of a lock that can be held so. Whether it is the holder who has it for writing, only the holder can change. */
export const mmapUnlockTouches = (s: Setup, holder: number, held: 'read' | 'write' | 'either', mm = APP_MM): Part[] => {
  const writes = (m: Machine): boolean => get(m, s.shape.mmapWriter, mm) === holder
  return [
    ...(held === 'read' ? [] : [{ writes: [s.resources.mmapWriter], now: writes }]),
    ...(held === 'write' ? [] : [{ ...mmapReadUnlockTouches(s), now: (m: Machine) => !writes(m) }]),
  ]
}

/** The lock of the page table that maps this page. */
export const lockOf = ({ s }: { readonly s: Setup }, page: number): number =>
  known(s.shape.path[page]?.[LEVELS.length - 1], 'page table')

export const ptlFree = (s: Setup, m: Machine, place: number): boolean => get(m, s.shape.ptl, place) === 0
export const ptlBlocked = (s: Setup, m: Machine, place: number): string =>
  `the page-table lock is held by ${holderName(s, get(m, s.shape.ptl, place))}`

/** For an op that takes the lock of a page table, unless there is none: then it has nothing to wait for. */
export const ptlIfThere = (s: Setup, place: number): Pick<OpSpec, 'needs' | 'blocked'> => ({
  needs: [
    {
      on: [s.resources.ptl(place), s.resources.table(place)],
      holds: m => tableFrame(s.shape, m, place) < 0 || ptlFree(s, m, place),
      as: 'reads',
    },
  ],
  blocked: m => ptlBlocked(s, m, place),
})

export const rangeText = (s: Setup, lo: number, hi: number): string => {
  const r = rangeOf(s, lo, hi)
  const first = s.labels[lo] ?? ''
  return r.end - r.start <= 1 ? first : `${first}…${s.labels[hi - 1] ?? ''}`
}
