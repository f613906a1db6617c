import { known } from '../../base/assert.ts'
import type { Graph } from '../../explorer/graph.ts'
import type { Machine } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { ActorKind } from '../../threads/actor.ts'
import type { Study, StudyLimits, Subject } from '../study.ts'
import { wholeGraph } from '../whole-graph.ts'
import { type Finding, Tally, UNDECIDED } from './finding.ts'

/** One move of one actor in one state, and what is seen to happen in it. Both are good until the next moment. */
export interface Moment {
  readonly lab: Lab
  /** The state in which the move is made. */
  readonly before: Machine
  /** Who moves. */
  readonly actor: number
  readonly events: readonly SimEvent[]
  /** Whether it decides the question; not called: the question is not put here. */
  readonly note: (decides: boolean) => void
}

const SLICE = 1024

/** Puts a question at every move that actors of one kind can make in any run: `Is it so every time?` */
export function* everyTime(
  kinds: readonly ActorKind[],
  ask: (moment: Moment) => void,
  subject: Subject,
  limits: StudyLimits,
): Study<Finding> {
  const scanned = yield* scan(kinds, ask, subject, limits)
  return scanned === undefined ? UNDECIDED : scanned.tally.everyTime(scanned.graph)
}

/** Likewise: `Can it be?` */
export function* ever(
  kinds: readonly ActorKind[],
  ask: (moment: Moment) => void,
  subject: Subject,
  limits: StudyLimits,
): Study<Finding> {
  const scanned = yield* scan(kinds, ask, subject, limits)
  return scanned === undefined ? UNDECIDED : scanned.tally.ever(scanned.graph)
}

function* scan(
  kinds: readonly ActorKind[],
  ask: (moment: Moment) => void,
  subject: Subject,
  limits: StudyLimits,
): Study<{ readonly graph: Graph; readonly tally: Tally } | undefined> {
  const whole = yield* wholeGraph(subject, limits)
  if (whole === undefined) return undefined
  const { lab, graph } = whole
  const tally = new Tally()
  const before = new Uint32Array(graph.system.words) as Machine
  const after = new Uint32Array(graph.system.words) as Machine
  for (let s = 0; s < graph.states; s++) {
    if (s % SLICE === 0) yield { doing: 'Looking at every move', states: graph.states, done: s, of: graph.states }
    graph.load(s, before)
    for (let e = graph.firstEdge[s] as number; e < (graph.firstEdge[s + 1] as number); e++) {
      const actor = known(lab.actors[graph.actor[e] as number], 'actor')
      if (!kinds.includes(actor.kind)) continue
      after.set(before)
      const events: SimEvent[] = []
      actor.step(after, graph.way[e] as number, event => events.push(event))
      ask({ lab, before, actor: actor.id, events, note: decides => tally.note(s, e, decides) })
    }
  }
  return { graph, tally }
}
