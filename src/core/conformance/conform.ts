import { operationsOf } from '../trace/extract.ts'
import type { Recording } from '../trace/import.ts'
import { kernelOf, type RecordedKernel, secondaryNameOf } from '../trace/kernel.ts'
import { kindNamed } from '../trace/kinds/index.ts'
import type { SeenOperation } from '../trace/operation.ts'
import { phasesOf, type SecondaryName } from '../trace/phases.ts'
import type { Step } from '../trace/steps.ts'
import type { TimedEvent } from '../trace/timed.ts'
import { compare } from './compare.ts'
import { type ConformanceReport, type OperationReport, overall, type StepReport, type TimelineEvent } from './report.ts'
import type { Simulate } from './simulated.ts'

/** What a reader may say about a recording that it does not say itself. */
export interface ConformOptions {
  /** Shown, and asked for the kernel when the events do not tell. */
  readonly file?: string
  /** Overrules what the events tell. */
  readonly kernel?: RecordedKernel
}

/**
 * Compares a recording, step by step, with the simulation of its operations.
 * Operations that the simulation has not are checked by themselves; phases of steps without any are listed all the same.
 */
export function conform(recording: Recording, simulate: Simulate, options: ConformOptions = {}): ConformanceReport {
  const kernel = options.kernel ?? kernelOf(recording.names, options.file)
  const secondary = secondaryNameOf(kernel)
  const operations = operationsOf(recording, kernel)
  const byStep = stepsWithOperations(recording.steps, operations)
  return {
    file: options.file ?? '',
    kernel,
    counts: recording.counts,
    steps: byStep.map(({ step, operations: own }) =>
      stepReport(
        recording,
        step,
        own.map(o => compare(recording, o, simulate, secondary)),
        secondary,
      ),
    ),
    ignored: [...recording.ignored].map(([name, lines]) => ({ name, lines })).sort((a, b) => b.lines - a.lines),
    problems: recording.problems,
    moreProblems: recording.moreProblems,
  }
}

/** An operation belongs to the step in which its call began. */
function stepsWithOperations(steps: readonly Step[], operations: readonly SeenOperation[]) {
  let next = 0
  return steps.map(step => {
    const own: SeenOperation[] = []
    for (; next < operations.length; next++) {
      const operation = operations[next]
      const entry = operation?.events[0] ?? 0
      if (operation === undefined || entry >= step.to) break
      if (entry >= step.from) own.push(operation)
    }
    return { step, operations: own }
  })
}

function stepReport(
  recording: Recording,
  step: Step,
  operations: readonly OperationReport[],
  secondary: SecondaryName,
): StepReport {
  const events = recording.events.slice(step.from, step.to)
  const phases = phasesOf(events, secondary)
  const first = recording.events[0]?.time ?? 0
  const nameAt = new Map(phases.map(p => [p.at, p.name]))
  const timeline = events.map(
    (e, i): TimelineEvent => ({
      time: e.time - first,
      cpu: e.cpu,
      task: e.task,
      event: e.event,
      phase: nameAt.get(i) ?? null,
      line: e.line,
    }),
  )
  return {
    step: step.name,
    timeline,
    observed: phases.map(p => p.name),
    simulated: operations.flatMap(o => o.simulated),
    verdict: overall(operations.map(o => o.verdict)),
    differences: operations.flatMap(o => labelled(o, operations)),
    reason: whyNothing(events, operations),
    operations,
  }
}

function whyNothing(events: readonly TimedEvent[], operations: readonly OperationReport[]): string | null {
  const left = operations.filter(o => o.verdict === 'not-modelled')
  const why = [...new Set(left.map(o => o.differences.join('; ')))].join('; ')
  if (left.length < operations.length) {
    const names = [...new Set(left.map(o => kindNamed(o.name).title))].join(', ')
    return left.length === 0 ? null : `${left.length} of ${operations.length} operations (${names}): ${why}`
  }
  if (operations.length > 0) return `${[...new Set(operations.map(o => kindNamed(o.name).title))].join(', ')}: ${why}`
  const calls = new Set(events.flatMap(({ event }) => (event.type === 'syscall-entered' ? [event.name] : [])))
  if (events.length === 0) return 'nothing happened in it'
  const only = calls.size === 0 ? '' : `: only ${[...calls].join(', ')}`
  return `nothing in it takes away or changes what is mapped${only}`
}

function labelled(o: OperationReport, all: readonly OperationReport[]): string[] {
  if (all.length === 1) return [...o.differences]
  return o.differences.map(d => `operation ${all.indexOf(o) + 1} (${o.name}): ${d}`)
}
