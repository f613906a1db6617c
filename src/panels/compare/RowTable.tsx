import { type RefObject, useEffect, useRef } from 'react'
import type { StepView } from '../../core/view/world.ts'
import { Mark } from '../shared/Mark.tsx'
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
  const box = useRef<HTMLElement>(null)
  useInView(box, divergence, current)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="compare-scroll" tabIndex={0} aria-label="Steps side by side" ref={box}>
      <table className="compare-table">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">{here}</th>
            <th scope="col">{there}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place in the comparison
              key={i}
              className={row.same ? undefined : 'differs'}
              data-row={i}
              data-first={i === divergence || undefined}
              aria-current={i === current ? 'step' : undefined}
            >
              <th scope="row">
                <button type="button" onClick={() => onChoose(i)} aria-label={`Row ${i + 1}`}>
                  {i + 1}
                </button>
              </th>
              <StepCell step={row.here} />
              <StepCell step={row.there} first={i === divergence} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Where the two sides part is shown first, and whenever that is elsewhere; after that the list follows `current`. */
function useInView(box: RefObject<HTMLElement | null>, divergence: number | null, current: number): void {
  const followed = useRef(current)
  useEffect(() => {
    if (followed.current === current) return
    followed.current = current
    keepInView(box.current, current)
  }, [box, current])
  useEffect(() => {
    keepInView(box.current, divergence ?? followed.current)
  }, [box, divergence])
}

/** Scrolls the list, and only the list: the page must not jump under the reader. */
function keepInView(box: HTMLElement | null, row: number): void {
  const item = box?.querySelector<HTMLElement>(`[data-row="${row}"]`)
  if (!box || !item) return
  const head = box.querySelector('thead')?.offsetHeight ?? 0
  const top = item.offsetTop
  if (top >= box.scrollTop + head && top + item.offsetHeight <= box.scrollTop + box.clientHeight) return
  box.scrollTop = top - box.clientHeight / 3
}

function StepCell({ step, first = false }: { readonly step: StepView | null; readonly first?: boolean }) {
  return (
    <td className={step === null ? 'is-missing' : `tone-${step.tone}`} title={step?.sentence}>
      {step === null ? (
        'not made'
      ) : (
        <>
          <span className="muted">{step.actor.name}</span> {step.mark}
        </>
      )}
      {first && (
        <span className="compare-note">
          <Mark kind="warning" /> first difference
        </span>
      )}
    </td>
  )
}
