import type { Study, StudyLimits, Subject } from './study.ts'
import { wholeGraph } from './whole-graph.ts'

/** How runs can end. */
export interface Outcomes {
  /** States in which nobody moves any more; null when there are too many states to look at. */
  readonly finalStates: number | null
}

/** All ends of all runs. */
export function* outcomesOf(subject: Subject, limits: StudyLimits): Study<Outcomes> {
  const whole = yield* wholeGraph(subject, limits)
  if (whole === undefined) return { finalStates: null }
  const { firstEdge, states } = whole.graph
  let finalStates = 0
  for (let s = 0; s < states; s++) if (firstEdge[s] === firstEdge[s + 1]) finalStates++
  return { finalStates }
}
