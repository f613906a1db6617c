import { known } from '../base/assert.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import { damageOf } from '../machine/damage.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Choice } from '../threads/choice.ts'

/** Everything that can happen in a lab. */
export interface Reached {
  readonly states: number
  readonly transitions: number
  /** All damage bits of all states. */
  readonly damage: number
  /** A shortest way to a state with one of these bits, or undefined when there is none. */
  readonly wayTo: (damage: number) => readonly Choice[] | undefined
  /** A way to a state in which somebody is not finished and nobody can move, or undefined. */
  readonly deadlock: readonly Choice[] | undefined
}

export const keyOf = (m: Machine): string => Buffer.from(m.buffer, m.byteOffset, m.byteLength).toString('latin1')

/**
 * Visits every state of a lab, breadth first. Nothing clever, and nothing shared with the explorer: this is what its
 * answers are held against.
 */
export function enumerate(lab: Lab, visit?: (m: Machine) => void): Reached {
  const states: Machine[] = [lab.initial]
  const cameFrom: number[] = [-1]
  const cameBy: Choice[] = []
  const seen = new Set([keyOf(lab.initial)])
  const scratch = copyOf(lab.initial)
  const firstWith = new Map<number, number>()
  let transitions = 0
  let stuck: number | undefined

  for (let at = 0; at < states.length; at++) {
    const m = known(states[at], 'state')
    visit?.(m)
    const damage = damageOf(lab.setup, m)
    if (!firstWith.has(damage)) firstWith.set(damage, at)
    let moves = 0
    for (const actor of lab.actors) {
      const ways = actor.ready(m)
      moves += ways
      for (let alternative = 0; alternative < ways; alternative++) {
        scratch.set(m)
        actor.step(scratch, alternative)
        const key = keyOf(scratch)
        if (seen.has(key)) continue
        seen.add(key)
        states.push(copyOf(scratch))
        cameFrom.push(at)
        cameBy[states.length - 1] = { actor: actor.id, alternative }
      }
    }
    transitions += moves
    if (moves === 0 && lab.actors.some(actor => !actor.finished(m))) stuck ??= at
  }

  const way = (to: number): readonly Choice[] => {
    const choices: Choice[] = []
    for (let at = to; at > 0; at = known(cameFrom[at], 'parent')) choices.unshift(known(cameBy[at], 'choice'))
    return choices
  }
  const found = [...firstWith].sort(([, a], [, b]) => a - b)
  return {
    states: states.length,
    transitions,
    damage: found.reduce((all, [damage]) => all | damage, 0),
    wayTo: wanted => {
      const first = found.find(([damage]) => (damage & wanted) !== 0)
      return first === undefined ? undefined : way(first[1])
    },
    deadlock: stuck === undefined ? undefined : way(stuck),
  }
}
