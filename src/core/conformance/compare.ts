import type { Recording } from '../trace/import.ts'
import type { SeenOperation } from '../trace/operation.ts'
import { phasesOf, type SecondaryName } from '../trace/phases.ts'
import { align, differencesOf } from './align.ts'
import { claimsOf } from './claims.ts'
import { compareFacts } from './facts.ts'
import type { OperationReport } from './report.ts'
import { asRecorded, type Simulate } from './simulated.ts'

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
  const steps = simulate(input)
  const modelled = steps.length > 0
  const simulated = phasesOf(asRecorded(steps, input), secondary).map(p => p.name)
  const expected = cutShort ? withoutDeferred(simulated, observed) : simulated
  const rows = modelled ? align(observed, expected) : observed.length > 0 ? align(observed, observed) : []
  const differences = modelled
    ? differencesOf(rows)
    : ['the simulation does not have this operation in these circumstances']
  return {
    name: input.name,
    description: input,
    observed,
    simulated: expected,
    verdict: !modelled ? 'not-modelled' : differences.length === 0 ? 'same' : 'differs',
    differences,
    rows: modelled ? rows : rows.map(r => ({ ...r, simulated: null, same: false })),
    callbacks: compareFacts(input, recording.events, callbacks, steps, secondary),
    claims: claimsOf(recording.events, indices, callbacks, steps),
  }
}

/** A recording that ends before the grace period cannot show what comes after it: that much of the simulation is cut. */
function withoutDeferred(simulated: readonly string[], observed: readonly string[]): string[] {
  let end = simulated.length
  while (end > observed.length && DEFERRED.has(simulated[end - 1] ?? '')) end--
  return simulated.slice(0, end)
}
