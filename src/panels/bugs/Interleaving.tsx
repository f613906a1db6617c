import type { StepView } from '../../core/view/world.ts'
import { Mark } from '../shared/Mark.tsx'

/** One numbered step of the story, as it goes under the settings that are looked at. */
export interface StageRow {
  readonly says: string
  /** made: it could be made. stuck: not, for this reason. after: what comes after that. harm: made, and does the harm. */
  readonly fate: 'made' | 'harm' | 'stuck' | 'after'
  readonly why: string
  /** What was done for it; `extra` is not done with the bug. */
  readonly steps: readonly { readonly step: StepView; readonly extra: boolean }[]
  /** Opens the lab before it. */
  readonly href: string | null
}

interface Props {
  readonly rows: readonly StageRow[]
  /** The row whose end the stage shows. */
  readonly current: number
  onChoose(row: number): void
}

const FATES = { made: 'done', harm: 'damage', stuck: 'hole', after: 'empty' } as const
const WORDS = {
  made: '',
  harm: 'The harm. ',
  stuck: 'Cannot be made here. ',
  after: 'Does not come to this. ',
} as const

/** The interleaving in numbered steps, each with what the machine did for it. */
export function Interleaving({ rows, current, onChoose }: Props) {
  return (
    <ol className="stages">
      {rows.map((row, i) => (
        <li key={row.says} className={`stage-row fate-${row.fate}${i === current ? ' is-current' : ''}`}>
          <span className="stage-fate">
            <Mark kind={FATES[row.fate]} />
          </span>
          <div>
            <p className="stage-says">
              <span className="stage-number">{i + 1}.</span> <span className="unseen">{WORDS[row.fate]}</span>
              {row.says}
            </p>
            {row.fate === 'stuck' && (
              <p className="stage-why">
                <strong>Here it ends.</strong> {row.why}.
              </p>
            )}
            {row.steps.length > 0 && (
              <div className="stage-actions">
                <button
                  type="button"
                  className="press press-small"
                  aria-pressed={i === current}
                  onClick={() => onChoose(i)}
                >
                  Show<span className="unseen"> the machine after step {i + 1}</span>
                </button>
                {row.href !== null && (
                  <a className="press press-small" href={row.href}>
                    Watch<span className="unseen"> step {i + 1} in the lab</span>
                  </a>
                )}
                <StageSteps row={row} />
              </div>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}

function StageSteps({ row }: { readonly row: StageRow }) {
  const { length } = row.steps
  const extra = row.steps.filter(s => s.extra).length
  return (
    <details>
      <summary>
        {length === 1 ? '1 operation' : `${length} operations`}
        {extra > 0 ? `, ${extra} not done with the bug` : ''}
      </summary>
      <ol className="stage-steps" start={row.steps[0]?.step.number}>
        {row.steps.map(({ step, extra: only }) => (
          <li key={step.number} value={step.number}>
            <span className="mono stage-op">{step.op}</span> {step.sentence}
            {only && <span className="stage-extra">not with the bug</span>}
          </li>
        ))}
      </ol>
    </details>
  )
}
