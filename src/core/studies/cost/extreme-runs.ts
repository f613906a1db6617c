import { edgesTo, type Graph } from '../../explorer/graph.ts'
import type { Components } from '../components.ts'
import type { Optimum, Prices } from './optimum.ts'

/** The moves of a run that costs what `optimum` says of the first state. `shortest`: the optimum of the number of moves. */
export function runWith(
  graph: Graph,
  parts: Components,
  prices: Prices,
  optimum: Optimum,
  wanted: 'least' | 'most',
  shortest: Optimum,
): number[] {
  const value = optimum.value[0] as number
  if (value === Number.POSITIVE_INFINITY) return roundAndOut(graph, parts, prices, shortest)
  if (prices.total === 'sum' || wanted === 'least') return follow(graph, optimum, 0)
  let peak = 0
  while (prices.ofState(peak) !== value) peak++
  return [...edgesTo(graph, peak), ...follow(graph, shortest, peak)]
}

/** Moves from a state to an end. */
function follow({ to }: Graph, { via }: Optimum, from: number): number[] {
  const edges: number[] = []
  for (let s = from; via[s] !== -1; s = to[via[s] as number] as number) edges.push(via[s] as number)
  return edges
}

/** To the nearest circle in which a move costs something, round it twice, and out. */
function roundAndOut(graph: Graph, parts: Components, prices: Prices, shortest: Optimum): number[] {
  const { states, firstEdge, to } = graph
  for (let s = 0; s < states; s++) {
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
      const t = to[e] as number
      if (parts.of[t] !== parts.of[s] || prices.total === 'peak' || prices.ofMove(e, s) <= 0) continue
      const round = [e, ...wayBack(graph, parts, t, s)]
      return [...edgesTo(graph, s), ...round, ...round, ...follow(graph, shortest, s)]
    }
  }
  return []
}

/** Moves from one state of a circle to another, as few as can be. */
function wayBack({ firstEdge, to }: Graph, { of }: Components, from: number, goal: number): number[] {
  const cameBy = new Map<number, { readonly edge: number; readonly state: number }>()
  const queue = [from]
  for (let i = 0; i < queue.length && from !== goal; i++) {
    const s = queue[i] as number
    if (s === goal) break
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
      const t = to[e] as number
      if (of[t] !== of[goal] || t === from || cameBy.has(t)) continue
      cameBy.set(t, { edge: e, state: s })
      queue.push(t)
    }
  }
  const edges: number[] = []
  for (let s = goal; s !== from; ) {
    const came = cameBy.get(s)
    if (came === undefined) return []
    edges.unshift(came.edge)
    s = came.state
  }
  return edges
}
