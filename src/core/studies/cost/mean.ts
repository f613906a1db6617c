import type { Components, Rows } from '../components.ts'
import type { Flow } from '../flow.ts'
import type { Prices } from './optimum.ts'

/** Of what may still change, how little ends the going round. */
const SETTLED = 1e-13

/** What a run costs on average, when runs are weighed as `flow` does. No circle may go on for ever. */
export function meanOf(graph: Rows, parts: Components, flow: Flow, prices: Prices): number {
  if (prices.total === 'peak') return meanPeak(graph, parts, flow, prices.ofState)
  let mean = 0
  for (let s = 0; s < graph.states; s++) {
    const visits = flow.visits[s] as number
    for (let e = graph.firstEdge[s] as number; e < (graph.firstEdge[s + 1] as number); e++)
      mean += visits * (flow.chance[e] as number) * prices.ofMove(e, s)
  }
  return mean
}

/** The sum over n ≥ 1 of the share of runs that come by a state with n or more. */
function meanPeak(graph: Rows, parts: Components, flow: Flow, ofState: (s: number) => number): number {
  let highest = 0
  for (let s = 0; s < graph.states; s++) highest = Math.max(highest, ofState(s))
  let mean = 0
  for (let n = 1; n <= highest; n++) mean += shareThatComesBy(graph, parts, flow, s => ofState(s) >= n)
  return mean
}

function shareThatComesBy(
  { states, firstEdge, to }: Rows,
  { count, order, first }: Components,
  { chance }: Flow,
  wanted: (s: number) => boolean,
): number {
  const share = new Float64Array(states)
  const renew = (s: number): number => {
    const before = share[s] as number
    let now = wanted(s) ? 1 : 0
    if (now === 0)
      for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++)
        now += (chance[e] as number) * (share[to[e] as number] as number)
    share[s] = now
    return Math.abs(now - before)
  }
  for (let c = 0; c < count; c++) {
    const members = order.subarray(first[c] as number, first[c + 1] as number)
    for (let changed = 1; changed > SETTLED; ) {
      changed = 0
      for (const s of members) changed = Math.max(changed, renew(s))
    }
  }
  return share[0] as number
}
