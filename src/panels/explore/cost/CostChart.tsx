import { useId, useRef } from 'react'
import { useSize } from '../../shared/use-size.ts'
import { CostTable } from './CostTable.tsx'
import { layOutCost, type MarkLayout } from './cost-layout.ts'
import { DriverShape } from './DriverShape.tsx'
import { absentEverywhere, type CostColumn, numberText, type Point, type Series } from './series.ts'

interface Props {
  readonly series: Series
  readonly columns: readonly CostColumn[]
  /** Where a run of a column can be watched. */
  readonly hrefOf: (column: number, schedule: string) => string
}

const LEFT = 26
const TOP = 16
const BOTTOM = 62
const HEIGHT = 190

/** One measure across all kernels, and its table twin. The picture is for those who see it; all it says and links stands in the table. */
export function CostChart({ series, columns, hrefOf }: Props) {
  const id = useId()
  const why = absentEverywhere(series)
  return (
    <figure className="cost-chart" aria-labelledby={id}>
      <figcaption>
        <h4 id={id}>
          {series.title} <span className="cost-chart-unit">{series.unit}</span>
        </h4>
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

function Picture({ series, columns, hrefOf }: Props) {
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

interface ColumnProps {
  readonly mark: MarkLayout | null
  readonly point: Point
  readonly column: CostColumn
  readonly half: number
  readonly hrefOf: (schedule: string) => string
}

/** The range as a line, its ends, the mean as a tick, the fair run as the driver's shape. */
function Column({ mark, point, column, half, hrefOf }: ColumnProps) {
  if (mark === null || point.absent !== null) return null
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
