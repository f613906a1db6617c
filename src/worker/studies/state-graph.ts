import { type StateGraph, stateGraphOf } from '../../core/studies/state-graph.ts'
import type { Study, StudyLimits, TooLarge } from '../../core/studies/study.ts'
import { linkTo } from '../explore-lab.ts'
import type { Resolved } from '../resolve.ts'
import type { WithLink } from './outcomes.ts'

/** The graph, with what it takes to open a run to any of its states. */
export function* linkedGraph(asked: Resolved, limits: StudyLimits): Study<WithLink<StateGraph | TooLarge>> {
  return { ...(yield* stateGraphOf(asked, limits)), link: linkTo(asked, '') }
}
