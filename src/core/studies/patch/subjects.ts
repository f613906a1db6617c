import { known } from '../../base/assert.ts'
import type { Policy } from '../../policy/policy.ts'
import { applySwitches } from '../../policy/switches.ts'
import type { Scenario } from '../../scenarios/scenario.ts'
import { scenarioById } from '../../scenarios/scenario-list.ts'
import type { Subject } from '../study.ts'

/** The two gaps that the series closes, each with the scenario in which a reader loses a page to it. */
export const GAPS = [
  { id: 'B01', scenario: 'munmap-forced-flush', what: 'page' },
  { id: 'B02', scenario: 'munmap-page-table', what: 'table' },
] as const
export type GapId = (typeof GAPS)[number]['id']

export const scenarioOfGap = (id: GapId): Scenario => {
  const gap = known(
    GAPS.find(g => g.id === id),
    id,
  )
  return known(scenarioById(gap.scenario), gap.scenario)
}

/** The scenario of a gap, or one like it, under a policy. */
export const subjectOf = (policy: Policy, scenario: Scenario): Subject => ({
  scenario,
  policy: applySwitches(policy, scenario.switches),
})

/** The munmap() of both gaps. */
export const bothGaps = (policy: Policy): readonly Subject[] =>
  GAPS.map(gap => subjectOf(policy, scenarioOfGap(gap.id)))

/** A shipped scenario with something changed, as a scenario of its own. */
export const variation = (
  gap: GapId,
  id: string,
  title: string,
  change: (s: Scenario) => Partial<Scenario>,
): Scenario => {
  const scenario = scenarioOfGap(gap)
  return { ...scenario, breaks: [], ...change(scenario), id: `${scenario.id}-${id}`, title }
}
