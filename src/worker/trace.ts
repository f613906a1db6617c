import { conform } from '../core/conformance/conform.ts'
import type { ConformanceReport, OperationReport, StepReport } from '../core/conformance/report.ts'
import type { Simulate } from '../core/conformance/simulated.ts'
import { type Recording, recordingReader, understand } from '../core/trace/import.ts'
import type { StepMore, TraceApi, TraceReport } from './trace-api.ts'
import { missingFrom } from './trace-missing.ts'
import { detailsOf, type StepDetails } from './trace-more.ts'
import { summaryOf } from './trace-summary.ts'
import { keptText } from './trace-text.ts'

/** What of one step crosses to the page: more could be sent, but nobody could look at it. */
const MOST_EVENTS = 4000
const MOST_OPERATIONS = 200
/** Lines in which the head of a recording is looked for. */
const HEAD = 20

/** Reads recordings; holds each operation against `simulate`. */
export function createTraceReader(simulate: Simulate): TraceApi {
  let file = ''
  let reader = recordingReader()
  let text = keptText()

  function conclude(): readonly [Recording, ConformanceReport] {
    const recording = understand(reader.end())
    reader = recordingReader()
    return [recording, conform(recording, simulate, { file })]
  }

  return {
    begin(name) {
      file = name
      reader = recordingReader()
      text = keptText()
    },
    feed(bytes) {
      text.keep(bytes)
      reader.feed(bytes)
    },
    end() {
      const [recording, report] = conclude()
      return {
        ...shortened(report, detailsOf(recording, report)),
        missing: missingFrom(text.lines(1, HEAD), report.counts),
      }
    },
    judge() {
      const [recording, report] = conclude()
      text = keptText()
      return summaryOf(recording, report)
    },
    lines: (from, to) => text.lines(from, to),
  }
}

/** Operations that differ from the model come before those that do not, so that none of them is left out unseen. */
export function shortened(report: ConformanceReport, details: readonly StepDetails[]): Omit<TraceReport, 'missing'> {
  const both = report.steps.map((step, i) => shortenedStep(step, details[i] ?? { phaseLines: [], measured: [] }))
  return { ...report, steps: both.map(([step]) => step), more: both.map(([, more]) => more) }
}

function shortenedStep(step: StepReport, details: StepDetails): readonly [StepReport, StepMore] {
  const shown = operationsShown(step.operations)
  const timeline = step.timeline.slice(0, MOST_EVENTS)
  const phaseLines = shown.map(i => details.phaseLines[i] ?? [])
  const lines = new Set([...timeline.map(e => e.line), ...phaseLines.flat()])
  return [
    {
      ...step,
      timeline,
      observed: step.observed.slice(0, MOST_EVENTS),
      simulated: step.simulated.slice(0, MOST_EVENTS),
      differences: step.differences.slice(0, MOST_OPERATIONS),
      operations: shown.flatMap(i => step.operations[i] ?? []),
    },
    {
      left: { events: step.timeline.length - timeline.length, operations: step.operations.length - shown.length },
      phaseLines,
      measured: details.measured.filter(m => lines.has(m.line)),
    },
  ]
}

/** Indices of the operations to be shown, those that differ first where not all of them are. */
export function operationsShown(operations: readonly Pick<OperationReport, 'verdict'>[]): number[] {
  const all = operations.map((_, i) => i)
  if (all.length <= MOST_OPERATIONS) return all
  const differs = (i: number): boolean => operations[i]?.verdict === 'differs'
  return [...all.filter(differs), ...all.filter(i => !differs(i))].slice(0, MOST_OPERATIONS)
}
