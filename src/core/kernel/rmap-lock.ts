import { retractedAt } from '../machine/retracted.ts'
import type { Need } from '../threads/footprint.ts'
import type { Task } from './task.ts'

/*
 * i_mmap_rwsem, the lock of a file's reverse map, as far as it is modelled: khugepaged holds it while it takes page tables out through the
 * file (retract-page-tables.ts), and whoever takes it for writing waits. Where nobody does that, nobody waits.
 */

/** i_mmap_lock_write(): khugepaged is done with the page tables of these pages. */
export function rmapLockNeeds({ s }: Task, lo: number, hi: number): Need[] {
  if (s.shape.retracted.length === 0) return []
  const places = s.shape.places.filter(p => p.level === 'PTE' && p.firstPage < hi && p.endPage > lo)
  return [
    {
      on: places.map(p => s.resources.table(p.id)),
      holds: m => places.every(p => retractedAt(s.shape, m, p.id) < 0),
      as: 'reads',
    },
  ]
}
export const rmapLockBlocked = (): string => 'the lock of the file’s reverse map is held by khugepaged'
