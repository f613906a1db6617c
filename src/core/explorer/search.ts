import { explore } from './explore.ts'
import { exploreParts } from './explore-parts.ts'
import { successorsOf } from './successors.ts'
import { sweep } from './sweep.ts'
import type { Budget, Progress, Property, TransitionSystem, Verdict } from './system.ts'

/** How a search may save work. The verdict is the same with any of them; each can be left out, to see that it is. */
export interface Method {
  /** Parts of states are numbered, and moves remembered by what they read. Visits the same states. */
  readonly interning: boolean
  /** Of moves that cannot disturb each other, one order stands for all. */
  readonly partialOrder: boolean
  /** Of states that differ in names only, one stands for all. */
  readonly symmetry: boolean
  /** Records that nobody acts on are not kept, when no property that is asked about looks at them. */
  readonly slicing: boolean
}

/** Every state, kept whole: the plainest search there is. */
export const PLAIN: Method = { interning: false, partialOrder: false, symmetry: false, slicing: false }
/** Every state, and as fast as can be. */
export const EVERY_STATE: Method = { interning: true, partialOrder: false, symmetry: false, slicing: false }
/** Whatever saves time: partial order and symmetry only in larger searches, where they pay for themselves. */
export const REDUCED: Method = { interning: true, partialOrder: true, symmetry: true, slicing: true }

/** Searches of up to so many states are done level by level in any case; larger ones go on without an order where that pays. */
const SMALL = 100_000
/** States that a hub must have, on average, for rows of bits to be worth their while. */
const DENSE = 12

/** Searches a system by the given method. Counterexamples are shortest ones, whatever the method. */
export function* search(
  system: TransitionSystem,
  properties: readonly Property[],
  budget: Budget,
  method: Method = EVERY_STATE,
): Generator<Progress, Verdict, void> {
  const { parts } = system
  const { interning, partialOrder, symmetry } = method
  const plainly = () => explore(system, properties, budget, { partialOrder, symmetry })
  if (!interning || parts === undefined) return yield* plainly()
  const records = method.slicing ? system.records?.(properties) : undefined
  const successors = successorsOf(system, parts, properties, records)
  const small = { ...budget, states: Math.min(budget.states, SMALL) }
  const byLevels = yield* exploreParts(system, parts, properties, small, successors)
  if (byLevels.kind !== 'out-of-budget' || budget.states <= SMALL) return byLevels
  const dense = byLevels.states > DENSE * successors.pieces.hubCount && parts.groupOf.some(group => group !== 0)
  if (!dense) return yield* plainly()
  const swept = yield* sweep(system, parts, properties, budget, { symmetry, successors })
  // Only the nearest states first make a shortest run.
  return swept.kind === 'something-found' ? yield* exploreParts(system, parts, properties, budget, successors) : swept
}
