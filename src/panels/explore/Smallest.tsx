import { Fragment, type ReactNode, useId, useState } from 'react'
import type { SmallestCase } from '../../core/studies/smaller.ts'
import type { StepNeed } from '../../core/studies/smaller-steps.ts'
import {
  caseText,
  droppedText,
  givenText,
  keptName,
  keptText,
  MEASURES,
  measureText,
  NEED_MEANS,
  needText,
  SMALLEST_MEANS,
  withoutText,
} from '../../core/studies/smaller-text.ts'
import type { Choice } from '../../core/threads/choice.ts'
import { Breakable } from '../shared/Breakable.tsx'
import { Arrow, Mark, type MarkKind } from '../shared/Mark.tsx'
import './smallest.css'

interface Props {
  readonly found: SmallestCase
  /** Opens a run of the smallest scenario. */
  readonly hrefOf: (schedule: readonly Choice[]) => string
  /** Opens what is left of the reader's own run. */
  readonly given: string | null
  /** Large numbers as people read them. */
  readonly readable: (sentence: string) => string
  /** What can be done with it. */
  readonly children: ReactNode
}

/** The smallest case in which a rule is still broken: its size, its run step by step, what went and what had to stay. */
export function Smallest({ found, hrefOf, given, readable, children }: Props) {
  const [first, ...rest] = caseText(found).split('. ')
  return (
    <div className="smallest">
      <p className="smallest-case">
        <strong>{first}.</strong> {readable(rest.join('. '))}
      </p>
      {children}
      {found.given !== null && (
        <p>
          {readable(givenText(found))} {given !== null && <a href={given}>Watch what is left of it</a>}
        </p>
      )}
      <Sizes found={found} readable={readable} />
      <section className="smallest-run">
        <h3>Its run, step by step</h3>
        <p className="muted">{NEED_MEANS}</p>
        <Steps found={found} hrefOf={hrefOf} readable={readable} />
      </section>
      <div className="smallest-lists">
        <section>
          <h3>Left out</h3>
          {found.dropped.length === 0 ? (
            <p>Nothing could go.</p>
          ) : (
            <ul>
              {found.dropped.map(dropped => (
                <li key={dropped.what}>{droppedText(dropped)}</li>
              ))}
            </ul>
          )}
        </section>
        <section>
          <h3>Kept, and why</h3>
          <dl>
            {found.kept.map(kept => (
              <div key={kept.what}>
                <dt>{keptName(kept)}</dt>
                <dd>{readable(keptText(kept))}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>What this says</h3>
          <ul>
            {SMALLEST_MEANS.map(text => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </section>
      </div>
    </div>
  )
}

function Sizes({ found, readable }: Pick<Props, 'found' | 'readable'>) {
  return (
    <dl className="smallest-sizes" aria-label="Before and after">
      {MEASURES.map(([key, name]) => {
        const [before, after] = [found.before[key], found.after[key]].map(n => readable(measureText(n)))
        return (
          <div key={key} className={before === after ? 'is-same' : ''}>
            <dt>{name}</dt>
            <dd>
              {before === after ? (
                <>
                  {after} <span className="unseen">as before</span>
                </>
              ) : (
                <>
                  <span className="smallest-before">{before}</span> <Arrow /> <span className="unseen">became</span>{' '}
                  <strong>{after}</strong>
                </>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

const marks: Readonly<Record<StepNeed['need']['kind'], MarkKind>> = {
  'every-run': 'holds',
  'this-run': 'violated',
  undecided: 'warning',
}

function Steps({ found, hrefOf, readable }: Pick<Props, 'found' | 'hrefOf' | 'readable'>) {
  const { lanes } = found
  const last = found.steps.length - 1
  const base = useId()
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set())
  const toggle = (step: number) =>
    setOpen(open.has(step) ? new Set([...open].filter(n => n !== step)) : new Set([...open, step]))
  return (
    <table className="smallest-steps">
      <caption className="unseen">The run of the smallest case: a column for each actor, a row for each step</caption>
      <thead>
        <tr>
          <th scope="col">
            <span className="unseen">Step</span>
          </th>
          {lanes.map(lane => (
            <th key={lane} scope="col">
              {lane}
            </th>
          ))}
          <th scope="col">Without it</th>
        </tr>
      </thead>
      <tbody>
        {found.steps.map((step, i) => (
          <Fragment key={step.number}>
            <tr className={i === last ? 'is-breach' : ''}>
              <th scope="row">{step.number}</th>
              {lanes.map(lane => (
                <td key={lane} className={lane === step.lane ? 'is-here' : 'is-empty'}>
                  {lane === step.lane && (
                    <>
                      <span className={step.actor === lane ? 'smallest-who is-column' : 'smallest-who'}>
                        {step.actor}
                      </span>{' '}
                      <code>
                        <Breakable text={step.fn} />
                      </code>{' '}
                      {step.label}
                      {i === last && <span className="smallest-breach">{step.sentence}</span>}
                    </>
                  )}
                </td>
              ))}
              <td className="smallest-need">
                <Mark kind={marks[step.need.kind]} /> {readable(needText(step))}{' '}
                {step.need.kind === 'this-run' && <a href={hrefOf(step.need.schedule)}>Watch that run</a>}{' '}
                <button
                  type="button"
                  className="smallest-more"
                  aria-expanded={open.has(step.number)}
                  aria-controls={`${base}-${step.number}`}
                  onClick={() => toggle(step.number)}
                >
                  This run without it<span className="unseen">, step {step.number}</span>
                </button>
              </td>
            </tr>
            <tr id={`${base}-${step.number}`} hidden={!open.has(step.number)} className="smallest-rest">
              <td colSpan={lanes.length + 2}>{open.has(step.number) && <Rest step={step} hrefOf={hrefOf} />}</td>
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  )
}

/** What the run comes to without one step. */
function Rest({ step, hrefOf }: { readonly step: StepNeed } & Pick<Props, 'hrefOf'>) {
  const { later, schedule, end } = step.without
  return (
    <>
      <p>
        {withoutText(step)} {schedule.length > 0 && <a href={hrefOf(schedule)}>Watch it</a>}
      </p>
      {later.length > 0 && (
        <ol>
          {later.map(({ number, actor, label, why }) => (
            <li key={number} value={number} className={why === '' ? 'is-made' : 'is-not-made'}>
              <Mark kind={why === '' ? 'done' : 'damage'} /> {actor}: <span className="smallest-label">{label}</span>
              {why !== '' && <span className="smallest-why">. Not made: {why}.</span>}
            </li>
          ))}
        </ol>
      )}
      {end !== '' && <p>Its last step: {end}</p>}
    </>
  )
}
