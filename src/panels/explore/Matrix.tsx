import type { CSSProperties, ReactNode } from 'react'
import { Breakable } from '../shared/Breakable.tsx'
import { Mark, type MarkKind } from '../shared/Mark.tsx'
import { useGridKeys } from './use-grid-keys.ts'

/** How one cell stands. `note` is the number beside the word, `says` what a listener hears for it. */
export interface MatrixCell {
  readonly tone: 'waiting' | 'busy' | 'broken' | 'holds' | 'stuck' | 'undecided'
  readonly word: string
  readonly note: string
  readonly says: string
  /** Where it leads, and what happens there; null while there is nothing to see. */
  readonly href: string | null
  readonly leads: string
}

export interface MatrixRow {
  readonly id: string
  readonly title: string
  readonly bugs: readonly string[]
  /** Below the heads. */
  readonly cells: readonly MatrixAsked[]
}

/** One cell's own question, the question whose answer it shows, and its kernel. */
export interface MatrixAsked {
  readonly id: string
  readonly asked: string
  readonly kernel: string
}

export interface MatrixHead {
  readonly id: string
  readonly label: string
  /** A switch stands otherwise than in its kernel. */
  readonly flipped: boolean
  /** Smaller, below: `on 3.19`, `as 4.13`. */
  readonly under: string | null
}

/** A place in the table. */
export interface MatrixPlace extends MatrixAsked {
  /** In words: the scenario and the world. */
  readonly where: string
  /** `row,column` */
  readonly at: string
  /** The one cell that Tab reaches. */
  readonly reachable: boolean
}

interface Props {
  readonly heads: readonly MatrixHead[]
  readonly rows: readonly MatrixRow[]
  /** Draws what stands in a place: a `Cell` that follows its own answer, so that the others need not be drawn again. */
  readonly draw: (place: MatrixPlace) => ReactNode
}

/** Scenarios down, worlds across. Every answered cell is a link; arrow keys go from one to the next. */
export function Matrix({ heads, rows, draw }: Props) {
  const { ref, active, ...keys } = useGridKeys<HTMLTableElement>()
  const eras = heads.filter(h => !h.flipped).length
  return (
    <table className="matrix" ref={ref} {...keys} style={{ '--columns': heads.length } as CSSProperties}>
      <caption className="unseen">Which scenario is broken under which kernel, driver and switch</caption>
      <thead>
        <tr className="matrix-groups">
          <td />
          <th scope="colgroup" colSpan={eras}>
            <span>Kernels as they were</span>
          </th>
          <th scope="colgroup" colSpan={heads.length - eras} className="is-flipped">
            <span>One switch flipped</span>
          </th>
        </tr>
        <tr>
          <th scope="col" className="matrix-corner">
            Scenario
          </th>
          {heads.map(h => (
            <th key={h.id} scope="col" className={h.flipped ? 'is-flipped' : ''}>
              <Breakable text={h.label} />
              {h.under !== null && <span className="matrix-under"> {h.under}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, r) => (
          <tr key={row.id}>
            <th scope="row">
              <span className="matrix-row">
                <span>
                  <Breakable text={row.title} />
                </span>{' '}
                {row.bugs.length > 0 && <span className="matrix-bugs">{row.bugs.join(' ')}</span>}
              </span>
            </th>
            {row.cells.map((cell, c) => {
              const at = `${r},${c}`
              return (
                <td key={cell.id} className={heads[c]?.flipped ? 'is-flipped' : ''}>
                  {draw({ ...cell, at, where: `${row.title}, ${heads[c]?.label}`, reachable: active === at })}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What has no answer yet has no shape either, but a border of its own. */
const marks: Readonly<Partial<Record<MatrixCell['tone'], MarkKind>>> = {
  broken: 'violated',
  holds: 'holds',
  stuck: 'warning',
  undecided: 'warning',
}

interface CellProps {
  readonly place: Omit<MatrixPlace, keyof MatrixAsked>
  readonly cell: MatrixCell
  /** It is the question that is being looked at. */
  readonly current: boolean
  /** Somebody follows it, without a key that opens it elsewhere. */
  readonly onFollow: () => void
}

/** What stands in one place of the matrix. */
export function Cell({ place: { where, at, reachable }, cell, current, onFollow }: CellProps) {
  const { tone, href } = cell
  const mark = marks[tone]
  const className = `matrix-cell cell-${tone}${current ? ' is-current' : ''}`
  const inside = (
    <>
      <span className="unseen">{where}: </span>
      <span className="matrix-word">
        {mark !== undefined && <Mark kind={mark} />}
        {cell.word}
      </span>
      {cell.note !== '' && (
        <span className="matrix-note">
          <span aria-hidden="true">{cell.note}</span>
          <span className="unseen"> {cell.says}</span>
        </span>
      )}
    </>
  )
  if (href === null) return <span className={className}>{inside}</span>
  return (
    <a
      className={className}
      href={href}
      data-at={at}
      tabIndex={reachable ? 0 : -1}
      aria-current={current || undefined}
      onClick={event => {
        if (!(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) onFollow()
      }}
    >
      {inside}
      <span className="unseen">. {cell.leads}</span>
    </a>
  )
}
