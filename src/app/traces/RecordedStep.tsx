import { useMemo, useState } from 'react'
import type { OperationReport, StepReport } from '../../core/conformance/report.ts'
import type { RecordedKernel } from '../../core/trace/kernel.ts'
import { hexAddr } from '../../core/units.ts'
import { RibbonPanel } from '../../panels/ribbon/RibbonPanel.tsx'
import { TimelinePanel } from '../../panels/timeline/TimelinePanel.tsx'
import { Claims } from '../../panels/traces/Claims.tsx'
import { Strip } from '../../panels/traces/Strip.tsx'
import { aloneRows, stripOf } from '../../panels/traces/strip.ts'
import { capital, Meant, VerdictBadge, verdictSentence } from '../../panels/traces/Verdict.tsx'
import { phasesDone, stepOfPhase } from '../../store/selectors.ts'
import type { StepMore } from '../../worker/trace-api.ts'
import { EventDetail } from './EventDetail.tsx'
import { filmOf } from './film-of.ts'
import { OperationChoice } from './OperationChoice.tsx'
import type { LinesOf } from './use-recording.ts'

interface Props {
  readonly step: StepReport
  readonly more: StepMore
  readonly kernel: RecordedKernel | null
  readonly linesOf: LinesOf
}

/** The kernel whose preset the simulation runs with. */
const presetOf = (kernel: RecordedKernel | null): string => (kernel === '6.12' ? '6.6' : '6.1')

/** One step: the verdict, the kernel's phases and events in time, then phase beside phase with what was measured. */
export function RecordedStep({ step, more, kernel, linesOf }: Props) {
  const name = kernel === null ? 'Linux' : `Linux ${kernel}`
  const [chosen, setChosen] = useState(() =>
    Math.max(
      0,
      step.operations.findIndex(o => o.verdict === 'differs'),
    ),
  )
  const operation = step.operations[chosen] ?? null
  const rows = useMemo(() => rowsOf(step, more, operation, chosen), [step, more, operation, chosen])
  const { film, lanes, ribbon } = useMemo(() => filmOf(`${name}, recorded`, step.timeline, hexAddr), [step, name])

  const [line, setLine] = useState(() => firstLine(rows, step))
  const choose = (next: number) => {
    setChosen(next)
    setLine(firstLine(rowsOf(step, more, step.operations[next] ?? null, next), step))
  }
  const at = film.findIndex((_, i) => step.timeline[i]?.line === line) + 1
  const seek = (to: number) => setLine(step.timeline[Math.max(1, to) - 1]?.line ?? line)
  const phase = film[at - 1]?.phase ?? null
  const jump = (to: number) => {
    const start = stepOfPhase(film, to)
    if (start !== null) seek(start)
  }
  const modelled = operation !== null && operation.verdict !== 'not-modelled'
  return (
    <section className="trace-film" aria-label={`Recording of: ${step.step}`}>
      <p className="trace-verdict">
        <VerdictBadge verdict={operation?.verdict ?? step.verdict} />
        {operation === null
          ? capital(`${step.reason ?? 'the model has no such operation'}. What the kernel did is shown below.`)
          : verdictSentence(operation, presetOf(kernel))}
      </p>
      {operation !== null && <Meant meant={operation.meant} />}
      {step.operations.length > 1 && <OperationChoice step={step} more={more} chosen={chosen} onChoose={choose} />}
      {ribbon.phases.length > 0 && (
        <RibbonPanel
          ribbon={ribbon}
          phase={phase}
          doneUpTo={phase ?? phasesDone(film, at, ribbon.phases) + 1}
          onJump={jump}
        />
      )}
      {film.length > 0 && (
        <TimelinePanel lanes={lanes} film={film} at={at} length={film.length} phases={ribbon.phases} onSeek={seek} />
      )}
      {more.left.events > 0 && (
        <p className="muted">
          The timeline shows the first {film.length} of {film.length + more.left.events} events.
        </p>
      )}
      {film.length > 0 ? (
        <div className="trace-columns">
          <div className="strip-box">
            <Strip rows={rows} kernel={name} preset={modelled ? presetOf(kernel) : null} line={line} onLine={setLine} />
            {operation !== null && <AllDifferences operation={operation} />}
          </div>
          <div className="trace-detail">
            <EventDetail film={film} timeline={step.timeline} at={at} line={line} linesOf={linesOf} onSeek={seek} />
            {operation !== null && <Claims claims={operation.claims} />}
          </div>
        </div>
      ) : (
        <p className="muted">No event of this step is about memory.</p>
      )}
    </section>
  )
}

/** What the verdict's sentence had no room for. */
function AllDifferences({ operation }: { readonly operation: OperationReport }) {
  const { verdict, differences, notCompared } = operation
  return (
    <>
      {verdict === 'differs' && differences.length > 1 && (
        <ul className="differences" aria-label="All differences">
          {differences.slice(0, 20).map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {notCompared.length > 0 && <p className="muted">Not compared: {notCompared.join('; ')}.</p>}
    </>
  )
}

function rowsOf(step: StepReport, more: StepMore, operation: OperationReport | null, index: number) {
  if (operation !== null)
    return stripOf({
      rows: operation.rows,
      modelled: operation.verdict !== 'not-modelled',
      lines: more.phaseLines[index] ?? [],
      measured: more.measured,
      compared: operation.callbacks,
    })
  return stripOf({
    rows: aloneRows(step.observed),
    modelled: false,
    lines: step.timeline.filter(e => e.phase !== null).map(e => e.line),
    measured: more.measured,
    compared: [],
  })
}

/** Where to look first: what differs, else the first callback, else the beginning. */
function firstLine(rows: readonly ReturnType<typeof stripOf>[number][], step: StepReport): number {
  const telling = rows.find(r => r.first && r.line !== null) ?? rows.find(r => r.callback && r.line !== null)
  return (telling ?? rows.find(r => r.line !== null))?.line ?? step.timeline[0]?.line ?? 1
}
