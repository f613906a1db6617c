import { known } from '../base/assert.ts'
import { type Breach, breachOf } from './breach.ts'
import type { Budget, Move, Progress, Property, TransitionSystem } from './system.ts'

/** Names what an actor would do. Two of its moves with the same name are the same to whoever asks. */
export type NameMove = (state: Uint32Array, actor: number, way: number) => string

/** A later step of a run from which one was left out. */
export interface LaterStep {
  /** Its place in the whole run. */
  readonly step: number
  /** `blocked`: the actor cannot move. `otherwise`: it can, and would do something else than in the whole run. */
  readonly came: 'made' | 'blocked' | 'otherwise'
}

export interface LeftOut {
  /** Every move that was made, those before the step included. */
  readonly made: readonly Move[]
  readonly later: readonly LaterStep[]
  readonly broken: boolean
}

/**
 * A run without one of its steps: those before it, then each later one that its actor can still make, as the same move by name.
 * `skipped` hears of the others, in the state in which they could not be made.
 */
export function leaveOut(
  system: TransitionSystem,
  property: Property,
  run: readonly Move[],
  step: number,
  nameOf: NameMove,
  skipped: (state: Uint32Array, move: Move) => void = () => {},
): LeftOut {
  const names = moveNames(system, run, nameOf)
  const state = system.initial.slice()
  const made: Move[] = []
  const later: LaterStep[] = []
  let broken = !property.holds(state)
  for (const [at, move] of run.entries()) {
    if (broken) break
    if (at === step) continue
    const { actor, way } = move
    const blocked = way >= system.ways(state, actor)
    const came = blocked ? 'blocked' : nameOf(state, actor, way) === names[at] ? 'made' : 'otherwise'
    if (at > step) later.push({ step: at, came })
    if (came !== 'made') {
      skipped(state, move)
      continue
    }
    system.move(state, actor, way)
    made.push(move)
    broken = !property.holds(state)
  }
  return { made, later, broken }
}

/** How often the actor of a step has made that move when the step is done: 1 when it is the first time. */
export function timesUpTo(system: TransitionSystem, run: readonly Move[], step: number, nameOf: NameMove): number {
  const names = moveNames(system, run, nameOf)
  const { actor } = known(run[step], 'step')
  return run.filter((move, at) => at <= step && move.actor === actor && names[at] === names[step]).length
}

/** What each step of a run does, by name. */
export function moveNames(system: TransitionSystem, run: readonly Move[], nameOf: NameMove): string[] {
  const state = system.initial.slice()
  return run.map(({ actor, way }) => {
    const name = nameOf(state, actor, way)
    system.move(state, actor, way)
    return name
  })
}

export interface Limited {
  readonly actor: number
  readonly name: string
  /** How often the actor may make the move of this name. */
  readonly most: number
}

/**
 * Whether the property can be broken while an actor makes some move at most so many times. When it holds, every run that breaks
 * it makes that move more often.
 */
export function* needOf(
  system: TransitionSystem,
  property: Property,
  limited: Limited,
  nameOf: NameMove,
  budget: Budget,
): Generator<Progress, Breach, void> {
  const { words } = system
  const within: Property = { ...property, holds: state => property.holds(state.subarray(0, words)) }
  return yield* breachOf(atMost(system, limited, nameOf), [within], budget)
}

/**
 * The system with one word more a state, which counts the moves in question. One too many changes nothing, so that it leads
 * nowhere new and the other moves keep their numbers.
 */
function atMost(system: TransitionSystem, { actor: who, name, most }: Limited, nameOf: NameMove): TransitionSystem {
  const { words } = system
  const initial = new Uint32Array(words + 1)
  initial.set(system.initial)
  return {
    words: words + 1,
    initial,
    actors: system.actors,
    ways: (state, actor) => system.ways(state.subarray(0, words), actor),
    move: (state, actor, way) => {
      const inner = state.subarray(0, words)
      if (actor === who && nameOf(inner, actor, way) === name) {
        const times = state[words] as number
        if (times === most) return
        state[words] = times + 1
      }
      system.move(inner, actor, way)
    },
    done: () => true,
  }
}
