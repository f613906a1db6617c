import { useId, useRef } from 'react'
import { unitBeside } from '../../shared/unit-beside.ts'
import { useSize } from '../../shared/use-size.ts'
import { CostTable } from './CostTable.tsx'
import { layOutCost, type MarkLayout } from './cost-layout.ts'
import { DriverShape } from './DriverShape.tsx'
import { absentEverywhere, type CostColumn, numberText, type Point, type Series } from './series.ts'

interface Props {
  readonly series: Series
  /** What kind of cost it is: `Commands sent`. */
  readonly family: string
  readonly columns: readonly CostColumn[]
  /** Where a run of a column can be watched. */
  readonly hrefOf: (column: number, schedule: string) => string
}

const LEFT = 26
const TOP = 28
const BOTTOM = 62
const HEIGHT = 202

/** One measure across all kernels, and its table twin. The picture is for those who see it; all it says and links stands in the table. */
export function CostChart({ series, family, columns, hrefOf }: Props) {
  const id = useId()
  const why = absentEverywhere(series)
  return (
    <figure className="cost-chart" aria-labelledby={id}>
      <figcaption>
        <p className="cost-family">
          {series.family} {family}
        </p>
        <h3 id={id}>
          {series.title} <span className="cost-chart-unit">{unitBeside(series.title, series.unit)}</span>
        </h3>
        <p>{series.what}</p>
      </figcaption>
      {why !== null ? (
        <p className="cost-chart-absent">Cannot be shown here: {why}.</p>
      ) : (
        <>
          <Picture series={series} columns={columns} hrefOf={hrefOf} />
          <details>
            <summary>
              Table<span className="unseen"> of {series.title}</span>
            </summary>
            <CostTable series={series} columns={columns} hrefOf={hrefOf} />
          </details>
        </>
      )}
    </figure>
  )
}

function Picture({ series, columns, hrefOf }: Omit<Props, 'family'>) {
  const ref = useRef<HTMLDivElement>(null)
  const { width } = useSize(ref, { width: 420, height: HEIGHT })
  const box = { width: Math.max(60, width - LEFT), height: HEIGHT - TOP - BOTTOM }
  const layout = layOutCost(series, columns, box, numberText)
  return (
    <div className="cost-picture" ref={ref}>
      <svg width={width} height={HEIGHT} aria-hidden="true">
        <g transform={`translate(${LEFT} ${TOP})`}>
          {layout.ticks.map(t => (
            <g key={t.label} transform={`translate(0 ${t.y})`}>
              <line x2={box.width} className="cost-tick" />
              <text x={-6} dy="0.32em" textAnchor="end" className="cost-tick-label">
                {t.label}
              </text>
            </g>
          ))}
          {layout.kernels.map(k => (
            <text
              key={k.label}
              transform={`translate(${k.x} ${box.height + 8}) rotate(-90)`}
              dy="0.32em"
              textAnchor="end"
              className={`cost-kernel${k.current ? ' is-current' : ''}`}
            >
              {k.label}
            </text>
          ))}
          {layout.marks.map((mark, i) => {
            const column = columns[i]
            const point = series.points[i]
            if (column === undefined || point === undefined) return null
            if (mark === null)
              return <NotShown key={`${column.kernel} ${column.driver}`} x={layout.xs[i] ?? 0} y={box.height} />
            return (
              <Column
                key={`${column.kernel} ${column.driver}`}
                mark={mark}
                point={point}
                column={column}
                half={layout.half}
                hrefOf={schedule => hrefOf(i, schedule)}
              />
            )
          })}
        </g>
      </svg>
    </div>
  )
}

/** A measure that this column cannot show is no zero. */
const NotShown = ({ x, y }: { readonly x: number; readonly y: number }) => (
  <path d={`M${x - 3} ${y - 7}l6 6m0 -6l-6 6`} className="cost-not-shown" />
)

interface ColumnProps {
  readonly mark: MarkLayout
  readonly point: Point
  readonly column: CostColumn
  readonly half: number
  readonly hrefOf: (schedule: string) => string
}

/** The range as a line, its ends, the mean as a tick, the fair run as the driver's shape. */
function Column({ mark, point, column, half, hrefOf }: ColumnProps) {
  if (point.absent !== null) return null
  const { x, fair, mean, least, most, open, label } = mark
  const sampled = column.coverage.kind === 'sampled'
  const ends = [
    ['least', least, point.range?.least],
    ['most', most, point.range?.most],
  ] as const
  const said = `${column.kernel}, ${column.driver}`
  return (
    <g transform={`translate(${x} 0)`} className={`cost-column driver-${column.driver}`}>
      {least !== null && most !== null && (
        <line y1={least} y2={most} className={`cost-range${sampled ? ' is-sampled' : ''}`} />
      )}
      {open && <path d={`M-4 ${5}L0 ${0}L4 ${5}`} className="cost-open" />}
      {mean !== null && (
        <line x1={-Math.min(8, half)} x2={Math.min(8, half)} y1={mean} y2={mean} className="cost-mean" />
      )}
      {ends.map(
        ([name, y, shown]) =>
          y !== null &&
          shown?.schedule != null && (
            <a key={name} href={hrefOf(shown.schedule)} tabIndex={-1}>
              <title>{`${said}: ${name}, ${numberText(shown.value)}. Watch such a run`}</title>
              <rect x={-half} width={2 * half} y={y - 7} height={14} className="cost-hit" />
              {!(open && name === 'most') && <line x1={-3} x2={3} y1={y} y2={y} className="cost-range" />}
            </a>
          ),
      )}
      {fair !== null && point.fair.schedule !== null && (
        <a href={hrefOf(point.fair.schedule)} tabIndex={-1}>
          <title>{`${said}: everybody in turn, ${numberText(point.fair.value)}. Watch this run`}</title>
          <rect x={-half} width={2 * half} y={fair - 8} height={16} className="cost-hit" />
          <g transform={`translate(0 ${fair})`}>
            <DriverShape driver={column.driver} />
          </g>
        </a>
      )}
      {label !== null && (
        <text y={label.y - 7} textAnchor="middle" className="cost-value">
          {label.text}
        </text>
      )}
    </g>
  )
}
