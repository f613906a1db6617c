import { edgesTo, type Graph } from '../explorer/graph.ts'
import type { Machine } from '../machine/cells.ts'
import { encodeSchedule, type Schedule } from '../runs/schedule.ts'
import { RULES } from '../scenarios/rules.ts'
import { layersOf } from './layer-layout.ts'
import { type MoveLabel, MoveLabels } from './move-labels.ts'
import { factsIn, MARK } from './state-facts.ts'
import { type Grouping, groupsOf, type StateColumns, type StateGroup } from './state-groups.ts'
import type { Study, StudyLimits, Subject, TooLarge } from './study.ts'
import { unmapperOf } from './unmapper.ts'
import { wholeGraph } from './whole-graph.ts'

/** States of which each is drawn by itself. */
export const MOST_DRAWN = 5_000

/** Everything that can be reached, as a picture: in groups always, state by state where there are few enough. */
export interface StateGraph {
  readonly kind: 'graph'
  readonly states: number
  readonly moves: number
  /** Steps to the states that are farthest away. */
  readonly deepest: number
  readonly tally: Tally
  readonly rules: readonly { readonly id: string; readonly sentence: string }[]
  /** Names by actor. */
  readonly actors: readonly string[]
  /** The CPU by which groups are told apart: `CPU 0`. */
  readonly cpu: string
  readonly grouping: Grouping
  /** By group: a shortest run to its nearest state, as the text of a schedule. */
  readonly runs: readonly string[]
  /** A shortest run that ends in harm, else one that ends with somebody stuck; null where there is neither. */
  readonly found: Found | null
  /** Null where there are more than MOST_DRAWN. */
  readonly every: EveryState | null
}

/** How many states there are of each kind. By place in STANDINGS; `final` and `stuck` beside it. */
export interface Tally {
  readonly standing: readonly number[]
  readonly final: number
  readonly stuck: number
}

export interface Found {
  readonly what: 'harm' | 'stuck'
  /** States passed, the first one first. */
  readonly states: readonly number[]
  /** Groups passed, likewise. */
  readonly groups: readonly number[]
}

/** The graph itself, laid out. Columns as in Graph: moves out of state n are those from firstEdge[n] up to firstEdge[n + 1]. */
export interface EveryState {
  readonly depth: Uint32Array
  /** By state: its place across the layer of its depth. */
  readonly across: Float32Array
  readonly standing: Uint8Array
  readonly marks: Uint8Array
  readonly rules: Uint8Array
  readonly firstEdge: Uint32Array
  readonly to: Uint32Array
  readonly actor: Uint8Array
  readonly way: Uint8Array
  /** By move: place in `labels`. */
  readonly label: Uint32Array
  readonly labels: readonly MoveLabel[]
  readonly parent: Uint32Array
  readonly parentEdge: Uint32Array
}

/** All states and moves of a subject, judged, grouped and laid out. */
export function* stateGraphOf(subject: Subject, limits: StudyLimits): Study<StateGraph | TooLarge> {
  const whole = yield* wholeGraph(subject, limits)
  if (whole === undefined) return { kind: 'too-large', limits }
  const { lab, graph } = whole
  const report = (doing: string, done: number, of: number) => ({ doing, states: graph.states, done, of })
  const unmapper = unmapperOf(lab)
  const columns = columnsFor(graph.states)
  const few = graph.states <= MOST_DRAWN
  const labels = few ? new MoveLabels(lab, graph) : null

  const m = new Uint32Array(graph.system.words) as Machine
  const factsAt = factsIn(lab, graph)
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield report('Judging every state', s, graph.states)
    graph.load(s, m)
    const { standing, marks, rules } = factsAt(m, s)
    columns.standing[s] = standing
    columns.marks[s] = marks
    columns.rules[s] = rules
    columns.stretch[s] = unmapper.stretchOf(m)
    labels?.addMovesOf(m, s)
  }

  const { grouping, groupOf } = yield* reporting(groupsOf(graph, columns, unmapper), done =>
    report('Grouping states', done, graph.states),
  )
  const layers = few ? yield* reporting(layersOf(graph), ([done, of]) => report('Drawing', done, of)) : null
  const every: EveryState | null =
    layers === null || labels === null
      ? null
      : {
          depth: graph.depth.slice(),
          across: layers.across,
          standing: columns.standing,
          marks: columns.marks,
          rules: columns.rules,
          firstEdge: graph.firstEdge.slice(),
          to: graph.to.slice(),
          actor: graph.actor.slice(),
          way: graph.way.slice(),
          label: labels.of,
          labels: labels.labels,
          parent: graph.parent.slice(),
          parentEdge: graph.parentEdge.slice(),
        }
  return {
    kind: 'graph',
    states: graph.states,
    moves: graph.edges,
    deepest: graph.depth[graph.states - 1] as number,
    tally: tallyOf(grouping),
    rules: RULES.map(({ id, sentence }) => ({ id, sentence })),
    actors: lab.actors.map(a => a.name),
    cpu: unmapper.name,
    grouping,
    runs: grouping.groups.map(g => encodeSchedule(scheduleTo(graph, g.nearest))),
    found: foundIn(graph, columns, groupOf),
    every,
  }
}

const SLICE = 512

const columnsFor = (states: number) => ({
  standing: new Uint8Array(states),
  marks: new Uint8Array(states),
  rules: new Uint8Array(states),
  stretch: new Uint8Array(states),
})

function* reporting<Step, Answer, Said>(steps: Generator<Step, Answer, void>, say: (step: Step) => Said) {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    yield say(step.value)
  }
}

type Way = Pick<EveryState, 'parent' | 'parentEdge' | 'actor' | 'way'>

/** A shortest run to a state. */
export function scheduleTo({ parent, parentEdge, actor, way }: Way, state: number): Schedule {
  const edges: number[] = []
  for (let s = state; s !== 0; s = parent[s] as number) edges.push(parentEdge[s] as number)
  return edges.reverse().map(e => ({ actor: actor[e] as number, alternative: way[e] as number }))
}

/** States that a run passes, the first one first, as far as it can be followed. */
export function statesAlong({ firstEdge, to, actor, way }: EveryState, run: Schedule): number[] {
  const states = [0]
  for (const { actor: who, alternative } of run) {
    const s = states.at(-1) as number
    let next = -1
    for (let e = firstEdge[s] as number; e < (firstEdge[s + 1] as number); e++)
      if (actor[e] === who && way[e] === alternative) next = to[e] as number
    if (next < 0) break
    states.push(next)
  }
  return states
}

function tallyOf({ groups }: Grouping): Tally {
  const sum = (of: (g: StateGroup) => number) => groups.reduce((n, g) => n + of(g), 0)
  return {
    standing: [0, 1, 2, 3].map(standing => sum(g => (g.standing === standing ? g.states : 0))),
    final: sum(g => g.final),
    stuck: sum(g => g.stuck),
  }
}

/** States are numbered nearest first, so the first that is bad ends a shortest run. */
function foundIn(graph: Graph, of: StateColumns, groupOf: (state: number) => number): Found | null {
  const harm = of.standing.indexOf(3)
  const end = harm >= 0 ? harm : of.marks.findIndex(marks => (marks & MARK.stuck) !== 0)
  if (end < 0) return null
  const states = [0, ...edgesTo(graph, end).map(e => graph.to[e] as number)]
  const groups = states.map(groupOf)
  return { what: harm >= 0 ? 'harm' : 'stuck', states, groups: groups.filter((g, i) => g !== groups[i - 1]) }
}
