import { type Graph, graphOf } from '../explorer/graph.ts'
import type { TransitionSystem } from '../explorer/system.ts'
import { encodeSchedule } from '../runs/schedule.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { systemOf } from '../scenarios/exploration.ts'
import { NOTHING_BESIDES } from '../scenarios/initial-state.ts'
import { type Flow, flowOf } from './flow.ts'
import type { Study, StudyLimits, Subject } from './study.ts'

/** The lab that is asked about. */
export const labFor = ({ scenario, policy, without }: Subject): Lab =>
  buildLab(scenario, policy, NOTHING_BESIDES, without)

/** Every state and move of a subject, found while a study reports on it; undefined when there are too many. */
export function* wholeGraph(
  subject: Subject,
  limits: StudyLimits,
): Study<{ readonly lab: Lab; readonly graph: Graph } | undefined> {
  const lab = labFor(subject)
  const graph = yield* graphReported(systemOf(lab), limits)
  return graph === undefined ? undefined : { lab, graph }
}

/** Every state and move of a system, likewise. */
export function* graphReported(system: TransitionSystem, limits: StudyLimits): Study<Graph | undefined> {
  const steps = graphOf(system, limits)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    yield { doing: 'Looking at every state', states: step.value.states, done: 0, of: null }
  }
}

/** Weighs all runs of a graph, likewise. */
export function* flowReported(graph: Graph): Study<Flow> {
  const steps = flowOf(graph)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    yield { doing: 'Weighing every run', states: graph.states, done: step.value, of: graph.states }
  }
}

/** Moves of a graph as the text of a schedule. */
export const scheduleOf = ({ actor, way }: Graph, edges: readonly number[]): string =>
  encodeSchedule(edges.map(e => ({ actor: actor[e] as number, alternative: way[e] as number })))
