import type { Policy } from '../../policy/policy.ts'
import { sameRuns } from '../../policy/presets.ts'
import type { Scenario } from '../../scenarios/scenario.ts'
import type { Study, StudyLimits } from '../study.ts'
import { labFor } from '../whole-graph.ts'
import { costOf, type LabCost } from './cost-of.ts'

/** A scenario under one policy of several. */
export interface Candidate {
  /** For the progress report: `6.1, notifier`. */
  readonly name: string
  readonly policy: Policy
}

/** States of one graph at the most: beyond, its runs are sampled. */
const MOST_STATES = 400_000

/** What the same scenario costs under each policy, in their order. Those with the same runs are counted once. */
export function* costAcross(
  scenario: Scenario,
  candidates: readonly Candidate[],
  limits: StudyLimits,
): Study<readonly LabCost[]> {
  const one = { states: Math.min(limits.states, MOST_STATES), bytes: limits.bytes }
  const costs: LabCost[] = []
  let states = 0
  for (const { name, policy } of candidates) {
    let cost = costs[candidates.slice(0, costs.length).findIndex(earlier => sameRuns(earlier.policy, policy))]
    if (cost === undefined) {
      const begun = states
      const steps = costOf(labFor({ scenario, policy }), one)
      for (let step = steps.next(); cost === undefined; step = steps.next()) {
        if (step.done === true) {
          cost = step.value
          break
        }
        states = begun + step.value.states
        const doing = `${name}: ${step.value.doing.toLowerCase()}`
        yield { doing, states, done: costs.length, of: candidates.length }
      }
    }
    costs.push(cost)
  }
  return costs
}
