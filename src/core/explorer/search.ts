import { anew, explore } from './explore.ts'
import { exploreParts } from './explore-parts.ts'
import { type Successors, successorsOf } from './successors.ts'
import { sweep } from './sweep.ts'
import type { Budget, Parts, Progress, Property, TransitionSystem, Verdict } from './system.ts'

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
  /** Actors whose work repeats go round without end first: if nothing is found so, nothing can be found. */
  readonly rounds: boolean
}

/** Every state, kept whole: the plainest search there is. */
export const PLAIN: Method = {
  interning: false,
  partialOrder: false,
  symmetry: false,
  slicing: false,
  rounds: false,
}
/** Every state, and as fast as can be. */
export const EVERY_STATE: Method = { ...PLAIN, interning: true }
/** Whatever saves time: partial order and symmetry only in larger searches, where they pay for themselves. */
export const REDUCED: Method = { interning: true, partialOrder: true, symmetry: true, slicing: true, rounds: true }

/**
 * Searches of up to so many states are done level by level in any case. Larger ones go on without an order as soon as it is seen that
 * this pays; from the last on with what the plain search can save.
 */
const STAGES = [20_000, 100_000] as const
/** Where work repeats so many are looked at first: most harm is near. Then work goes round. */
const NEAR = 5_000
/** States that a hub must have, on average, for rows of bits to be worth their while. */
const DENSE = 12

type Search<Answer> = Generator<Progress, Answer, void>

/** Searches a system by the given method. Counterexamples are shortest ones, whatever the method. */
export function* search(
  system: TransitionSystem,
  properties: readonly Property[],
  budget: Budget,
  method: Method = EVERY_STATE,
): Search<Verdict> {
  const { parts, rounds } = system
  if (!method.interning || parts === undefined) return yield* explore(system, properties, budget, method)
  const known = successorsOf(system, parts, properties, method.slicing ? system.records?.(properties) : undefined)
  if (!method.rounds || rounds === undefined) return yield* staged(system, parts, known, properties, budget, method)

  const near = { ...budget, states: Math.min(budget.states, NEAR) }
  const first = yield* exploreParts(system, parts, properties, near, known)
  if (first.kind !== 'out-of-budget' || budget.states <= near.states) return first
  const endless = yield* anew(search(rounds(), properties, budget, { ...method, rounds: false }))
  if (endless.kind === 'holds') return { ...endless, endless: true }
  if (endless.kind === 'never-seen') return endless
  return yield* anew(staged(system, parts, known, properties, budget, method))
}

/** Level by level, until it is seen what pays. */
function* staged(
  system: TransitionSystem,
  parts: Parts,
  known: Successors,
  properties: readonly Property[],
  budget: Budget,
  method: Method,
): Search<Verdict> {
  const mayBeDense = parts.groupOf.some(group => group !== 0)
  const byLevels = exploreParts(system, parts, properties, budget, known)
  for (const stage of STAGES) {
    const verdict = yield* upTo(stage, byLevels)
    if (verdict !== undefined) return verdict
    if (!mayBeDense || stage <= DENSE * known.pieces.hubCount) continue
    const swept = yield* sweep(system, parts, properties, budget, { symmetry: method.symmetry, successors: known })
    // Only the nearest states first make a shortest run.
    return swept.kind === 'something-found' ? yield* byLevels : swept
  }
  return yield* anew(explore(system, properties, budget, method))
}

/** Goes on with a search until so many states are found: its verdict, or nothing yet. */
function* upTo(states: number, search: Search<Verdict>): Search<Verdict | undefined> {
  for (;;) {
    const step = search.next()
    if (step.done === true) return step.value
    yield step.value
    if (step.value.states >= states) return undefined
  }
}
