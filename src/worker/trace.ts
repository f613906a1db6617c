import { conform } from '../core/conformance/conform.ts'
import type { ConformanceReport, StepReport } from '../core/conformance/report.ts'
import type { Simulate } from '../core/conformance/simulated.ts'
import { recordingReader, understand } from '../core/trace/import.ts'
import type { LeftOut, TraceApi, TraceReport } from './trace-api.ts'

/** What of one step crosses to the page: more could be sent, but nobody could look at it. */
const MOST_EVENTS = 4000
const MOST_OPERATIONS = 200

/** Reads recordings; holds each operation against `simulate`. */
export function createTraceReader(simulate: Simulate): TraceApi {
  let file = ''
  let reader = recordingReader()
  return {
    begin(name) {
      file = name
      reader = recordingReader()
    },
    feed: bytes => reader.feed(bytes),
    end() {
      const recording = understand(reader.end())
      reader = recordingReader()
      return shortened(conform(recording, simulate, { file }))
    },
  }
}

/** Operations that differ from the model come before those that do not, so that none of them is left out unseen. */
export function shortened(report: ConformanceReport): TraceReport {
  const left: LeftOut[] = report.steps.map(step => ({
    events: Math.max(0, step.timeline.length - MOST_EVENTS),
    operations: Math.max(0, step.operations.length - MOST_OPERATIONS),
  }))
  return { ...report, steps: report.steps.map(shortenedStep), left }
}

function shortenedStep(step: StepReport): StepReport {
  if (step.timeline.length <= MOST_EVENTS && step.operations.length <= MOST_OPERATIONS) return step
  const differing = step.operations.filter(o => o.verdict === 'differs')
  const others = step.operations.filter(o => o.verdict !== 'differs')
  return {
    ...step,
    timeline: step.timeline.slice(0, MOST_EVENTS),
    observed: step.observed.slice(0, MOST_EVENTS),
    simulated: step.simulated.slice(0, MOST_EVENTS),
    differences: step.differences.slice(0, MOST_OPERATIONS),
    operations:
      step.operations.length <= MOST_OPERATIONS ? step.operations : [...differing, ...others].slice(0, MOST_OPERATIONS),
  }
}
