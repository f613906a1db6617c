import { get, type Machine } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import type { Task } from './task.ts'

/**
 * might_sleep(), include/linux/kernel.h: rule I12. Harm when the task that runs this holds a page-table lock, which is a spinlock, or when
 * `where` says what else forbids it to sleep; whether it really has to is not asked.
 */
export function mightSleep(
  t: Task,
  m: Machine,
  call: { readonly who: string; readonly what: string; readonly where: string },
  emit?: Emit,
): void {
  const { s } = t
  const locked = s.shape.places.some(place => get(m, s.shape.ptl, place.id) === t.holder)
  const where = locked ? 'the page-table lock is held' : call.where
  if (where === '') return
  noteDamage(s, m, DAMAGE.sleptInAtomic)
  emit?.({ type: 'slept-in-atomic', who: call.who, what: call.what, where })
}
