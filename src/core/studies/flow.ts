import { type Components, componentsOf, type Rows } from './components.ts'

/**
 * How runs are weighed. `runs`: every complete run counts once. `even`: a scheduler picks each move that can be made with equal
 * chance. The second is for graphs in which something can go on for ever: their runs cannot be counted.
 */
export type Weighing = 'runs' | 'even'

/** How all runs together go through a graph. A whole is 1: all runs, or the certainty that a run begins. */
export interface Flow {
  readonly weighing: Weighing
  /** Base-2 logarithm of the number of complete runs; null where they cannot be counted. Exact up to 2^53, then to 12 digits. */
  readonly runsLog2: number | null
  /** By move: given that a run stands before it, how likely it goes there. */
  readonly chance: Float64Array
  /** By state: how often a run comes by, on average. Of a circle that is never left: how many runs come into it there. */
  readonly visits: Float64Array
  /** Circles that are never left: the states of each. */
  readonly circles: readonly (readonly number[])[]
}

/** States between two breaths. */
const SLICE = 16_384
/** Of what flows into a circle, how little may still be going round when the rest has left it. */
const SETTLED = 1e-15

/** Weighs all runs of a graph from state 0 to the states that have no move. Yields how many states are done, twice over. */
export function* flowOf(graph: Rows): Generator<number, Flow, void> {
  const parts = yield* componentsOf(graph)
  const { chance, runsLog2 } = parts.cyclic ? evenly(graph) : yield* alike(graph, parts.order)
  const visits = new Float64Array(graph.states)
  const circles: number[][] = []
  visits[0] = 1
  for (let c = parts.count - 1; c >= 0; c--) {
    if (c % SLICE === 0) yield graph.states - (parts.first[c] as number)
    const members = parts.order.subarray(parts.first[c] as number, parts.first[c + 1] as number)
    if (members.length > 1 || leadsToItself(graph, members[0] as number)) {
      if (isLeft(graph, parts, c, members)) goRound(graph, parts.of, members, chance, visits)
      else if (members.some(s => visits[s] !== 0)) circles.push([...members])
    } else pass(graph, members[0] as number, chance, visits)
  }
  return { weighing: parts.cyclic ? 'even' : 'runs', runsLog2, chance, visits, circles }
}

/** Every run alike: a move is as likely as the share of the runs from here that begin with it. */
function* alike(
  { states, firstEdge, to }: Rows,
  endsFirst: Uint32Array,
): Generator<number, { readonly chance: Float64Array; readonly runsLog2: number }, void> {
  const chance = new Float64Array(to.length)
  // Runs from each state: mantissa × 2^exponent, for there may be more of them than a number holds.
  const mantissa = new Float64Array(states)
  const exponent = new Int32Array(states)
  for (let i = 0; i < states; i++) {
    if (i % SLICE === 0) yield i
    const s = endsFirst[i] as number
    const from = firstEdge[s] as number
    const end = firstEdge[s + 1] as number
    if (from === end) {
      mantissa[s] = 1
      continue
    }
    let scale = Number.NEGATIVE_INFINITY
    for (let e = from; e < end; e++) scale = Math.max(scale, exponent[to[e] as number] as number)
    let sum = 0
    for (let e = from; e < end; e++) {
      const t = to[e] as number
      sum += chance[e] = (mantissa[t] as number) * 2 ** ((exponent[t] as number) - scale)
    }
    for (let e = from; e < end; e++) chance[e] = (chance[e] as number) / sum
    const grown = Math.floor(Math.log2(sum))
    mantissa[s] = sum / 2 ** grown
    exponent[s] = scale + grown
  }
  return { chance, runsLog2: Math.log2(mantissa[0] as number) + (exponent[0] as number) }
}

/** Every move alike. */
function evenly({ states, firstEdge, to }: Rows): { readonly chance: Float64Array; readonly runsLog2: null } {
  const chance = new Float64Array(to.length)
  for (let s = 0; s < states; s++) {
    const from = firstEdge[s] as number
    const end = firstEdge[s + 1] as number
    chance.fill(1 / (end - from), from, end)
  }
  return { chance, runsLog2: null }
}

function leadsToItself({ firstEdge, to }: Rows, s: number): boolean {
  for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) if (to[e] === s) return true
  return false
}

function isLeft({ firstEdge, to }: Rows, { of }: Components, c: number, members: Uint32Array): boolean {
  return members.some(s => {
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++)
      if (of[to[e] as number] !== c) return true
    return false
  })
}

/** All that comes to a state goes on along its moves. */
function pass({ firstEdge, to }: Rows, s: number, chance: Float64Array, visits: Float64Array): void {
  const here = visits[s] as number
  for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
    const t = to[e] as number
    visits[t] = (visits[t] as number) + here * (chance[e] as number)
  }
}

/** What comes into a circle goes round in it, less each time, until all of it has left: a geometric sum, state by state. */
function goRound(
  { firstEdge, to }: Rows,
  of: Uint32Array,
  members: Uint32Array,
  chance: Float64Array,
  visits: Float64Array,
): void {
  const home = of[members[0] as number]
  const coming = new Map<number, number>()
  let inside = 0
  for (const s of members) {
    const inflow = visits[s] as number
    coming.set(s, inflow)
    inside += inflow
    visits[s] = 0
  }
  for (const least = inside * SETTLED; inside > least; ) {
    inside = 0
    for (let i = members.length - 1; i >= 0; i--) {
      const s = members[i] as number
      const here = coming.get(s) ?? 0
      if (here === 0) continue
      coming.set(s, 0)
      visits[s] = (visits[s] as number) + here
      for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++) {
        const t = to[e] as number
        const share = here * (chance[e] as number)
        if (of[t] === home) coming.set(t, (coming.get(t) ?? 0) + share)
        else visits[t] = (visits[t] as number) + share
      }
    }
    for (const rest of coming.values()) inside += rest
  }
}
