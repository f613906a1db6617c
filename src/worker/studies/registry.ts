import type { Study, StudyLimits } from '../../core/studies/study.ts'
import type { Resolved } from '../resolve.ts'
import { linkedDanger, linkedOutcomes } from './outcomes.ts'
import { whySafeLinked } from './why-safe.ts'

/** How a study is begun. The answer must be plain data: it is posted to the page. */
export type BeginStudy<Answer> = (asked: Resolved, limits: StudyLimits) => Study<Answer>

/** All studies by name: a new one is a line here and a file in core/studies, or beside this one where it needs links. */
export const STUDIES = {
  outcomes: linkedOutcomes,
  danger: linkedDanger,
  why: whySafeLinked,
} as const
