import type { CompareData } from './row-of.ts'

interface Props {
  readonly comparison: CompareData
  readonly row: number
  readonly onRow: (row: number) => void
}

/** Runs through the rows; a notch marks where the two sides part. */
export function Scrub({ comparison, row, onRow }: Props) {
  const { rows, divergence } = comparison
  const last = Math.max(0, rows.length - 1)
  return (
    <div className="compare-scrub">
      <label>
        <span className="unseen">Row</span>
        <input
          type="range"
          min={0}
          max={last}
          value={Math.max(0, row)}
          disabled={rows.length === 0}
          aria-valuetext={rowInWords(comparison, row)}
          onChange={e => onRow(Number(e.target.value))}
        />
      </label>
      {divergence !== null && last > 0 && (
        <span
          className="compare-notch"
          style={{ '--at': divergence / last } as React.CSSProperties}
          aria-hidden="true"
        />
      )}
    </div>
  )
}

function rowInWords({ rows }: CompareData, row: number): string {
  const shown = rows[row]
  if (shown === undefined) return 'before the first step'
  const step = shown.here ?? shown.there
  return `row ${row + 1} of ${rows.length}, ${step?.mark ?? ''}, ${shown.same ? 'the same' : 'different'}`
}
