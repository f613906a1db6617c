import { type Danger, dangerOf } from '../../core/studies/danger.ts'
import { type Outcomes, outcomesOf } from '../../core/studies/outcomes.ts'
import type { Study, StudyLimits, TooLarge } from '../../core/studies/study.ts'
import { linkTo } from '../explore-lab.ts'
import type { RunLink } from '../lab-api.ts'
import type { Resolved } from '../resolve.ts'

/** An answer that names runs by their schedules, with what it takes to open them: the lab before its first step. */
export type WithLink<Answer> = Answer & { readonly link: RunLink }

export function* linkedOutcomes(asked: Resolved, limits: StudyLimits): Study<WithLink<Outcomes | TooLarge>> {
  return { ...(yield* outcomesOf(asked, limits)), link: linkTo(asked, '') }
}

export function* linkedDanger(asked: Resolved, limits: StudyLimits): Study<WithLink<Danger | TooLarge>> {
  return { ...(yield* dangerOf(asked, limits)), link: linkTo(asked, '') }
}
