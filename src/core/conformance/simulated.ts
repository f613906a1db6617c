import type { SimEvent } from '../machine/event.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import type { ActorEvent } from '../trace/timed.ts'

/** One step of a simulated operation: who did it, and what happened. */
export interface SimulatedStep {
  readonly cpu: number
  readonly events: readonly SimEvent[]
}

/** The operation is not modelled in these circumstances: why, as the end of a sentence. */
export interface NotModelled {
  readonly why: string
}

/** Why an operation that the recording has and the simulation has not is compared with nothing. */
export const NOT_YET = 'not simulated yet: checked on the recording alone'

/**
 * Runs the operation in a machine built after its description, alone and to its end (grace periods included), and tells
 * what happened.
 */
export type Simulate = (operation: RecordedOperation) => readonly SimulatedStep[] | NotModelled

/** The simulation's events as a recording with these probes would have them. */
export function asRecorded(steps: readonly SimulatedStep[], operation: RecordedOperation): ActorEvent[] {
  const hidden: ReadonlySet<SimEvent['type']> = new Set(operation.unrecorded.flatMap(u => u.events))
  const events: ActorEvent[] = []
  let flush = -1
  for (const { cpu, events: seen } of steps) {
    for (const event of seen) {
      if (event.type === 'cpu-flush-started') flush++
      if (hidden.has(event.type)) continue
      if (event.type === 'kernel-function-entered' && !operation.probed.includes(event.name)) continue
      if (event.type === 'cpu-tlb-flushed' && isMissed(operation, event.cpu, event.from, flush)) continue
      events.push({ event, cpu, who: cpu })
    }
  }
  return events
}

const isMissed = (operation: RecordedOperation, cpu: number, from: number, flush: number): boolean =>
  cpu !== from && operation.missedFlushes.some(m => m.cpu === cpu && m.flush === flush)
