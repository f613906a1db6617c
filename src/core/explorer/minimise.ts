import { known } from '../base/assert.ts'
import type { Move, Property, TransitionSystem } from './system.ts'

/** What came of following moves of which some may no longer be possible. */
export interface Followed {
  /** Those that could be made, as places in the list, up to the one that broke the property. */
  readonly made: readonly number[]
  readonly broken: boolean
}

/** A run from which steps were dropped. */
export interface Shortened {
  readonly run: readonly Move[]
  /** No choice of steps to drop leaves a shorter run. Else only this is known: no single step can be dropped. */
  readonly shortest: boolean
}

/** Moves made between two answers to whoever drives. */
const SLICE = 512

/** Follows moves from the initial state. A move that cannot be made is skipped. Ends where the property is broken. */
export function followLoosely(system: TransitionSystem, property: Property, moves: readonly Move[]): Followed {
  return followFrom(system, property, system.initial, moves, 0)
}

/**
 * Drops steps from a run, which ends where it breaks the property, while what is left still does, as far as it can be followed.
 * The result has no step that could be dropped alone; where `mostMoves` moves suffice to try every choice, no choice leaves
 * fewer. Undefined when the run breaks nothing. Yields between attempts; deterministic.
 */
export function* shorten(
  system: TransitionSystem,
  property: Property,
  run: readonly Move[],
  mostMoves: number,
): Generator<void, Shortened | undefined, void> {
  const { made, broken } = followLoosely(system, property, run)
  if (!broken) return undefined
  const whole = made.map(at => known(run[at], 'move'))
  const dropped = yield* dropSteps(system, property, whole)
  const best = yield* shortestPart(system, property, whole, dropped.length, mostMoves)
  if (best.run === undefined || best.complete) return { run: best.run ?? dropped, shortest: best.complete }
  return { run: yield* dropSteps(system, property, best.run), shortest: false }
}

/** Delta debugging: drops halves, then quarters, down to single steps, until no single step can go. */
function* dropSteps(
  system: TransitionSystem,
  property: Property,
  whole: readonly Move[],
): Generator<void, readonly Move[], void> {
  let run = whole
  for (let size = Math.ceil(run.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let shorter = true; shorter; ) {
      shorter = false
      const state = system.initial.slice()
      for (let at = 0; at < run.length; ) {
        yield
        const rest = run.slice(at + size)
        const { made, broken } = followFrom(system, property, state, rest, at)
        if (broken) {
          run = [...run.slice(0, at), ...made.map(i => known(rest[i - at], 'move'))]
          shorter = true
          continue
        }
        // These stay. Where the next attempt begins is not where this one did, so that every place is tried.
        const kept = known(run[at], 'move')
        system.move(state, kept.actor, kept.way)
        at++
      }
      // Larger pieces are tried once: what they leave, smaller ones find.
      if (size > 1) break
    }
  }
  return run
}

function followFrom(
  system: TransitionSystem,
  property: Property,
  from: Uint32Array,
  moves: readonly Move[],
  offset: number,
): Followed {
  const state = from.slice()
  const made: number[] = []
  if (!property.holds(state)) return { made, broken: true }
  for (const [i, { actor, way }] of moves.entries()) {
    if (way >= system.ways(state, actor)) continue
    system.move(state, actor, way)
    made.push(offset + i)
    if (!property.holds(state)) return { made, broken: true }
  }
  return { made, broken: false }
}

/** A way to make some of the moves: the last one made, and what came before. */
interface Way {
  readonly at: number
  readonly before: Way | undefined
  readonly length: number
}

/**
 * The shortest run that is left when steps are dropped, if it is shorter than `below`. Goes through the run once and keeps,
 * for each state that some choice leads to, the fewest moves to it. Complete when `mostMoves` were enough.
 */
function* shortestPart(
  system: TransitionSystem,
  property: Property,
  run: readonly Move[],
  below: number,
  mostMoves: number,
): Generator<void, { readonly run: readonly Move[] | undefined; readonly complete: boolean }, void> {
  const found = new Map<string, { readonly state: Uint32Array; way: Way | undefined }>()
  found.set(system.initial.join(), { state: system.initial, way: undefined })
  let best: Way | undefined
  let moves = 0
  for (const [at, { actor, way }] of run.entries()) {
    yield
    const next: { readonly key: string; readonly state: Uint32Array; readonly way: Way }[] = []
    for (const here of found.values()) {
      const length = (here.way?.length ?? 0) + 1
      if (length >= (best?.length ?? below) || way >= system.ways(here.state, actor)) continue
      if (++moves > mostMoves) return { run: movesOf(run, best), complete: false }
      if (moves % SLICE === 0) yield
      const state = here.state.slice()
      system.move(state, actor, way)
      const taken = { at, before: here.way, length }
      if (!property.holds(state)) best = taken
      else next.push({ key: state.join(), state, way: taken })
    }
    for (const { key, state, way: taken } of next) {
      const old = found.get(key)
      if (old === undefined) found.set(key, { state, way: taken })
      else if (taken.length < (old.way?.length ?? 0)) old.way = taken
    }
  }
  return { run: movesOf(run, best), complete: true }
}

function movesOf(run: readonly Move[], last: Way | undefined): readonly Move[] | undefined {
  if (last === undefined) return undefined
  const moves: Move[] = []
  for (let way: Way | undefined = last; way !== undefined; way = way.before) moves.push(known(run[way.at], 'move'))
  return moves.reverse()
}
