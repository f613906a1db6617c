import { Fragment, useState } from 'react'
import { OVER_INVALIDATION, overInvalidation } from '../../core/studies/cost/over-invalidation.ts'
import { unitBeside } from '../shared/unit-beside.ts'
import './cost.css'
import './side.css'

interface CostMeasure {
  readonly id: string
  readonly family: string
  readonly title: string
  readonly unit: string
  readonly what: string
  /** Why this run cannot show it, or null. */
  readonly absent: string | null
}

export interface CostProps {
  /** Null while it is being counted. */
  readonly cost: { readonly measures: readonly CostMeasure[]; readonly along: readonly (readonly number[])[] } | null
  /** Steps taken. */
  readonly at: number
  readonly onSeek: (at: number) => void
}

/** What the run has cost up to the playhead, and in all; each figure leads to the step that last added to it. */
export function CostPanel({ cost, at, onSeek }: CostProps) {
  const [explained, explain] = useState(false)
  const { measures, along } = cost ?? { measures: [], along: [] }
  const now = along[at]
  const whole = along.at(-1)
  const shown = measures.filter(m => m.absent === null)
  const absent = measures.filter(m => m.absent !== null)
  return (
    <div className="side-panel cost-panel" aria-busy={cost === null}>
      <h2 className="side-heading">What it costs up to step {at}</h2>
      <label className="cost-explain">
        <input type="checkbox" checked={explained} onChange={event => explain(event.target.checked)} /> Say what is
        counted
      </label>
      {now !== undefined && whole !== undefined && (
        <table className="cost-table">
          <thead>
            <tr>
              <th scope="col">Counted</th>
              <th scope="col" className="is-number">
                so far
              </th>
              <th scope="col" className="is-number">
                whole run
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(measure => {
              const i = measures.indexOf(measure)
              const from = lastAdded(along, i, at)
              const added = (now[i] ?? 0) - (along[at - 1]?.[i] ?? now[i] ?? 0)
              return (
                <Fragment key={measure.id}>
                  <tr className={added === 0 ? undefined : 'is-added'}>
                    <th scope="row">
                      {measure.title} <span className="cost-unit">{unitBeside(measure.title, measure.unit)}</span>
                    </th>
                    <td className="is-number">
                      {added !== 0 && <span className="cost-added">{signed(added)} </span>}
                      <Figure
                        value={now[i] ?? 0}
                        step={from}
                        what={`the step up to here that last added to ${measure.title}`}
                        onSeek={onSeek}
                      />
                    </td>
                    <td className="is-number">
                      <Figure
                        value={whole[i] ?? 0}
                        step={lastAdded(along, i, along.length - 1)}
                        what={`the step of the whole run that last added to ${measure.title}`}
                        onSeek={onSeek}
                      />
                    </td>
                  </tr>
                  {explained && <Explanation text={measure.what} />}
                </Fragment>
              )
            })}
            <tr>
              <th scope="row">
                {OVER_INVALIDATION.title} <span className="cost-unit">{OVER_INVALIDATION.unit}</span>
              </th>
              <td className="is-number cost-ratio">{ratio(measures, now)}</td>
              <td className="is-number cost-ratio">{ratio(measures, whole)}</td>
            </tr>
            {explained && <Explanation text={OVER_INVALIDATION.what} />}
          </tbody>
        </table>
      )}
      {absent.length > 0 && (
        <dl className="cost-absent">
          {absent.map(({ id, title, absent: why }) => (
            <Fragment key={id}>
              <dt>{title}</dt>
              <dd>Not shown: {why}.</dd>
            </Fragment>
          ))}
        </dl>
      )}
    </div>
  )
}

const Explanation = ({ text }: { readonly text: string }) => (
  <tr>
    <td colSpan={3} className="cost-what">
      {text}
    </td>
  </tr>
)

interface FigureProps {
  readonly value: number
  /** The step that last added to it; null when none did. */
  readonly step: number | null
  readonly what: string
  readonly onSeek: (at: number) => void
}

function Figure({ value, step, what, onSeek }: FigureProps) {
  if (step === null) return <>{value}</>
  return (
    <button type="button" className="cost-figure" title={`Go to step ${step}`} onClick={() => onSeek(step)}>
      {value}
      <span className="unseen">
        , go to step {step}, {what}
      </span>
    </button>
  )
}

const signed = (n: number): string => (n > 0 ? `+${n}` : `−${-n}`)

/** The last step up to `at` that changed the measure. */
function lastAdded(along: readonly (readonly number[])[], measure: number, at: number): number | null {
  for (let step = at; step > 0; step--) if (along[step]?.[measure] !== along[step - 1]?.[measure]) return step
  return null
}

function ratio(measures: readonly CostMeasure[], counts: readonly number[]): string {
  const count = (id: string): number => counts[measures.findIndex(m => m.id === id)] ?? 0
  const dropped = count(OVER_INVALIDATION.dropped)
  const found = overInvalidation(dropped, count(OVER_INVALIDATION.needless))
  return found !== null ? found.toFixed(1) : dropped === 0 ? 'none dropped' : 'none had to go'
}
