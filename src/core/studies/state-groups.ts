import type { Graph } from '../explorer/graph.ts'
import { MARK, STANDINGS } from './state-facts.ts'
import type { Stretch, Unmapper } from './unmapper.ts'

/** States that are drawn as one. */
export interface StateGroup {
  /** Which columns of steps: states first..last steps from the start. */
  readonly first: number
  readonly last: number
  /** Place of the stretch in which the unmapping CPU stands. */
  readonly row: number
  /** Place in STANDINGS. */
  readonly standing: number
  readonly states: number
  /** Bits of MARK that some of them have, and how many of them are final or stuck. */
  readonly marks: number
  readonly final: number
  readonly stuck: number
  /** Rules that some of them break, as bits. */
  readonly rules: number
  /** Moves that stay inside. */
  readonly within: number
  /** By actor: moves out of its states. */
  readonly movesBy: readonly number[]
  /** Its nearest state, the first that was found. */
  readonly nearest: number
}

/** Moves from one group to another, added up. */
export interface GroupMoves {
  readonly from: number
  readonly to: number
  readonly moves: number
}

export interface Grouping {
  /** In the order of columns, rows, standings. */
  readonly groups: readonly StateGroup[]
  readonly edges: readonly GroupMoves[]
  /** Where the unmapping CPU can stand and does, in the order of its program. */
  readonly rows: readonly Stretch[]
  /** Steps that share a column. */
  readonly stepsPerColumn: number
}

/** What must be known of each state, by state. */
export interface StateColumns {
  readonly standing: Uint8Array
  readonly marks: Uint8Array
  readonly rules: Uint8Array
  readonly stretch: Uint8Array
}

/** More columns than this are narrower than what they hold. */
const COLUMNS = 44
const SLICE = 4096

/**
 * Groups states by how far they are, where the unmapping CPU stands, and the worst that is true of them. However many states there
 * are, there are at most 44 columns, a row for each stretch of the program, and four groups in each place. Answers which
 * group a state belongs to as well. Yields states done.
 */
export function* groupsOf(
  graph: Graph,
  of: StateColumns,
  { stretches }: Unmapper,
): Generator<number, { readonly grouping: Grouping; readonly groupOf: (state: number) => number }, void> {
  const deepest = graph.depth[graph.states - 1] ?? 0
  const stepsPerColumn = Math.ceil((deepest + 1) / COLUMNS)
  const kinds = STANDINGS.length
  const places = stretches.length * kinds
  const place = (s: number) =>
    Math.floor((graph.depth[s] as number) / stepsPerColumn) * places +
    (of.stretch[s] as number) * kinds +
    (of.standing[s] as number)

  const counts = new Map<number, Tally>()
  const edges = new Map<number, number>()
  const all = (Math.floor(deepest / stepsPerColumn) + 1) * places
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield s
    const at = place(s)
    let tally = counts.get(at)
    if (tally === undefined) {
      tally = newTally(s, graph.system.actors)
      counts.set(at, tally)
    }
    tally.states++
    tally.marks |= of.marks[s] as number
    tally.rules |= of.rules[s] as number
    if (((of.marks[s] as number) & MARK.final) !== 0) tally.final++
    if (((of.marks[s] as number) & MARK.stuck) !== 0) tally.stuck++
    tally.last = graph.depth[s] as number
    for (let e = graph.firstEdge[s] as number; e < (graph.firstEdge[s + 1] as number); e++) {
      const by = graph.actor[e] as number
      tally.movesBy[by] = (tally.movesBy[by] as number) + 1
      const to = place(graph.to[e] as number)
      if (to === at) tally.within++
      else edges.set(at * all + to, (edges.get(at * all + to) ?? 0) + 1)
    }
  }

  const used = [...new Set([...counts.keys()].map(at => Math.floor((at % places) / kinds)))].sort((a, b) => a - b)
  const ids = new Map([...counts.keys()].sort((a, b) => a - b).map((at, id) => [at, id]))
  const groupAt = (at: number) => ids.get(at) as number
  const groups = [...ids.keys()].map(at => {
    const tally = counts.get(at) as Tally
    const row = used.indexOf(Math.floor((at % places) / kinds))
    return { ...tally, first: graph.depth[tally.nearest] as number, row, standing: at % kinds }
  })
  const sums = [...edges].map(([key, moves]) => ({
    from: groupAt(Math.floor(key / all)),
    to: groupAt(key % all),
    moves,
  }))
  return {
    grouping: {
      groups,
      edges: sums.sort((a, b) => a.from - b.from || a.to - b.to),
      rows: used.map(row => stretches[row] as Stretch),
      stepsPerColumn,
    },
    groupOf: state => groupAt(place(state)),
  }
}

interface Tally {
  readonly nearest: number
  readonly movesBy: number[]
  last: number
  states: number
  marks: number
  final: number
  stuck: number
  rules: number
  within: number
}

const newTally = (nearest: number, actors: number): Tally => ({
  nearest,
  movesBy: new Array<number>(actors).fill(0),
  last: 0,
  states: 0,
  marks: 0,
  final: 0,
  stuck: 0,
  rules: 0,
  within: 0,
})
