import type { Run } from '../../core/conformance/align.ts'
import { Mark } from '../shared/Mark.tsx'
import { FreedCell, MeasuredCell } from './MeasuredCell.tsx'
import { freedIn, gapsOf, rowOfLine, type StripRow } from './strip.ts'

interface Props {
  readonly rows: readonly StripRow[]
  /** `Linux 6.1` */
  readonly kernel: string
  /** The preset of the simulation, `6.1`; null when nothing was simulated. */
  readonly preset: string | null
  /** The line that is looked at. */
  readonly line: number
  readonly onLine: (line: number) => void
}

/** Rows drawn at the most: a fork of a large process has more than anyone reads. */
const MOST_ROWS = 250
/** Rows that the words beside the gap need. */
const ROOM_FOR_WORDS = 5

/** What the kernel did, what the model did, phase beside phase, and what was measured at each callback. */
export function Strip({ rows: all, kernel, preset, line, onLine }: Props) {
  const rows = all.slice(0, MOST_ROWS)
  const gaps = gapsOf(rows)
  const current = rowOfLine(rows, line)
  const tables = rows.some(r => /unlink|tables/.test((r.observed ?? r.simulated)?.phase ?? ''))
  const freed = freedIn(all.map(r => r.observed))
  return (
    <table className="strip">
      <caption className="unseen">Phases as recorded and as simulated, with what was measured at each callback</caption>
      <thead>
        <tr>
          <td className="strip-gap" />
          <th scope="col">{kernel}, recorded</th>
          {preset !== null && <th scope="col">Simulated, {preset}</th>}
          <th scope="col">Measured at the callback</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          <tr
            key={row.id}
            className={row.verdict === 'same' || row.verdict === 'alone' ? undefined : 'differs'}
            data-first={row.first || undefined}
            aria-current={i === current ? 'step' : undefined}
          >
            <GapCell rows={gaps.get(i) ?? null} inside={row.gap.observed || row.gap.simulated} />
            <RecordedCell row={row} onLine={onLine} />
            {preset !== null && <SimulatedCell row={row} />}
            <td className="strip-facts">
              {row.callback && <MeasuredCell measured={row.measured} compared={row.compared} tables={tables} />}
            </td>
          </tr>
        ))}
        {all.length > rows.length && (
          <tr>
            <td className="strip-gap" />
            <td colSpan={preset === null ? 2 : 3} className="muted">
              {all.length - rows.length} further rows are not drawn.
            </td>
          </tr>
        )}
        <tr className="strip-after">
          <td className="strip-gap" />
          <th scope="row" colSpan={preset === null ? 1 : 2}>
            after it
          </th>
          <td className="strip-facts">
            <FreedCell {...freed} />
          </td>
        </tr>
      </tbody>
    </table>
  )
}

/** One cell along the whole gap, with its name; an empty one outside. Rows inside it have none of their own. */
function GapCell({ rows, inside }: { readonly rows: number | null; readonly inside: boolean }) {
  if (rows === null) return inside ? null : <td className="strip-gap" />
  return (
    <td className="strip-gap is-open" rowSpan={rows} title="unmapped, not yet freed">
      <span className={rows < ROOM_FOR_WORDS ? 'unseen' : undefined}>unmapped, not yet freed</span>
    </td>
  )
}

function RecordedCell({ row, onLine }: { readonly row: StripRow; readonly onLine: (line: number) => void }) {
  const { observed, line } = row
  const className = `strip-phase${row.callback ? ' is-call' : ''}${row.gap.observed ? ' is-open' : ''}`
  if (observed === null)
    return (
      <th scope="row" className={`${className} is-missing`}>
        not recorded <FirstDifference row={row} />
      </th>
    )
  return (
    <th scope="row" className={className}>
      {line === null ? (
        <PhaseName run={observed} />
      ) : (
        <button type="button" onClick={() => onLine(line)} title={`Line ${line} of the recording`}>
          <PhaseName run={observed} />
        </button>
      )}
    </th>
  )
}

function SimulatedCell({ row }: { readonly row: StripRow }) {
  const className = `strip-phase${row.callback ? ' is-call' : ''}${row.gap.simulated ? ' is-open' : ''}`
  if (row.simulated === null)
    return (
      <td className={`${className} is-missing`}>
        not simulated <FirstDifference row={row} />
      </td>
    )
  return (
    <td className={className}>
      <span className="strip-both">
        <PhaseName run={row.simulated} />
        {row.verdict === 'same' ? (
          <span className="strip-same">
            <Mark kind="holds" />
            <span className="unseen">same</span>
          </span>
        ) : (
          row.observed !== null && (
            <span className="strip-note">
              not as often <FirstDifference row={row} />
            </span>
          )
        )}
      </span>
    </td>
  )
}

function FirstDifference({ row }: { readonly row: StripRow }) {
  if (!row.first) return null
  return (
    <span className="strip-first">
      <Mark kind="violated" /> first difference
    </span>
  )
}

function PhaseName({ run }: { readonly run: Run }) {
  return (
    <span className="mono">
      {run.phase.split(/(?<=[_:+])/).map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a name are their places in it
        <span key={i}>
          {part}
          <wbr />
        </span>
      ))}
      {run.count > 1 && <b> ×{run.count}</b>}
    </span>
  )
}
