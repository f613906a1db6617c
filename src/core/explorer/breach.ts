import { explore } from './explore.ts'
import type { Budget, Move, Progress, Property, TransitionSystem } from './system.ts'

/** Whether some run breaks a property, and a shortest one that does. */
export type Breach =
  | { readonly kind: 'broken'; readonly property: Property; readonly run: readonly Move[]; readonly states: number }
  /** No run does: all `states` were looked at. */
  | { readonly kind: 'holds'; readonly states: number }
  /** The budget ended before the search did. */
  | { readonly kind: 'undecided'; readonly states: number }

/** Looks for a breach and nothing else: a state in which everybody is stuck does not end the search. */
export function* breachOf(
  { words, initial, actors, ways, move }: TransitionSystem,
  properties: readonly Property[],
  budget: Budget,
): Generator<Progress, Breach, void> {
  const verdict = yield* explore({ words, initial, actors, ways, move, done: () => true }, properties, budget)
  const { states } = verdict
  switch (verdict.kind) {
    case 'violated':
      return { kind: 'broken', property: verdict.property, run: verdict.run, states }
    case 'out-of-budget':
      return { kind: 'undecided', states }
    default:
      return { kind: 'holds', states }
  }
}
