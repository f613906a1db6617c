import type { Series } from '../../core/studies/patch/series.ts'
import { seriesName } from './words.ts'

export interface TableRow {
  readonly name: string
  /** By set of patches: the answer in a word; null where nobody has looked. */
  readonly cells: readonly (string | null)[]
}

interface Props {
  readonly columns: readonly Series[]
  readonly current: number
  readonly rows: readonly TableRow[]
  readonly hrefs: readonly string[]
}

/** Every question under every set of patches, each with the driver written for it. */
export function ClaimTable({ columns, current, rows, hrefs }: Props) {
  return (
    <div className="patch-scroll">
      <table className="patch-table claim-table">
        <thead>
          <tr>
            <th scope="col">with these patches</th>
            {columns.map((series, i) => (
              <th key={seriesName(series)} scope="col" className={i === current ? 'is-current' : ''}>
                <a href={hrefs[i]} aria-current={i === current ? 'true' : undefined}>
                  {seriesName(series)}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              {row.cells.map((cell, i) => (
                <td key={seriesName(columns[i] ?? [])} className={i === current ? 'is-current' : ''} data-answer={cell}>
                  {cell ?? '…'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
