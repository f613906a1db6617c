import type { SimEvent } from '../machine/event.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import { tableBase, type Vpn } from '../units.ts'
import type { SimulatedStep } from './simulated.ts'

/**
 * A fault that brings in a huge page, in a machine whose faults bring in single ones: the page is of order 9, and its PTE table, which
 * the machine links before it takes the page, is the one that is kept for a split, taken after it: pgtable_alloc_one() in
 * __do_huge_pmd_anonymous_page(), mm/huge_memory.c.
 */
export function withHugeFaults(steps: readonly SimulatedStep[], operation: RecordedOperation): SimulatedStep[] {
  const { argument } = operation
  const touched = argument?.type === 'touched' ? argument.pages : []
  const huge = new Set<Vpn>(touched.filter(p => p.order === 9).map(p => tableBase('PTE', p.vpn)))
  if (huge.size === 0) return [...steps]
  let fault: Vpn | null = null
  return steps.map(step => {
    const kept: SimEvent[] = []
    const events = step.events.flatMap((event): SimEvent[] => {
      if (event.type === 'fault-taken') fault = tableBase('PTE', event.vpn)
      if (fault === null || !huge.has(fault)) return [event]
      if (event.type === 'table-allocated' && event.level === 'PTE') {
        kept.push(event)
        return []
      }
      return event.type === 'page-allocated' ? [{ ...event, order: 9 }, ...kept.splice(0)] : [event]
    })
    return { ...step, events: [...events, ...kept] }
  })
}
