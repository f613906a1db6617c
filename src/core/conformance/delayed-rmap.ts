import type { SimEvent } from '../machine/event.ts'
import type { Pfn } from '../units.ts'
import type { SimulatedStep } from './simulated.ts'

/**
 * From 6.2 on (tlb_delay_rmap(), include/asm-generic/tlb.h) a dirty page of a file keeps its mapping count until the flush that
 * it forces is done: tlb_flush_rmaps() drops it just before the page-table lock is. In the machine dropping it is part of
 * clearing the PTE; here the event is moved to where that kernel has it.
 */
export function withDelayedRmaps(
  steps: readonly SimulatedStep[],
  isFilePage: (vpn: number) => boolean,
): SimulatedStep[] {
  const delayed: SimEvent[] = []
  const waiting = new Set<Pfn>()
  return steps.map(step => {
    const events: SimEvent[] = []
    for (const event of step.events) {
      if (event.type === 'pte-cleared' && event.dirty && isFilePage(event.vpn)) waiting.add(event.pfn)
      if (event.type === 'rmap-removed' && waiting.delete(event.pfn)) {
        delayed.push(event)
        continue
      }
      if (event.type === 'ptl-released') events.push(...delayed.splice(0))
      events.push(event)
    }
    return { ...step, events }
  })
}
