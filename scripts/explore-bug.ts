import type { Problem } from '../src/core/base/problem.ts'
import type { CostBug } from '../src/core/bugs/bug.ts'
import { BUGS, bugById } from '../src/core/bugs/bug-list.ts'
import { COST_BUGS, costBugById } from '../src/core/bugs/cost-bugs.ts'
import { type BugVerdict, judge, labOfBug, ruleSentence } from '../src/core/bugs/judge.ts'
import { priceOf } from '../src/core/bugs/price.ts'
import { readyRun } from '../src/core/bugs/ready-run.ts'
import { settingsOf } from '../src/core/bugs/settings-of.ts'
import type { Budget } from '../src/core/explorer/system.ts'
import { encodeSchedule } from '../src/core/runs/schedule.ts'

/** Exit statuses are those of explore. */
const EXIT: Readonly<Record<BugVerdict['kind'], number>> = { holds: 0, broken: 1, undecided: 3 }

export const isBugNumber = (text: string): boolean => /^b\d\d$/i.test(text)

/** All numbers, for --list. */
export const bugCards = (): readonly { readonly id: string; readonly title: string }[] =>
  [...BUGS, ...COST_BUGS].map(({ id, title }) => ({ id, title })).sort((a, b) => (a.id < b.id ? -1 : 1))

/**
 * A bug of the shelf: every interleaving of its scenario with the bug, or without it, and whether the run that is told can be made.
 * Prints the answer; returns the exit status, or what is wrong with the number.
 */
export function exploreBug(number: string, fixed: boolean, budget: Budget, json: boolean): number | Problem {
  const bug = bugById(number)
  const costly = costBugById(number)
  if (costly !== undefined) return printPrice(costly, fixed, budget, json)
  if (bug === undefined) return { at: number, message: 'there is no bug of this number', mend: 'Choose one of --list' }
  const settings = settingsOf(bug, fixed ? 'fixed' : 'present')
  const begun = performance.now()
  const steps = judge(labOfBug(bug, settings), [bug.rule], budget)
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  const verdict = step.value
  const seconds = (performance.now() - begun) / 1000
  const told = readyRun(bug, settings)
  const { kernel, driver, arch, switches } = settings
  if (json) {
    const { kind, states } = verdict
    const run = { possible: told.possible, schedule: encodeSchedule(told.run.choices), stuck: told.stuck }
    const schedule = kind === 'broken' ? encodeSchedule(verdict.schedule) : null
    const answer = {
      bug: bug.id,
      fixed,
      kernel,
      driver,
      arch,
      switches,
      rule: bug.rule,
      verdict: kind,
      states,
      seconds,
      schedule,
      run,
    }
    console.log(JSON.stringify(answer, null, 2))
    return EXIT[verdict.kind]
  }
  const flipped = Object.entries(switches).map(([id, value]) => `, ${id} = ${value}`)
  console.log(`${bug.id} ${bug.title}`)
  console.log(`${fixed ? 'Without' : 'With'} the bug: ${kernel}, ${driver}, ${arch}${flipped.join('')}`)
  console.log(`${sentence(verdict, ruleSentence(bug.rule))} ${verdict.states} states, ${seconds.toFixed(2)} s.`)
  for (const [i, { says }] of bug.run.entries()) {
    const mark = told.stuck?.stage === i ? '✗' : i < told.ends.length ? ' ' : '·'
    console.log(`${mark} ${i + 1}. ${says}`)
    if (told.stuck?.stage === i) console.log(`     Here it ends: ${told.stuck.why}.`)
  }
  return EXIT[verdict.kind]
}

/** A bug that breaks no rule: what it costs over all runs. */
function printPrice(bug: CostBug, fixed: boolean, budget: Budget, json: boolean): number {
  const settings = fixed ? bug.fixed : bug.present
  const { kernel, driver, arch, switches } = settings
  const { verdict, states, figures } = priceOf(bug, settings, budget, budget)
  if (json) {
    const costs = figures.map(({ measure, figure: { least, mean, most } }) => {
      return { measure: measure.id, least: least.value, mean, most: most.value }
    })
    const answer = { bug: bug.id, fixed, kernel, driver, arch, switches, verdict, states, costs }
    console.log(JSON.stringify(answer, null, 2))
    return EXIT[verdict]
  }
  const flipped = Object.entries(switches).map(([id, value]) => `, ${id} = ${value}`)
  console.log(`${bug.id} ${bug.title}`)
  console.log(`${fixed ? 'Without' : 'With'} the bug: ${kernel}, ${driver}, ${arch}${flipped.join('')}`)
  console.log(`Rules of damage: ${verdict}, ${states} states. Over all runs, least, mean, most:`)
  for (const { measure, figure } of figures) {
    const { least, mean, most } = figure
    console.log(`  ${measure.family} ${measure.title}: ${least.value}, ${mean.toFixed(2)}, ${most.value ?? 'no limit'}`)
  }
  return EXIT[verdict]
}

function sentence({ kind, schedule }: BugVerdict, rule: string): string {
  switch (kind) {
    case 'holds':
      return `Holds in every state: “${rule}”.`
    case 'broken':
      return `Broken, soonest after ${schedule.length} steps: “${rule}”.`
    case 'undecided':
      return `Not decided: “${rule}”.`
  }
}
