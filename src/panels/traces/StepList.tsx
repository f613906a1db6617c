import type { StepReport } from '../../core/conformance/report.ts'
import { VerdictBadge } from './Verdict.tsx'

interface Props {
  readonly steps: readonly StepReport[]
  readonly current: number
  readonly onChoose: (step: number) => void
}

/** What the recorded program did, one thing after another, each with its verdict. */
export function StepList({ steps, current, onChoose }: Props) {
  return (
    <ol className="trace-steps" aria-label="What the program did">
      {steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the recording
        <li key={i}>
          <button
            type="button"
            aria-current={i === current ? 'step' : undefined}
            title={step.reason ?? undefined}
            onClick={() => onChoose(i)}
          >
            <span className="muted">{i + 1}</span>
            <span>{stepName(step.step, steps.length)}</span>
            <VerdictBadge verdict={step.verdict} />
          </button>
        </li>
      ))}
    </ol>
  )
}

/** The workload announces its steps; what comes before the first has no name of its own. */
function stepName(step: string, steps: number): string {
  if (step !== 'BEGIN') return step
  return steps === 1 ? 'all of it: no steps were announced' : 'before the first step'
}
