import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import { keyOf } from '../testing/enumerate.ts'
import { anyPicks, anyPlace, labAt, movesIn, picked } from '../testing/walks.ts'
import { recordsOf } from './records.ts'
import { RULES } from './rules.ts'

const QUESTIONS: readonly (readonly string[])[] = [
  ['I1', 'I2'],
  ['I5', 'I10'],
  RULES.filter(rule => rule.harm).map(rule => rule.id),
]

describe('records', () => {
  it('change no move and no rule that is asked about, whatever happens on whatever machine', () => {
    const forgotten = { states: 0 }
    fc.assert(
      fc.property(anyPlace, anyPicks, fc.constantFrom(...QUESTIONS), (place, picks, asked) => {
        const lab = labAt(place)
        const bits = recordsOf(lab, asked)
        const without = (m: Machine): Machine => {
          const bare = copyOf(m)
          for (const [word, record] of bits.entries()) bare[word] = ((bare[word] as number) & ~record) >>> 0
          return bare
        }
        const m = copyOf(lab.initial)
        for (const pick of picks) {
          const bare = without(m)
          if (keyOf(bare) !== keyOf(m)) forgotten.states++
          expect(movesIn(lab, bare)).toEqual(movesIn(lab, m))
          for (const rule of RULES.filter(({ id }) => asked.includes(id)))
            expect([rule.id, rule.violated(lab.setup, bare)]).toEqual([rule.id, rule.violated(lab.setup, m)])
          const choice = picked(lab, m, pick)
          if (choice === undefined) return
          const actor = known(lab.actors[choice.actor], 'actor')
          actor.step(bare, choice.alternative)
          actor.step(m, choice.alternative)
          expect(keyOf(without(bare)), actor.name).toBe(keyOf(without(m)))
        }
      }),
      { numRuns: 120 },
    )
    expect(forgotten.states).toBeGreaterThan(1000)
  })
})
