import { type ConformanceReport, type Overall, overall, type StepReport } from '../core/conformance/report.ts'
import type { Recording } from '../core/trace/import.ts'
import type { TraceSummary } from './trace-api.ts'

/** A report in a few words: one row of the list of recordings. */
export function summaryOf(recording: Recording, report: ConformanceReport): TraceSummary {
  const operations = report.steps.flatMap(s => s.operations)
  const verdict = overall(operations.map(o => o.verdict))
  return {
    kernel: report.kernel,
    verdict,
    operations: operations.filter(o => o.verdict !== 'not-modelled').length,
    note: noteOf(verdict, report),
    meant: [...new Set(operations.flatMap(o => o.meant.map(d => d.id)))],
    tablesFreed: recording.events.filter(e => e.event.type === 'table-freed').length,
  }
}

function noteOf(verdict: Overall, { steps, problems }: ConformanceReport): string {
  if (verdict === 'same') return ''
  if (verdict === 'in-part') return leftOut(steps)
  if (verdict === 'differs') return steps.find(s => s.verdict === 'differs')?.differences[0] ?? ''
  const [most] = [...steps].sort((a, b) => told(b) - told(a))
  if (most === undefined || most.timeline.length === 0) return problems[0]?.message ?? 'nothing happened in it'
  return most.operations.length > 0 ? (most.reason ?? '') : whatElse(most)
}

/** The kinds of operations that nothing was simulated for. */
function leftOut(steps: readonly StepReport[]): string {
  const left = steps.flatMap(s => s.operations.filter(o => o.verdict === 'not-modelled'))
  return `not simulated: ${[...new Set(left.map(o => o.title))].join(', ')}`
}

/** Which calls a step makes instead of those that are simulated. */
function whatElse({ timeline }: StepReport): string {
  const calls = new Set(timeline.flatMap(({ event }) => (event.type === 'syscall-entered' ? [event.name] : [])))
  if (calls.size === 0) return 'no system call'
  return [...calls].map(name => OF_ANOTHER_KIND[name] ?? name).join(', ')
}

/** Calls that are simulated only in part. */
const OF_ANOTHER_KIND: Readonly<Record<string, string>> = {
  madvise: 'madvise, not MADV_DONTNEED',
  brk: 'brk that grows the heap',
}

/** How often the notifier was called in a step: the step that the recording was made for has the most to tell. */
const told = (step: StepReport): number =>
  step.timeline.filter(
    ({ event: { type } }) =>
      type === 'invalidate-range-started' || type === 'secondary-tlb-invalidate-called' || type === 'notifier-released',
  ).length
