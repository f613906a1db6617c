import { encodeSchedule, readSchedule } from '../../core/runs/schedule.ts'
import { LIMITS, type Scenario } from '../../core/scenarios/scenario.ts'
import { type Smaller, type SmallestCase, smallestCaseOf } from '../../core/studies/smaller.ts'
import type { Study, StudyLimits } from '../../core/studies/study.ts'
import { linkTo } from '../explore-lab.ts'
import type { RunLink } from '../lab-api.ts'
import type { Resolved } from '../resolve.ts'

/** The smallest case as a scenario of its own, and links that open its runs. */
export interface SmallestFound {
  readonly found: SmallestCase
  /** The scenario as a file. */
  readonly json: string
  /** The run that breaks the rule, at its first step; other runs of the same scenario differ in their schedule. */
  readonly watch: RunLink
  /** What is left of the run that was given, in the whole scenario. */
  readonly given: RunLink | null
}

export type SmallerAnswer = Exclude<Smaller, SmallestCase> | ({ readonly kind: 'smallest' } & SmallestFound)

/** The smallest case of what a link names: of its own run if that breaks a rule, else of a shortest run. */
export function* smaller(asked: Resolved, limits: StudyLimits, link: RunLink): Study<SmallerAnswer> {
  const answer = yield* smallestCaseOf(asked, readSchedule(link.schedule ?? '').steps, limits)
  if (answer.kind !== 'smallest') return answer
  const scenario = scenarioFile(asked, answer)
  const json = `${JSON.stringify(scenario, null, 2)}\n`
  return {
    kind: 'smallest',
    found: answer,
    json,
    watch: linkTo({ ...asked, scenario, custom: json, without: [] }, encodeSchedule(answer.schedule)),
    given: answer.given === null ? null : linkTo({ ...asked, without: [] }, encodeSchedule(answer.given.shortened)),
  }
}

/** With texts of its own, and its run as something to try. */
function scenarioFile({ settings }: Resolved, { scenario, rule, schedule, steps }: SmallestCase): Scenario {
  const { kernel, driver, arch, switches } = settings
  const ending = '-smallest'
  const title = ', smallest case'
  return {
    ...scenario,
    id: `${scenario.id.slice(0, 64 - ending.length).replace(/-$/, '')}${ending}`,
    title: `${scenario.title.slice(0, 120 - title.length)}${title}`,
    purpose: `What is left of “${scenario.title}” when everything goes without which “${rule.sentence}” is still broken.`,
    lookFor: (steps.at(-1)?.sentence ?? rule.sentence).slice(0, LIMITS.textLength),
    // What is offered to try runs on x86.
    breaks:
      arch === 'x86'
        ? [
            {
              what: `“${rule.sentence}” is broken in ${steps.length} steps.`,
              kernel,
              driver,
              ...(Object.keys(switches).length === 0 ? {} : { switches }),
              schedule: encodeSchedule(schedule),
            },
          ]
        : [],
  }
}
