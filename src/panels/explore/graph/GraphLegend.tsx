import { STANDINGS } from '../../../core/studies/state-facts.ts'
import type { Tally } from '../../../core/studies/state-graph.ts'
import { RINGS, type Ring, SIGNS, signPath } from './signs.ts'

interface Props {
  readonly tally: Tally
  readonly count: (n: number) => string
}

/** What shapes and rings mean, and of how many states it is true. */
export function GraphLegend({ tally, count }: Props) {
  const rings: Readonly<Record<Ring, number>> = { initial: 1, final: tally.final, stuck: tally.stuck }
  return (
    <ul className="graph-legend" aria-label="What the signs mean">
      {STANDINGS.map((standing, i) => (
        <li key={standing}>
          <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true" data-ink={standing}>
            <path d={signPath(i, 5)} />
          </svg>
          {SIGNS[standing].words} <b>{count(tally.standing[i] ?? 0)}</b>
        </li>
      ))}
      {RINGS.map(({ ring, words }) => (
        <li key={ring}>
          <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true" className={`graph-ring-${ring}`}>
            {ring === 'initial' ? <circle r="6.5" /> : <rect x="-6.5" y="-6.5" width="13" height="13" />}
          </svg>
          {words} {ring !== 'initial' && <b>{count(rings[ring])}</b>}
        </li>
      ))}
    </ul>
  )
}
