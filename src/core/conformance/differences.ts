import type { SimEvent } from '../machine/event.ts'
import type { OperationName, RecordedOperation } from '../trace/operation.ts'
import type { ActorEvent, TimedEvent } from '../trace/timed.ts'

/** A recorded operation and its simulation, event by event, before their phases are named. */
export interface Sides {
  readonly recorded: readonly TimedEvent[]
  readonly simulated: readonly ActorEvent[]
}

/**
 * A difference between a recorded operation and its simulation that is meant to be there. None is silent: what is listed here is
 * shown beside the verdict wherever it was made use of, and stands in docs/conformance.md (differences.test.ts).
 */
export interface Difference {
  readonly id: string
  readonly what: string
  readonly why: string
  readonly operations: readonly OperationName[]
  /** Whether it is of any account for this operation. */
  readonly concerns: (operation: RecordedOperation, sides: Sides) => boolean
  /** Takes the difference out of both sides; absent where the simulation has already been brought to the recording's words. */
  readonly without?: (sides: Sides) => Sides
}

const type =
  (...types: readonly SimEvent['type'][]) =>
  ({ event }: ActorEvent): boolean =>
    types.includes(event.type)

const UNMAPS: readonly OperationName[] = ['munmap', 'brk', 'madvise']

/** Every one of them. */
export const differences: readonly Difference[] = [
  {
    id: 'huge-page',
    what: 'A huge page is one page in the machine, and the PTE table over it does not count; one that was split is as many as it has parts, each a reference.',
    why: 'The machine has pages of one size. Order and number of the phases do not depend on it but where release_pages() (up to 6.8) frees compound pages ahead of the others, which is put in (huge-pages.ts).',
    operations: UNMAPS,
    concerns: o => UNMAPS.includes(o.name) && o.pages.some(p => p.order === 9 || p.partOf !== null),
  },
  {
    id: 'delayed-rmap',
    what: 'From 6.2 on a dirty page of a file keeps its mapping count until the flush that it forces; the machine drops it with the entry, and the event is moved.',
    why: 'What a device can reach does not depend on the count (delayed-rmap.ts). No recording of it is at hand.',
    operations: UNMAPS,
    concerns: o => UNMAPS.includes(o.name) && o.kernel === '6.12' && o.pages.some(p => p.dirtyFile),
  },
  {
    id: 'exit-call',
    what: 'The simulated exit is a call that returns; exit_group() does not, and a process that is killed makes no call.',
    why: 'A script has to come to its end. The entry and the return of the call are left out on both sides.',
    operations: ['exit'],
    concerns: o => o.name === 'exit',
    without: ({ recorded, simulated }) => {
      const calls = type('syscall-entered', 'syscall-returned')
      return { recorded: recorded.filter(e => !calls(e)), simulated: simulated.filter(e => !calls(e)) }
    },
  },
]

/** Both sides without the differences that are meant, and which of these there were. */
export function withoutDifferences(
  operation: RecordedOperation,
  sides: Sides,
): { readonly sides: Sides; readonly made: readonly Difference[] } {
  const made = differences.filter(d => d.operations.includes(operation.name) && d.concerns(operation, sides))
  return { sides: made.reduce((both, d) => d.without?.(both) ?? both, sides), made }
}
