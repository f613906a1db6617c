import { assert } from '../base/assert.ts'
import { StateStore } from './state-store.ts'
import type { Budget, Move, Progress, Property, TransitionSystem, Verdict } from './system.ts'

/** States looked at between two answers to whoever drives the search. */
const SLICE = 2048
/** A move packs into one word of the arena. */
const WAY_BITS = 16

/**
 * Looks at every state that can be reached, nearest first, so that the first counterexample is a shortest one. Yields now and
 * then; whoever drives it decides when to pause, report or give up. Stops at the first `always` broken.
 *
 * Deadlock is looked for unless something else was found first. Nothing is allocated per state.
 */
export function* explore(
  system: TransitionSystem,
  properties: readonly Property[],
  budget: Budget,
): Generator<Progress, Verdict, void> {
  assert(system.actors < 2 ** (32 - WAY_BITS), 'too many actors')
  const store = new StateStore(system.words)
  const current = new Uint32Array(system.words)
  const next = new Uint32Array(system.words)
  const always = properties.filter(p => p.expect === 'always')
  let unseen = properties.filter(p => p.expect === 'sometimes')
  let transitions = 0
  let depth = 0
  let levelEnd = 1
  let at = 0

  const progress = (): Progress => ({
    states: store.size,
    transitions,
    depth,
    frontier: store.size - at,
    bytes: store.bytes,
  })
  /** What this state, which has just been added, breaks; what it shows is no longer looked for. */
  const broken = (state: Uint32Array): Property | undefined => {
    if (unseen.some(p => p.holds(state))) unseen = unseen.filter(p => !p.holds(state))
    return always.find(p => !p.holds(state))
  }

  store.add(system.initial, 0, 0)
  const atOnce = broken(system.initial)
  if (atOnce !== undefined) return { ...progress(), kind: 'violated', property: atOnce, run: [] }

  for (; at < store.size; at++) {
    if (at === levelEnd) {
      depth++
      levelEnd = store.size
      // A whole level is known: its frontier is its width.
      yield progress()
    } else if (at % SLICE === 0 && at > 0) yield progress()
    store.load(at, current)
    let moved = false
    for (let actor = 0; actor < system.actors; actor++) {
      const ways = system.ways(current, actor)
      for (let way = 0; way < ways; way++) {
        moved = true
        transitions++
        next.set(current)
        system.move(next, actor, way)
        if (!store.add(next, at, (actor << WAY_BITS) | way)) continue
        const found = broken(next)
        if (found !== undefined)
          return { ...progress(), kind: 'violated', property: found, run: runTo(store, store.size - 1) }
        if (store.size >= budget.states || store.bytes > budget.bytes) return { ...progress(), kind: 'out-of-budget' }
      }
    }
    if (!moved && !everybodyDone(system, current)) return { ...progress(), kind: 'deadlock', run: runTo(store, at) }
  }
  const never = unseen[0]
  return never === undefined ? { ...progress(), kind: 'holds' } : { ...progress(), kind: 'never-seen', property: never }
}

/** Drives a search to its end in one go. */
export function runToEnd(search: Generator<Progress, Verdict, void>): Verdict {
  for (;;) {
    const step = search.next()
    if (step.done === true) return step.value
  }
}

function everybodyDone(system: TransitionSystem, state: Uint32Array): boolean {
  for (let actor = 0; actor < system.actors; actor++) if (!system.done(state, actor)) return false
  return true
}

/** The moves by which the state was first reached. */
function runTo(store: StateStore, state: number): Move[] {
  const run: Move[] = []
  for (let s = state; s !== 0; s = store.parentOf(s)) {
    const move = store.moveInto(s)
    run.push({ actor: move >>> WAY_BITS, way: move & (2 ** WAY_BITS - 1) })
  }
  return run.reverse()
}
