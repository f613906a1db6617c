import { type CostColumn, numberText, type Point, type Series, type Shown } from './series.ts'

interface Props {
  readonly series: Series
  readonly columns: readonly CostColumn[]
  readonly hrefOf: (column: number, schedule: string) => string
}

/** A measure in every kernel; each figure that one run has opens that run. */
export function CostTable({ series, columns, hrefOf }: Props) {
  return (
    <div className="cost-table-scroll">
      <table className="cost-across">
        <caption className="unseen">
          {series.title}, in {series.unit}
        </caption>
        <thead>
          <tr>
            <th scope="col">Kernel, driver</th>
            {['in turn', 'least', 'mean', 'most'].map(name => (
              <th key={name} scope="col" className="is-number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map((column, i) => (
            <tr key={`${column.kernel} ${column.driver}`} className={column.current ? 'is-current' : undefined}>
              <th scope="row">
                {column.kernel} <span className="muted">{column.driver}</span>
                {column.coverage.kind === 'sampled' && <span className="muted">, sampled</span>}
                {column.current && <span className="unseen"> (open in the lab)</span>}
              </th>
              <Cells
                point={series.points[i]}
                hrefOf={schedule => hrefOf(i, schedule)}
                of={`${column.kernel}, ${column.driver}`}
              />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface CellsProps {
  readonly point: Point | undefined
  readonly hrefOf: (schedule: string) => string
  readonly of: string
}

function Cells({ point, hrefOf, of }: CellsProps) {
  if (point === undefined || point.absent !== null)
    return (
      <td colSpan={4} className="muted">
        {point?.absent ?? 'not counted'}
      </td>
    )
  const cell = (shown: Shown | undefined, name: string) => (
    <td className="is-number">
      {shown === undefined || (shown.value === null && shown.schedule === null) ? (
        <span className="muted">none</span>
      ) : shown.schedule === null ? (
        numberText(shown.value)
      ) : (
        <a className="cost-link" href={hrefOf(shown.schedule)}>
          {numberText(shown.value)}
          <span className="unseen">
            {' '}
            {name} in {of}, watch such a run
          </span>
        </a>
      )}
    </td>
  )
  return (
    <>
      {cell(point.fair, 'with everybody in turn')}
      {cell(point.range?.least, 'at least')}
      <td className="is-number">{numberText(point.mean)}</td>
      {cell(point.range?.most, 'at most')}
    </>
  )
}
