import { useEffect, useRef } from 'react'
import type { StepView } from '../../core/view/world.ts'
import type { CompareRow } from './row-of.ts'

interface Props {
  readonly rows: readonly CompareRow[]
  readonly divergence: number | null
  readonly current: number
  readonly here: string
  readonly there: string
  readonly onChoose: (row: number) => void
}

/** Every step of both sides, aligned. The first row that differs carries the words; a hole is a step not made there. */
export function RowTable({ rows, divergence, current, here, there, onChoose }: Props) {
  const body = useRef<HTMLTableSectionElement>(null)
  useEffect(() => {
    body.current?.children[current]?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="compare-scroll" tabIndex={0} aria-label="Steps side by side">
      <table className="compare-table">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">{here}</th>
            <th scope="col">{there}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, i) => (
            <tr
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the comparison
              key={i}
              className={row.same ? undefined : 'differs'}
              data-first={i === divergence || undefined}
              aria-current={i === current ? 'step' : undefined}
            >
              <th scope="row">
                <button type="button" onClick={() => onChoose(i)} aria-label={`Row ${i + 1}`}>
                  {i + 1}
                </button>
              </th>
              <StepCell step={row.here} />
              <StepCell step={row.there} note={i === divergence ? 'first difference' : undefined} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function StepCell({ step, note }: { readonly step: StepView | null; readonly note?: string | undefined }) {
  return (
    <td className={step === null ? 'is-missing' : `tone-${step.tone}`} title={step?.sentence}>
      {step === null ? (
        'not made'
      ) : (
        <>
          <span className="muted">{step.actor.name}</span> {step.mark}
        </>
      )}
      {note !== undefined && <span className="compare-note">{note}</span>}
    </td>
  )
}
