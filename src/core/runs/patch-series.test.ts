import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf, type Machine, sameMachine } from '../machine/cells.ts'
import type { Lab } from '../scenarios/build.ts'
import { SCENARIOS } from '../scenarios/scenario-list.ts'
import { keyOf } from '../testing/enumerate.ts'
import { runOf } from '../testing/films.ts'
import { labOf } from '../testing/labs.ts'
import { anyPicks, picked } from '../testing/walks.ts'
import type { Choice } from '../threads/choice.ts'

const NAIVE = { driver: 'naive' } as const

/**
 * Goes through everything that can happen in `one` and makes every move in `other` too. Equal means: the same actors can move,
 * in as many ways, and each move leads to the same bytes. Answers with the number of moves compared.
 */
function sameGraph(one: Lab, other: Lab): number {
  expect(other.actors.map(a => a.name)).toEqual(one.actors.map(a => a.name))
  expect(sameMachine(one.initial, other.initial)).toBe(true)
  const states: Machine[] = [one.initial]
  const seen = new Set([keyOf(one.initial)])
  let moves = 0
  for (const m of states) {
    for (const actor of one.actors) {
      const twin = known(other.actors[actor.id], 'twin')
      const ways = actor.ready(m)
      if (twin.ready(m) !== ways) throw new Error(`${actor.name} can move in one and not in the other`)
      for (let alternative = 0; alternative < ways; alternative++) {
        const next = copyOf(m)
        const twinNext = copyOf(m)
        actor.step(next, alternative)
        twin.step(twinNext, alternative)
        if (!sameMachine(next, twinNext)) throw new Error(`${actor.op(m, alternative).label}: leads elsewhere`)
        moves++
        const key = keyOf(next)
        if (seen.has(key)) continue
        seen.add(key)
        states.push(next)
      }
    }
  }
  return moves
}

/** Of the first patch every field of the policy but the name is that of 3.18, as the next test says: two scenarios will do. */
const SEARCHED = {
  '3.19-1of3': ['munmap-plain', 'munmap-page-table'],
  '3.19-2of3': SCENARIOS.map(s => s.id),
} as const

it('the first patch changes no field of the policy', () => {
  const [before, after] = [labOf('munmap-plain', { kernel: '3.18' }), labOf('munmap-plain', { kernel: '3.19-1of3' })]
  expect({ ...after.setup.policy, kernel: '3.18' }).toEqual(before.setup.policy)
})

describe.each(['3.19-1of3', '3.19-2of3'] as const)('%s alone changes no run', kernel => {
  it.each(SEARCHED[kernel])('%s: the same states and the same moves as 3.18, down to the last byte', id => {
    const moves = sameGraph(labOf(id, { kernel: '3.18', ...NAIVE }), labOf(id, { kernel, ...NAIVE }))
    expect(moves).toBeGreaterThan(500)
  })

  it('the same schedule ends with the same checksum, and reads the same', () => {
    const scenarios = fc.constantFrom(...SCENARIOS.map(s => s.id))
    fc.assert(
      fc.property(scenarios, anyPicks, (id, picks) => {
        const lab = labOf(id, { kernel: '3.18', ...NAIVE })
        const choices = schedule(lab, picks)
        const before = runOf(lab, choices)
        const after = runOf(labOf(id, { kernel, ...NAIVE }), choices)
        expect(after.checksumAt(after.length)).toBe(before.checksumAt(before.length))
        expect(after.film.map(s => s.sentence)).toEqual(before.film.map(s => s.sentence))
      }),
      { numRuns: 40 },
    )
  })
})

it('the third patch is the one that acts: with a driver that subscribes, 3.19 leaves the graph of 3.18 at once', () => {
  const lab = (kernel: '3.18' | '3.19') => labOf('munmap-forced-flush', { kernel, driver: 'notifier' })
  expect(() => sameGraph(lab('3.18'), lab('3.19'))).toThrow('leads elsewhere')
})

function schedule(lab: Lab, picks: readonly number[]): Choice[] {
  const m = copyOf(lab.initial)
  const choices: Choice[] = []
  for (const pick of picks) {
    const choice = picked(lab, m, pick)
    if (choice === undefined) return choices
    known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
    choices.push(choice)
  }
  return choices
}
