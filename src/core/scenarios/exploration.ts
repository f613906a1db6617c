import { known } from '../base/assert.ts'
import type { Property, TransitionSystem } from '../explorer/system.ts'
import type { Machine } from '../machine/cells.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import { Ample } from './ample.ts'
import type { Lab } from './build.ts'
import { partsOf } from './parts.ts'
import { placesIn } from './places.ts'
import { recordsOf } from './records.ts'
import { isReducible } from './reducible.ts'
import { goingRound, type Round, roundsIn } from './rounds.ts'
import { RULES, rulesKept } from './rules.ts'
import { Symmetry } from './symmetry.ts'

/** A lab as the explorer sees it: words, actors, moves. */
export function systemOf(lab: Lab): TransitionSystem {
  const rounds = roundsIn(lab)
  const once = systemWith(lab, [])
  return rounds.length === 0 ? once : { ...once, rounds: () => goingRound(systemWith(lab, rounds), rounds) }
}

/** The lab's own moves; what looks ahead knows of rounds. */
function systemWith(lab: Lab, rounds: readonly Round[]): TransitionSystem {
  const { setup, initial, actors } = lab
  const actorAt = (i: number) => known(actors[i], 'actor')
  return {
    words: setup.shape.words,
    initial,
    actors: actors.length,
    ways: (state, actor) => actorAt(actor).ready(state as Machine),
    move: (state, actor, way) => actorAt(actor).step(state as Machine, way),
    done: (state, actor) => actorAt(actor).finished(state as Machine),
    parts: partsOf(lab),
    records: properties =>
      recordsOf(
        lab,
        properties.map(p => p.id),
      ),
    ...(isReducible(lab) ? reductionsOf(lab, rounds) : {}),
  }
}

/** How a search of the lab may leave states out. */
function reductionsOf(lab: Lab, rounds: readonly Round[]): Pick<TransitionSystem, 'ample' | 'premise' | 'canonical'> {
  const { setup, actors } = lab
  // Many searches never ask.
  const ample = once(() => new Ample(actors, placesIn(lab, rounds), setup.resources.count))
  const symmetry = once(() => new Symmetry(lab))
  return {
    ample: state => ample().of(state as Machine),
    premise: state => (damageOf(setup, state as Machine) & DAMAGE.freedTooEarly) === 0,
    canonical: state => symmetry().canonical(state as Machine),
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Rules whose breach is damage done. */
export const DAMAGE_RULES: readonly string[] = RULES.filter(rule => rule.harm).map(rule => rule.id)

/** The rules with these ids as properties of the lab's states; without ids, all whose breach is damage and that the machine keeps. */
export function propertiesOf({ setup }: Lab, ids?: readonly string[]): Property[] {
  const rules =
    ids === undefined ? rulesKept(setup).filter(rule => rule.harm) : RULES.filter(rule => ids.includes(rule.id))
  return rules.map(rule => ({
    id: rule.id,
    sentence: rule.sentence,
    expect: 'always',
    holds: state => !rule.violated(setup, state as Machine),
    // Harm stays in the state; a rule that notes none is broken as long as it is.
    ...(rule.damage === 0 ? { passing: true } : {}),
  }))
}
