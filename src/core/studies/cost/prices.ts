import { known } from '../../base/assert.ts'
import type { Graph } from '../../explorer/graph.ts'
import type { Machine } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Study } from '../study.ts'
import type { Measure } from './measure.ts'
import type { Prices } from './optimum.ts'

/** Enough for any one move, and for what one state can hold. */
type Column = { readonly byMove: Int16Array } | { readonly byState: Uint16Array }

const SLICE = 512

/** What each move, or each state, of a graph costs, by measure. Every move is made once more, and listened to. */
export function* pricesOf(lab: Lab, graph: Graph, measures: readonly Measure[]): Study<readonly Prices[]> {
  const columns = measures.map(
    (measure): Column =>
      measure.by === 'step' ? { byMove: new Int16Array(graph.edges) } : { byState: new Uint16Array(graph.states) },
  )
  const listening = measures.some(measure => measure.by === 'step')
  const before = new Uint32Array(graph.system.words) as Machine
  const after = new Uint32Array(graph.system.words) as Machine
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield { doing: 'counting', states: graph.states, done: s, of: graph.states }
    graph.load(s, before)
    for (const [i, measure] of measures.entries()) {
      const column = known(columns[i], 'column')
      if (measure.by === 'state' && 'byState' in column) column.byState[s] = measure.of(lab, before)
    }
    if (!listening) continue
    for (let e = graph.firstEdge[s] as number; e < (graph.firstEdge[s + 1] as number); e++) {
      after.set(before)
      const events: SimEvent[] = []
      const actor = known(lab.actors[graph.actor[e] as number], 'actor')
      actor.step(after, graph.way[e] as number, event => events.push(event))
      if (events.length === 0) continue
      for (const [i, measure] of measures.entries()) {
        const column = known(columns[i], 'column')
        if (measure.by === 'step' && 'byMove' in column) column.byMove[e] = measure.of(lab, { before, events, after })
      }
    }
  }
  return measures.map((measure, i): Prices => {
    const column = known(columns[i], 'column')
    if ('byMove' in column) return { total: 'sum', ofMove: e => column.byMove[e] as number }
    const ofState = (s: number): number => column.byState[s] as number
    return measure.by === 'state' && measure.total === 'peak'
      ? { total: 'peak', ofState }
      : { total: 'sum', ofMove: (_, s) => ofState(s) }
  })
}
