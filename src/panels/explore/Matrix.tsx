import { memo } from 'react'
import { Breakable } from '../shared/Breakable.tsx'
import { Mark, type MarkKind } from '../shared/Mark.tsx'
import { useGridKeys } from './use-grid-keys.ts'

/** How one cell stands. `note` is the number beside the word, `says` what a listener hears for it. */
export interface MatrixCell {
  readonly id: string
  readonly tone: 'waiting' | 'busy' | 'broken' | 'holds' | 'stuck' | 'undecided'
  readonly word: string
  readonly note: string
  readonly says: string
  /** Where it leads, and what happens there; null while there is nothing to see. */
  readonly href: string | null
  readonly leads: string
  /** It is the question that is being looked at. */
  readonly current: boolean
}

export interface MatrixRow {
  readonly id: string
  readonly title: string
  readonly bugs: readonly string[]
  readonly cells: readonly MatrixCell[]
}

export interface MatrixHead {
  readonly id: string
  readonly label: string
  /** Under what it stands: `one switch flipped, on 3.19`. */
  readonly under: string | null
}

interface Props {
  readonly heads: readonly MatrixHead[]
  readonly rows: readonly MatrixRow[]
  /** Somebody follows a cell, without a key that opens it elsewhere. */
  readonly onFollow: (cell: MatrixCell) => void
}

/** Scenarios down, worlds across. Every answered cell is a link; arrow keys go from one to the next. */
export function Matrix({ heads, rows, onFollow }: Props) {
  const { ref, active, ...keys } = useGridKeys<HTMLTableElement>()
  const eras = heads.filter(h => h.under === null).length
  return (
    <table className="matrix" ref={ref} {...keys}>
      <caption className="unseen">Which scenario is broken under which kernel, driver and switch</caption>
      <thead>
        <tr className="matrix-groups">
          <td />
          <th scope="colgroup" colSpan={eras}>
            Kernels as they were
          </th>
          <th scope="colgroup" colSpan={heads.length - eras} className="is-flipped">
            One switch flipped
          </th>
        </tr>
        <tr>
          <th scope="col" className="matrix-corner">
            Scenario
          </th>
          {heads.map(h => (
            <th key={h.id} scope="col" className={h.under === null ? '' : 'is-flipped'}>
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
                {row.title} {row.bugs.length > 0 && <span className="matrix-bugs">{row.bugs.join(' ')}</span>}
              </span>
            </th>
            {row.cells.map((cell, c) => (
              <td key={cell.id} className={heads[c]?.under === null ? '' : 'is-flipped'}>
                <Cell
                  cell={cell}
                  where={`${row.title}, ${heads[c]?.label}`}
                  at={`${r},${c}`}
                  reachable={active === `${r},${c}`}
                  onFollow={onFollow}
                />
              </td>
            ))}
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
  readonly cell: MatrixCell
  readonly where: string
  readonly at: string
  readonly reachable: boolean
  readonly onFollow: (cell: MatrixCell) => void
}

const Cell = memo(({ cell, where, at, reachable, onFollow }: CellProps) => {
  const { tone, href, current } = cell
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
        if (!(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) onFollow(cell)
      }}
    >
      {inside}
      <span className="unseen">. {cell.leads}</span>
    </a>
  )
}, sameCell)

/** Cells are made anew with each answer that comes in; nearly all of them say what they said. */
function sameCell(a: CellProps, b: CellProps): boolean {
  const alike = (['word', 'note', 'href', 'current'] as const).every(field => a.cell[field] === b.cell[field])
  return alike && a.where === b.where && a.reachable === b.reachable && a.onFollow === b.onFollow
}
