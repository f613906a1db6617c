import type { SimEvent } from '../machine/event.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import type { ActorEvent } from '../trace/timed.ts'
import type { Sides } from './differences.ts'

/** What a CPU flush consists of, from its start to the next or to the callback after it. */
const OF_A_FLUSH: ReadonlySet<SimEvent['type']> = new Set([
  'cpu-flush-started',
  'ipi-sent',
  'cpu-tlb-flushed',
  'cpu-flush-completed',
])
const ASKED: ReadonlySet<SimEvent['type']> = new Set(['ipi-sent', 'cpu-tlb-flushed'])

/** Which flush of the operation each event belongs to, from 0; -1 before the first. */
function flushNumbers(events: readonly ActorEvent[]): number[] {
  let flush = -1
  return events.map(({ event }) => (event.type === 'cpu-flush-started' ? ++flush : flush))
}

/**
 * Of an mremap: each table of the old place with its first flush only, where the others begin a table of the new place. (A first
 * stretch in which nothing is present has none.)
 */
export function withoutNewExtents<T extends ActorEvent>(events: readonly T[], operation: RecordedOperation): T[] {
  const extra = new Set<number>()
  const flushed = new Set<number>()
  const numbers = flushNumbers(events)
  events.forEach(({ event }, i) => {
    if (event.type !== 'cpu-flush-started' || event.range === 'all') return
    const table = Math.floor(event.range.start / 512)
    if (flushed.has(table) && beginsNewTable(event, operation)) extra.add(numbers[i] ?? -1)
    flushed.add(table)
  })
  return events.filter(({ event }, i) => !OF_A_FLUSH.has(event.type) || !extra.has(numbers[i] ?? -1))
}

function beginsNewTable(
  event: Extract<SimEvent, { type: 'cpu-flush-started' }>,
  operation: RecordedOperation,
): boolean {
  const { argument, range } = operation
  if (event.range === 'all' || argument?.type !== 'target') return false
  const old = event.range.start
  return old > range.start && old % 512 !== 0 && (old - range.start + argument.range.start) % 512 === 0
}

/** Numbers of the flushes that asked no other CPU although an earlier one of the same operation did. */
export function flushesAlone(recorded: readonly ActorEvent[]): Set<number> {
  const numbers = flushNumbers(recorded)
  const asking = new Set(recorded.flatMap(({ event }, i) => (event.type === 'ipi-sent' ? [numbers[i] ?? -1] : [])))
  const first = Math.min(...asking)
  const last = Math.max(-1, ...numbers)
  const alone = new Set<number>()
  for (let flush = first + 1; flush <= last; flush++) if (!asking.has(flush)) alone.add(flush)
  return alone
}

/** The simulation without asking the others in those flushes. */
export function withoutAsking({ recorded, simulated }: Sides): Sides {
  const alone = flushesAlone(recorded)
  const numbers = flushNumbers(simulated)
  const left = simulated.filter(({ event }, i) => !ASKED.has(event.type) || !alone.has(numbers[i] ?? -1))
  return { recorded, simulated: left }
}

/** CPUs that answered one flush of the operation and were asked for another without answering. */
export function idleAtTimes(
  recorded: readonly ActorEvent[],
  { missedFlushes }: RecordedOperation,
): readonly Unanswered[] {
  const ever = new Set<number>(missedFlushes.map(f => f.cpu))
  for (const { event } of recorded)
    if (event.type === 'cpu-tlb-flushed' && event.cpu !== event.from) ever.add(event.cpu)
  return unanswered(recorded).filter(({ cpu }) => ever.has(cpu))
}

interface Unanswered {
  readonly flush: number
  readonly cpu: number
}

function unanswered(recorded: readonly ActorEvent[]): Unanswered[] {
  const numbers = flushNumbers(recorded)
  const answered = new Set<string>()
  recorded.forEach(({ event }, i) => {
    if (event.type === 'cpu-tlb-flushed') answered.add(`${numbers[i]} ${event.cpu}`)
  })
  return recorded.flatMap(({ event }, i) => {
    const flush = numbers[i] ?? -1
    if (event.type !== 'ipi-sent') return []
    return event.to.flatMap(cpu => (answered.has(`${flush} ${cpu}`) ? [] : [{ flush, cpu }]))
  })
}

/** The simulation without the answers of those CPUs to those flushes. */
export function withoutIdle({ recorded, simulated }: Sides): Sides {
  const idle = unanswered(recorded)
  const numbers = flushNumbers(simulated)
  const left = simulated.filter(
    ({ event }, i) =>
      event.type !== 'cpu-tlb-flushed' || !idle.some(at => at.flush === numbers[i] && at.cpu === event.cpu),
  )
  return { recorded, simulated: left }
}

/**
 * Flushes of the operation, from 1, that the CPU which asked for them did not do itself, though it does in the simulation: such a flush is
 * no phase of its own. Nothing if not every flush has its counterpart.
 */
export function flushesNotDone({ recorded, simulated }: Sides): number[] {
  const [ours, its] = [doneByAsker(recorded), doneByAsker(simulated)]
  if (ours.length !== its.length) return []
  return its.flatMap((done, k) => (done && ours[k] === false ? [k + 1] : []))
}

function doneByAsker(events: readonly ActorEvent[]): boolean[] {
  const done: boolean[] = []
  for (const { event } of events) {
    if (event.type === 'cpu-flush-started') done.push(false)
    else if (event.type === 'cpu-tlb-flushed' && event.cpu === event.from && done.length > 0)
      done[done.length - 1] = true
  }
  return done
}
