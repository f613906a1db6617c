import type { Study, StudyLimits } from '../../core/studies/study.ts'
import type { RunLink } from '../lab-api.ts'
import type { Resolved } from '../resolve.ts'
import { costAcrossKernels } from './cost.ts'
import { graphFile } from './graph-text.ts'
import { linkedDanger, linkedOutcomes } from './outcomes.ts'
import { PATCH_STUDIES } from './patch.ts'
import { smaller } from './smaller.ts'
import { linkedGraph } from './state-graph.ts'
import { whySafeLinked } from './why-safe.ts'

/** How a study is begun; the schedule of the link matters to some. The answer must be plain data: it is posted to the page. */
export type BeginStudy<Answer> = (asked: Resolved, limits: StudyLimits, link: RunLink) => Study<Answer>

/** All studies by name: a new one is a line here and a file in core/studies, or beside this one where it needs links. */
export const STUDIES = {
  outcomes: linkedOutcomes,
  danger: linkedDanger,
  graph: linkedGraph,
  'graph-dot': graphFile('dot'),
  'graph-aut': graphFile('aut'),
  cost: costAcrossKernels,
  why: whySafeLinked,
  smaller,
  ...PATCH_STUDIES,
} as const
