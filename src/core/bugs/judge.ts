import { assert } from '../base/assert.ts'
import { REDUCED, search } from '../explorer/search.ts'
import type { Budget } from '../explorer/system.ts'
import type { Settings } from '../runs/settings.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { RULES } from '../scenarios/rules.ts'
import type { Choice } from '../threads/choice.ts'
import type { Bug } from './bug.ts'
import { endless } from './endless.ts'
import { policyOf } from './settings-of.ts'

/** What every interleaving of a bug's scenario says of its rule, under some settings. */
export interface BugVerdict {
  readonly kind: 'broken' | 'holds' | 'undecided'
  /** States looked at. */
  readonly states: number
  /** Some states stood for others, so there are more than that. */
  readonly reduced: boolean
  /** A shortest run that breaks it; of `L1`, to where the circle begins. Empty unless broken. */
  readonly schedule: readonly Choice[]
}

export const ENDLESS_RULE = 'L1'

/** The sentence of a rule, also of those that no single state can break. */
export function ruleSentence(id: string): string {
  if (id === ENDLESS_RULE) return 'A device does not have to try the same access for ever'
  return RULES.find(rule => rule.id === id)?.sentence ?? id
}

/** A bug's scenario under these settings, ready to run. */
export const labOfBug = (bug: Pick<Bug, 'scenario'>, settings: Settings): Lab =>
  buildLab(bug.scenario, policyOf(bug, settings))

/**
 * Looks at every interleaving: is one of the rules broken in some state of it? `L1` is looked at alone. Yields the states looked at
 * so far; the caller may stop between two yields.
 */
export function* judge(lab: Lab, rules: readonly string[], budget: Budget): Generator<number, BugVerdict, void> {
  if (rules.includes(ENDLESS_RULE)) {
    assert(rules.length === 1, `${ENDLESS_RULE} is judged alone`)
    const { kind, states, ...found } = yield* endless(lab, budget)
    return { kind, states, reduced: false, schedule: 'lap' in found ? found.lap : [] }
  }
  const steps = search(systemOf(lab), propertiesOf(lab, rules), budget, REDUCED)
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) yield step.value.states
  const verdict = step.value
  const base = { states: verdict.states, reduced: true, schedule: [] }
  switch (verdict.kind) {
    case 'holds':
    case 'never-seen':
      return { ...base, kind: 'holds' }
    case 'violated':
      return {
        ...base,
        kind: 'broken',
        schedule: verdict.run.map(({ actor, way }) => ({ actor, alternative: way })),
      }
    case 'deadlock':
    case 'out-of-budget':
      return { ...base, kind: 'undecided' }
  }
}
