import { useMemo, useState } from 'react'
import type { StepReport } from '../../core/conformance/report.ts'
import { hexAddr } from '../../core/units.ts'
import { RibbonPanel } from '../../panels/ribbon/RibbonPanel.tsx'
import { TimelinePanel } from '../../panels/timeline/TimelinePanel.tsx'
import { FileFacts } from '../../panels/traces/FileFacts.tsx'
import { OperationCard } from '../../panels/traces/OperationCard.tsx'
import { StepList } from '../../panels/traces/StepList.tsx'
import { phasesDone, stepOfPhase } from '../../store/selectors.ts'
import type { TraceReport } from '../../worker/trace-api.ts'
import { filmOf, ribbonOf } from './film-of.ts'

interface Props {
  readonly report: TraceReport
  readonly notes: string
}

/** One recording: what was read, then one of its steps in full. */
export function RecordingView({ report, notes }: Props) {
  const [chosen, setChosen] = useState(() => mostInteresting(report.steps))
  const step = report.steps[chosen]
  const left = report.left[chosen]
  const kernel = report.kernel === null ? 'Linux' : `Linux ${report.kernel}`
  return (
    <>
      <FileFacts {...report} notes={notes} />
      {report.steps.length > 0 && <StepList steps={report.steps} current={chosen} onChoose={setChosen} />}
      {step !== undefined && (
        <>
          <RecordedStep key={chosen} step={step} kernel={kernel} />
          {left !== undefined && left.events > 0 && (
            <p className="muted">{left.events} further events of this step are not shown.</p>
          )}
          {step.operations.map((operation, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an operation is its place in the step
            <OperationCard key={i} operation={operation} kernel={kernel} />
          ))}
          {left !== undefined && left.operations > 0 && (
            <p className="muted">{left.operations} further operations are not shown; none of them differs more.</p>
          )}
          {step.operations.length === 0 && (
            <p className="muted">The model has no operation of this step. What the kernel did is shown above.</p>
          )}
        </>
      )}
    </>
  )
}

/** The step as a film: the kernel's phases, the model's below, and every event in its lane. */
function RecordedStep({ step, kernel }: { readonly step: StepReport; readonly kernel: string }) {
  const [at, setAt] = useState(0)
  const { film, lanes, ribbon } = useMemo(() => filmOf(`${kernel}, recorded`, step.timeline, hexAddr), [step, kernel])
  const model = useMemo(() => ribbonOf('The model', step.simulated), [step])
  const phase = film[at - 1]?.phase ?? null
  const now = film[at - 1]
  const jump = (to: number) => {
    const start = stepOfPhase(film, to)
    if (start !== null) setAt(start)
  }
  return (
    <section className="trace-film" aria-label={`Recording of: ${step.step}`}>
      {ribbon.phases.length > 0 && (
        <RibbonPanel
          ribbon={ribbon}
          phase={phase}
          doneUpTo={phase ?? phasesDone(film, at, ribbon.phases) + 1}
          onJump={jump}
        />
      )}
      {model.phases.length > 0 && (
        <RibbonPanel
          ribbon={model}
          phase={null}
          doneUpTo={0}
          onJump={n => jump(sameIn(ribbon.phases, model.phases, n))}
        />
      )}
      {film.length > 0 && (
        <TimelinePanel lanes={lanes} film={film} at={at} length={film.length} phases={ribbon.phases} onSeek={setAt} />
      )}
      <p className="trace-said" role="status">
        {now === undefined ? (
          <span className="muted">
            {film.length} events. Pull the playhead, or use the arrow keys on the timeline, to read them.
          </span>
        ) : (
          <>
            <b>{now.sentence}</b>
            <span className="muted">
              {now.actor.name}. {now.why}
            </span>
          </>
        )}
      </p>
    </section>
  )
}

/** The recorded phase that stands for the model's n-th: the one of the same name, as often seen before. */
function sameIn(recorded: readonly { title: string }[], model: readonly { title: string }[], n: number): number {
  const name = model[n]?.title
  let nth = model.slice(0, n + 1).filter(p => p.title === name).length
  return recorded.findIndex(p => p.title === name && --nth === 0)
}

/** The last step that the model has; else the last of all. */
function mostInteresting(steps: readonly StepReport[]): number {
  const differing = steps.findIndex(s => s.verdict === 'differs')
  if (differing >= 0) return differing
  const same = steps.findLastIndex(s => s.verdict === 'same')
  return same >= 0 ? same : Math.max(0, steps.length - 1)
}
