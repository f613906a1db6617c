import { encodeSchedule } from '../src/core/runs/schedule.ts'
import type { SmallestCase } from '../src/core/studies/smaller.ts'
import {
  caseText,
  droppedText,
  givenText,
  keptName,
  keptText,
  MEASURES,
  measureText,
  NEED_MEANS,
  needText,
  SMALLEST_MEANS,
} from '../src/core/studies/smaller-text.ts'
import { answerOfStudy } from '../src/core/studies/study.ts'
import type { RunLink } from '../src/worker/lab-api.ts'
import type { Resolved } from '../src/worker/resolve.ts'
import { smaller } from '../src/worker/studies/smaller.ts'

/** Prints the smallest case of what was asked, or why there is none. Answers with the verdict that the exit status follows. */
export function minimise(
  resolved: Resolved,
  link: RunLink,
  limits: { readonly states: number; readonly bytes: number },
  json: boolean,
): 'violated' | 'holds' | 'out-of-budget' {
  const begun = performance.now()
  const answer = answerOfStudy(smaller(resolved, limits, link))
  const seconds = (performance.now() - begun) / 1000
  const asked = { scenario: resolved.scenario.id, ...resolved.settings }

  if (answer.kind !== 'smallest') {
    const verdict = answer.kind === 'holds' ? 'holds' : 'out-of-budget'
    const none =
      verdict === 'holds'
        ? `Holds in all ${answer.states} states: there is nothing to make smaller.`
        : `Nothing found in the first ${answer.states} states. The rest were not looked at.`
    console.log(json ? JSON.stringify({ ...asked, verdict, states: answer.states, seconds }, null, 2) : none)
    return verdict
  }
  const { found } = answer
  if (json) {
    const { kind: _, scenario: __, schedule, lanes: ___, given, steps, ...rest } = found
    const all = {
      ...asked,
      verdict: 'violated',
      ...rest,
      given: given === null ? null : { ...given, shortened: encodeSchedule(given.shortened) },
      seconds,
      smallest: JSON.parse(answer.json) as unknown,
      schedule: encodeSchedule(schedule),
      steps: steps.map(({ without, need, lane: _, ...step }) => ({
        ...step,
        without: { ...without, schedule: encodeSchedule(without.schedule) },
        need: need.kind === 'this-run' ? { ...need, schedule: encodeSchedule(need.schedule) } : need,
      })),
    }
    console.log(JSON.stringify(all, null, 2))
  } else {
    if (link.schedule !== '' && found.given === null)
      console.log('The run of --run breaks no rule: begun with a shortest one.')
    console.log(textOf(found))
    console.log(
      `${found.searched} states looked at in all, ${seconds.toFixed(2)} s. --json gives the scenario as a file.`,
    )
  }
  return 'violated'
}

function textOf(found: SmallestCase): string {
  const { before, after, steps, dropped, kept, given, schedule } = found
  const column = (texts: readonly string[]): number => Math.max(...texts.map(text => text.length))
  const name = column(MEASURES.map(([, what]) => what))
  const actor = column(steps.map(step => step.actor))
  const does = column(steps.map(step => `${step.fn}: ${step.label}`))
  return [
    caseText(found),
    ...(given === null ? [] : [givenText(found)]),
    `Its run: ${encodeSchedule(schedule)}`,
    '',
    ...MEASURES.map(([key, what]) => {
      const [was, is] = [measureText(before[key]), measureText(after[key])]
      return `  ${what.padEnd(name)}  ${was === is ? is : `${was} -> ${is}`}`
    }),
    '',
    ...steps.map(
      step =>
        `${String(step.number).padStart(3)}  ${step.actor.padEnd(actor)}  ${`${step.fn}: ${step.label}`.padEnd(does)}  ${needText(step)}`,
    ),
    '',
    NEED_MEANS,
    '',
    'Left out:',
    ...(dropped.length === 0 ? ['  nothing could go'] : dropped.map(one => `  ${droppedText(one)}`)),
    'Kept:',
    ...kept.map(one => `  ${keptName(one)}. ${keptText(one)}`),
    '',
    ...SMALLEST_MEANS,
  ].join('\n')
}
