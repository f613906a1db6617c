import { measuredFacts } from '../core/conformance/facts.ts'
import type { ConformanceReport } from '../core/conformance/report.ts'
import type { Recording } from '../core/trace/import.ts'
import type { RecordedCallback } from '../core/trace/timed.ts'
import type { MeasuredCallback, PagesSeen } from './trace-api.ts'

/** What the report does not say about a step: where its phases stand in the file, and what its callbacks measured. */
export interface StepDetails {
  readonly phaseLines: readonly (readonly number[])[]
  readonly measured: readonly MeasuredCallback[]
}

/** The details of each step of a recording, in their order. */
export function detailsOf(recording: Recording, report: ConformanceReport): StepDetails[] {
  const { events, callbacks, steps } = recording
  return steps.map(({ from, to }, i) => {
    return {
      phaseLines: (report.steps[i]?.operations ?? []).map(o => o.lines),
      measured: callbacks
        .filter(c => within(c.at, from, to))
        .map(c => ({ line: events[c.at]?.line ?? c.line, facts: measuredFacts(c), seen: pagesSeen(c) })),
    }
  })
}

const within = (at: number, from: number, to: number): boolean => at >= from && at < to

function pagesSeen({ pages }: RecordedCallback): PagesSeen | null {
  if (pages.length === 0) return null
  return {
    pages: pages.length,
    entries: [...new Set(pages.map(p => p.state))],
    references: extent(pages.map(p => p.references)),
    mappings: extent(pages.map(p => p.mappings)),
  }
}

const extent = (numbers: readonly number[]): readonly [number, number] => [Math.min(...numbers), Math.max(...numbers)]
