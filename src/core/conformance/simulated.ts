import type { SimEvent } from '../machine/event.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import type { ActorEvent } from '../trace/timed.ts'

/** One step of a simulated operation: who did it, and what happened. */
export interface SimulatedStep {
  readonly cpu: number
  readonly events: readonly SimEvent[]
}

/**
 * Runs the operation in a machine built after its description, alone and to its end (grace periods included), and tells
 * what happened. An empty list: this operation, in these circumstances, is not modelled.
 */
export type Simulate = (operation: RecordedOperation) => readonly SimulatedStep[]

/** Event types that only probes on every page and table show. */
const PER_PAGE: ReadonlySet<SimEvent['type']> = new Set(['rmap-removed', 'page-gathered', 'table-gathered'])

/** The simulation's events as a recording with these probes would have them. */
export function asRecorded(steps: readonly SimulatedStep[], operation: RecordedOperation): ActorEvent[] {
  const events: ActorEvent[] = []
  for (const { cpu, events: seen } of steps) {
    for (const event of seen) {
      if (operation.perPageProbes || !PER_PAGE.has(event.type)) events.push({ event, cpu, who: cpu })
    }
  }
  return events
}
