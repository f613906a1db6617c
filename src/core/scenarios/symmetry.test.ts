import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import { damageOf } from '../machine/damage.ts'
import { keyOf } from '../testing/enumerate.ts'
import { anyVariant, labOfVariant } from '../testing/variants.ts'
import { anyPicks, picked } from '../testing/walks.ts'
import type { Lab } from './build.ts'
import { Symmetry } from './symmetry.ts'

/** A state that random moves lead to. */
function after(lab: Lab, picks: readonly number[]): Machine {
  const m = copyOf(lab.initial)
  for (const pick of picks) {
    const choice = picked(lab, m, pick)
    if (choice === undefined) break
    known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
  }
  return m
}

/** All forms that one move leads to, in any order: names of actors do not count. */
function formsNext(lab: Lab, symmetry: Symmetry, m: Machine): string[] {
  return lab.actors
    .flatMap(actor =>
      Array.from({ length: actor.ready(m) }, (_, way) => {
        const next = copyOf(m)
        actor.step(next, way)
        symmetry.canonical(next)
        return keyOf(next)
      }),
    )
    .sort()
}

describe('the form that stands for all states that differ in names', () => {
  it('is its own form, has broken the same rules, and leads to the same forms', () => {
    fc.assert(
      fc.property(anyVariant, anyPicks, (variant, picks) => {
        const lab = labOfVariant(variant)
        const symmetry = new Symmetry(lab)
        const m = after(lab, picks)
        const form = copyOf(m)
        symmetry.canonical(form)
        const again = copyOf(form)
        symmetry.canonical(again)
        expect(keyOf(again)).toBe(keyOf(form))
        expect(damageOf(lab.setup, form)).toBe(damageOf(lab.setup, m))
        expect(lab.actors.filter(a => a.finished(form)).length).toBe(lab.actors.filter(a => a.finished(m)).length)
        expect(formsNext(lab, symmetry, form)).toEqual(formsNext(lab, symmetry, m))
      }),
      { numRuns: 400 },
    )
  })
})
