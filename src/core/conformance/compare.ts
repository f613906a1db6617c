import type { Recording } from '../trace/import.ts'
import { kindNamed } from '../trace/kinds/index.ts'
import type { RecordedOperation, SeenOperation } from '../trace/operation.ts'
import { phasesOf, type SecondaryName } from '../trace/phases.ts'
import { NO_CALLS } from '../trace/unrecorded.ts'
import { align, differencesOf } from './align.ts'
import { type Claim, claimsOf } from './claims.ts'
import { withoutDifferences } from './differences.ts'
import { compareFacts } from './facts.ts'
import { flushesNotDone } from './flushes.ts'
import type { OperationReport } from './report.ts'
import { asRecorded, NOT_YET, type Simulate, type SimulatedStep } from './simulated.ts'

/** Circumstances are read off the whole of an operation: of a part they may be others. */
const ENDS_EARLY = 'the recording ends in its course, and what there is of it is not enough to simulate it'

const PUT_OFF =
  'reclaim in another task put flushes off in its course, and the recording does not tell whether that was before it looked'

/** Why an operation that is not as simulated may be another one than is known. */
const unsure = ({ endsEarly, input }: SeenOperation): string | null =>
  endsEarly ? ENDS_EARLY : input.putOffMeanwhile ? PUT_OFF : null

/** What may come after a call has returned, when the grace period of its tables is over. */
const DEFERRED: ReadonlySet<string> = new Set(['rcu_callback', 'free_tables'])

/**
 * Holds one recorded operation against its simulation. The simulation gets the circumstances only; the same function
 * names the phases of both; they are the same when every phase is, in the same order, as often.
 */
export function compare(
  recording: Recording,
  operation: SeenOperation,
  simulate: Simulate,
  secondary: SecondaryName,
): OperationReport {
  const { input, events: indices, callbacks, cutShort } = operation
  const own = indices.flatMap(i => recording.events[i] ?? [])
  const observed = phasesOf(own, secondary).map(p => p.name)
  const answer = operation.incomplete === null ? simulate(input) : { why: operation.incomplete }
  const unasked = 'why' in answer ? answer.why : answer.length === 0 ? 'nothing simulates it' : null
  const steps = 'why' in answer ? [] : answer
  const { sides, made } = withoutDifferences(input, { recorded: own, simulated: asRecorded(steps, input) })
  const simulated = phasesOf(sides.simulated, secondary).map(p => p.name)
  const shown = unasked === null ? sides.recorded : own
  const phases = phasesOf(shown, secondary)
  const comparable = phases.map(p => p.name)
  const part = operation.endsEarly ? simulated.slice(0, comparable.length) : simulated
  const expected = cutShort ? withoutDeferred(part, comparable) : part
  const rows = align(comparable, unasked === null ? expected : comparable)
  const why = unasked ?? (rows.some(row => !row.same) ? unsure(operation) : null)
  const modelled = why === null
  const claims = operation.incomplete === null ? claimsOf(recording.events, operation, steps) : unmeasured(input)
  const differences = modelled
    ? [...differencesOf(rows), ...(operation.endsEarly || !runsIt(input) ? [] : flushesNotDone(sides)).map(notDone)]
    : [why === NOT_YET ? why : `it is not simulated: ${why}`, ...broken(claims)]
  return {
    name: input.name,
    title: kindNamed(input.name).title,
    description: input,
    observed,
    simulated: expected,
    reason: why,
    notCompared: modelled ? [...notCompared(input, steps), ...untilEnd(operation, recording)] : [],
    meant: modelled ? made.map(({ id, what, why }) => ({ id, what, why })) : [],
    verdict: !modelled ? 'not-modelled' : differences.length === 0 ? 'same' : 'differs',
    differences,
    lines: phases.map(p => shown[p.at]?.line ?? 0),
    rows: modelled ? rows : rows.map(r => ({ ...r, simulated: null, same: false })),
    callbacks: compareFacts(input, recording.events, callbacks, steps, secondary),
    claims,
  }
}

/** Its CPU runs the address space: not that of a kernel thread, nor after an exec. */
const runsIt = ({ name, unrecorded }: RecordedOperation): boolean => name !== 'exit' && !unrecorded.includes(NO_CALLS)

const notDone = (flush: number): string =>
  `flush ${flush} of the operation: the CPU that asked for it flushes itself in the simulation, and not in the recording`

const untilEnd = ({ endsEarly, events }: SeenOperation, recording: Recording): string[] =>
  endsEarly
    ? [`what comes after line ${recording.events[events.at(-1) ?? 0]?.line}: the recording ends in its course`]
    : []

/** Of half an operation nothing is measured: what looks broken may be what is missing. */
const unmeasured = ({ name }: RecordedOperation): Claim[] =>
  kindNamed(name).promises.map(({ sentence }) => ({
    sentence,
    measured: 'not measured',
    simulated: 'not measured',
    where: null,
  }))

/** What the recording by itself breaks of what is promised. */
const broken = (claims: readonly Claim[]): string[] =>
  claims.flatMap(c => (c.measured === 'fails' ? [`broken in the recording: “${c.sentence}” ${c.where ?? ''}`] : []))

/** What the recording does not show: left out of the simulation's side, and said. */
function notCompared(
  { unrecorded, probed, missedFlushes }: RecordedOperation,
  steps: readonly SimulatedStep[],
): string[] {
  const said = unrecorded.map(u => `${u.what}: ${u.by} was not recorded`)
  const entered = steps.flatMap(s => s.events.flatMap(e => (e.type === 'kernel-function-entered' ? [e.name] : [])))
  for (const name of new Set(entered))
    if (!probed.includes(name)) said.push(`entering ${name}: it was not probed, or is inlined in this kernel`)
  for (const f of missedFlushes) said.push(`the flush on CPU ${f.cpu}: the probe missed it, the interrupt shows it`)
  return said
}

/** A recording that ends before the grace period cannot show what comes after it: that much of the simulation is cut. */
function withoutDeferred(simulated: readonly string[], observed: readonly string[]): string[] {
  let end = simulated.length
  while (end > observed.length && DEFERRED.has(simulated[end - 1] ?? '')) end--
  return simulated.slice(0, end)
}
