import type { Machine } from '../../machine/cells.ts'
import type { EventType, SimEvent } from '../../machine/event.ts'
import type { Lab } from '../../scenarios/build.ts'

/** One step of a run: the state it found, what it was seen to do, the state it left. */
export interface CostStep {
  readonly before: Machine
  readonly events: readonly SimEvent[]
  readonly after: Machine
}

/** The kinds of cost that are told apart, in the order in which they are shown. */
export const FAMILIES = [
  { id: 'C1', title: 'Commands sent' },
  { id: 'C2', title: 'Spurious device faults' },
  { id: 'C3', title: 'Flushes saved' },
  { id: 'C4', title: 'Exposure' },
  { id: 'C5', title: 'Device stall' },
  { id: 'C6', title: 'Over-invalidation' },
  { id: 'C7', title: 'Memory held' },
] as const
export type FamilyId = (typeof FAMILIES)[number]['id']

interface About {
  /** As links, tests and tables know it: `iotlb-commands`. */
  readonly id: string
  readonly family: FamilyId
  readonly title: string
  /** What one of it is: `commands`, `frame-steps`. A step is one move of any actor. */
  readonly unit: string
  /** The exact definition, for the reader. */
  readonly what: string
  /** Why this lab cannot show it, or null when it can: a count of nothing is not a zero. */
  readonly absent: (lab: Lab) => string | null
}

/** Counted in what steps do; a run’s figure is the sum. */
export interface StepMeasure extends About {
  readonly by: 'step'
  readonly of: (lab: Lab, step: CostStep) => number
}

/**
 * Read off a state, never below 0. `sum`: a step counts what is so in the state that it finds, so something that begins with step i and ends with
 * step j counts j - i times. `peak`: the most that any state of the run has.
 */
export interface StateMeasure extends About {
  readonly by: 'state'
  readonly total: 'sum' | 'peak'
  readonly of: (lab: Lab, m: Machine) => number
}

export type Measure = StepMeasure | StateMeasure

/** What one event adds, for each that adds anything: a new event is a line. */
export type PerEvent = { readonly [T in EventType]?: (event: Extract<SimEvent, { readonly type: T }>) => number }

/** Adds up what events add. */
export function countEvents(per: PerEvent): (lab: Lab, step: CostStep) => number {
  return (_, { events }) => {
    let sum = 0
    for (const event of events) sum += (per[event.type] as ((e: SimEvent) => number) | undefined)?.(event) ?? 0
    return sum
  }
}

/** Each counts as one. */
export const one = (): number => 1

/** Something that nobody tells of while no device shares the page table. */
export const withoutDevices = (lab: Lab): string | null =>
  lab.setup.devices.length > 0 ? null : 'no device shares this page table'
