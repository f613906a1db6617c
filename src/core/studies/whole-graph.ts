import { type Graph, graphOf } from '../explorer/graph.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { systemOf } from '../scenarios/exploration.ts'
import type { Study, StudyLimits, Subject } from './study.ts'

/** Every state and move of a subject, found while a study reports on it; undefined when there are too many. */
export function* wholeGraph(
  { scenario, policy }: Subject,
  limits: StudyLimits,
): Study<{ readonly lab: Lab; readonly graph: Graph } | undefined> {
  const lab = buildLab(scenario, policy)
  const steps = graphOf(systemOf(lab), limits)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value === undefined ? undefined : { lab, graph: step.value }
    yield { doing: 'Looking at every state', states: step.value.states, done: 0, of: null }
  }
}
