import { known } from '../base/assert.ts'
import { search } from '../explorer/search.ts'
import type { Move, TransitionSystem } from '../explorer/system.ts'
import { get, type Machine } from '../machine/cells.ts'
import { keepDamage } from '../machine/damage.ts'
import type { Lab } from '../scenarios/build.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { RULES } from '../scenarios/rules.ts'
import type { StudyLimits } from './study.ts'

/** Is told which op of which program some run comes to. */
export type Ran = (program: number, op: number) => void

/** What every run of a lab says of one rule. A broken one comes with a shortest run that breaks it. */
export type RuleVerdict =
  | { readonly kind: 'holds' }
  | { readonly kind: 'broken'; readonly run: readonly Move[] }
  | { readonly kind: 'undecided' }

export interface RuleVerdicts {
  /** By rule id. */
  readonly of: ReadonlyMap<string, RuleVerdict>
  /** States looked at, over all passes. */
  readonly states: number
}

/**
 * Judges several rules at once: searches until one is broken, then again for those that are left, to the end of the state space.
 * Yields the states looked at so far. Runs that get stuck are not its business.
 */
export function* searchRules(
  lab: Lab,
  ids: readonly string[],
  limits: StudyLimits,
  ran?: Ran,
): Generator<number, RuleVerdicts, void> {
  const verdicts = new Map<string, RuleVerdict>()
  let states = 0
  for (let left = ids; left.length > 0; left = ids.filter(id => !verdicts.has(id))) {
    const budget = { states: limits.states - states, bytes: limits.bytes }
    if (budget.states <= 0) {
      for (const id of left) verdicts.set(id, { kind: 'undecided' })
      break
    }
    const steps = search(only(lab, left, ran), propertiesOf(lab, left), budget)
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) yield states + step.value.states
    const verdict = step.value
    states += verdict.states
    if (verdict.kind === 'violated') verdicts.set(verdict.property.id, { kind: 'broken', run: verdict.run })
    else for (const id of left) verdicts.set(id, { kind: verdict.kind === 'holds' ? 'holds' : 'undecided' })
  }
  return { of: verdicts, states }
}

/**
 * The lab's system as far as these rules go: harm that only others speak of is forgotten as it is done. Nobody ever acts on the
 * record of harm, so the runs are the same, and states that differ in nothing else are one.
 */
function only(lab: Lab, ids: readonly string[], ran?: Ran): TransitionSystem {
  const system = systemOf(lab)
  const bits = ids.reduce(
    (all, id) =>
      all |
      known(
        RULES.find(rule => rule.id === id),
        `rule ${id}`,
      ).damage,
    0,
  )
  const { cpus } = lab.setup.shape
  return {
    ...system,
    move: (state, actor, way) => {
      const cpu = cpus[actor]
      if (cpu !== undefined) ran?.(actor, get(state as Machine, cpu.pc, 0))
      system.move(state, actor, way)
      keepDamage(lab.setup, state as Machine, bits)
    },
    done: () => true,
  }
}
