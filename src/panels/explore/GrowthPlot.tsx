import { useRef } from 'react'
import { useSize } from '../shared/use-size.ts'
import { type Found, fromTheFirst, type LevelCount, layOutGrowth } from './growth.ts'

interface Props {
  readonly levels: readonly LevelCount[]
  /** States found so far. */
  readonly states: number
  readonly found: Found | null
  /** A number as people read it. */
  readonly count: (n: number) => string
}

const TOP = 10
const BOTTOM = 20
const SIDE = 10

/** How a search grows: its frontier and all it has found, over the distance from the first state. */
export function GrowthPlot({ levels, states, found, count }: Props) {
  const ref = useRef<HTMLDivElement>(null)
  const { width, height } = useSize(ref, { width: 400, height: 120 })
  const box = { width: Math.max(40, width - 2 * SIDE), height: Math.max(20, height - TOP - BOTTOM) }
  const growth = layOutGrowth(levels, box, found)
  const peak = growth.peak?.level ?? null
  return (
    <>
      <p className="growth-words">
        <span className="growth-key">
          <svg width="18" height="10" aria-hidden="true">
            <path d="M1 9 9 2l8 7z" className="growth-area" />
            <path d="M1 9 9 2l8 7" className="growth-outline" />
          </svg>
          frontier{peak !== null && `, widest ${count(peak.width)} at depth ${peak.depth}`}
        </span>
        <span className="growth-key">
          <svg width="18" height="10" aria-hidden="true">
            <path d="M1 9 17 2" className="growth-states" />
          </svg>
          states found{states > 0 && `, ${count(states)}`}
        </span>
      </p>
      <div className="growth" ref={ref}>
        <svg width={width} height={height} aria-hidden="true">
          <g transform={`translate(${SIDE},${TOP})`}>
            <path d={growth.area} className="growth-area" />
            <path d={growth.outline} className="growth-outline" />
            <path d={growth.states} className="growth-states" />
            {growth.end !== null && (
              <g transform={`translate(${growth.end.x},${growth.end.y})`} className="growth-end">
                <path d="m-5-5 10 10M5-5-5 5" />
              </g>
            )}
            <path d={`M0,${box.height}h${box.width}`} className="growth-axis" />
            {growth.ticks.map(tick => (
              <text key={tick.label} x={tick.x} y={box.height + 15} className={tick.label === '0' ? 'is-first' : ''}>
                {tick.label === '0' ? 'depth 0' : tick.label}
              </text>
            ))}
          </g>
        </svg>
      </div>
    </>
  )
}

/** The same numbers to be read. */
export function GrowthTable({ levels, count }: Pick<Props, 'levels' | 'count'>) {
  return (
    <table className="growth-table">
      <thead>
        <tr>
          <th scope="col">Depth</th>
          <th scope="col">Frontier</th>
          <th scope="col">States found</th>
        </tr>
      </thead>
      <tbody>
        {fromTheFirst(levels).map(l => (
          <tr key={l.depth}>
            <th scope="row">{l.depth}</th>
            <td>{count(l.width)}</td>
            <td>{count(l.states)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
