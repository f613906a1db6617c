import fc from 'fast-check'
import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import type { SwitchId } from '../policy/policy.ts'
import { SWITCH_IDS, switchValues } from '../policy/switches.ts'
import { ARCHS, DRIVER_KINDS, KERNEL_IDS, type SwitchValue } from '../runs/settings.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Choice } from '../threads/choice.ts'
import { type Chosen, labOf } from './labs.ts'
import { EVERY_SCENARIO } from './paths.ts'

/** Where a walk takes place, as a failing test prints it. */
export interface Place {
  readonly scenario: string
  readonly chosen: Chosen
}

/** Any scenario on any kernel with any driver, on either architecture, with up to three switches flipped. */
export const anyPlace: fc.Arbitrary<Place> = fc
  .record({
    scenario: fc.constantFrom(...EVERY_SCENARIO.map(s => s.id)),
    kernel: fc.constantFrom(...KERNEL_IDS),
    driver: fc.constantFrom(...DRIVER_KINDS),
    arch: fc.constantFrom(...ARCHS),
    flipped: fc.uniqueArray(fc.constantFrom(...SWITCH_IDS), { maxLength: 3 }),
    value: fc.nat({ max: 2 }),
  })
  .map(({ scenario, flipped, value, ...chosen }) => ({
    scenario,
    chosen: { ...chosen, switches: Object.fromEntries(flipped.map(id => [id, nthValue(id, value)])) },
  }))

const nthValue = (id: SwitchId, n: number): SwitchValue => known(switchValues(id)[n % switchValues(id).length], id)

export const labAt = ({ scenario, chosen }: Place): Lab =>
  labOf(
    known(
      EVERY_SCENARIO.find(s => s.id === scenario),
      scenario,
    ),
    chosen,
  )

/** Which of the moves that can be made, again and again: any list of numbers is a schedule. */
export const anyPicks = fc.array(fc.nat({ max: 2 ** 20 }), { minLength: 1, maxLength: 160, size: 'max' })

/** Every move that can be made. */
export const movesIn = (lab: Lab, m: Machine): Choice[] =>
  lab.actors.flatMap(actor =>
    Array.from({ length: actor.ready(m) }, (_, alternative) => ({ actor: actor.id, alternative })),
  )

/** The move that a pick stands for, or undefined when there is none to make. */
export function picked(lab: Lab, m: Machine, pick: number): Choice | undefined {
  const moves = movesIn(lab, m)
  return moves[pick % Math.max(1, moves.length)]
}
