import type { SimEvent } from '../machine/event.ts'
import type { SimulatedStep } from './simulated.ts'

/**
 * try_to_unmap_one() and try_to_migrate_one() drop the mapping count when the PTE has been flushed and replaced, just before the
 * page-table lock is dropped; in the machine it goes with the PTE. The event is moved to where the kernel has it, and what these paths
 * call that has a probe is named.
 */
export function asRmapUnmapping(steps: readonly SimulatedStep[]): SimulatedStep[] {
  const late: SimEvent[] = []
  return steps.map(step => ({
    ...step,
    events: step.events.flatMap((event): SimEvent[] => {
      switch (event.type) {
        case 'rmap-removed':
          late.push(event)
          return []
        case 'pte-set':
          // Put back: its count has never gone.
          late.splice(0, late.length, ...late.filter(e => e.type !== 'rmap-removed' || e.pfn !== event.pfn))
          return [event]
        case 'ptl-released':
          return [...late.splice(0), event]
        case 'page-written-out':
          return [{ type: 'kernel-function-entered', name: 'swap_writepage' }, event]
        case 'soft-pte-set':
          if (event.kind !== 'migration entry') return [event]
          return [{ type: 'kernel-function-entered', name: 'set_migration_pte' }, event]
        default:
          return [event]
      }
    }),
  }))
}

/** Several calls as one: only the first is entered, and only the last returns. */
export function asOneCall(steps: readonly SimulatedStep[]): SimulatedStep[] {
  const has = (type: SimEvent['type']) => (step: SimulatedStep) => step.events.some(e => e.type === type)
  const first = steps.findIndex(has('syscall-entered'))
  const last = steps.findLastIndex(has('syscall-returned'))
  return steps.map((step, i) => ({
    ...step,
    events: step.events.filter(
      e => (e.type !== 'syscall-entered' || i === first) && (e.type !== 'syscall-returned' || i === last),
    ),
  }))
}
