import { assert } from '../base/assert.ts'
import { StateStore } from './state-store.ts'
import type { Budget, Move, Progress, Property, TransitionSystem, Verdict } from './system.ts'

/** States looked at between two answers to whoever drives the search. */
const SLICE = 2048

/** A move packs into one word of the arena. */
const WAY_BITS = 16

/** What may be saved, where the system offers it. Neither changes the verdict. */
export interface Reductions {
  /** Of moves that cannot get in each other's way, one order stands for all: `ample`. */
  readonly partialOrder?: boolean
  /** Of states that differ in names only, one stands for all: `canonical`. */
  readonly symmetry?: boolean
}

type Search<Answer> = Generator<Progress, Answer, void>

/**
 * Looks at every state that can be reached, nearest first, so that the first counterexample is a shortest one. Yields now and
 * then; whoever drives it decides when to pause, report or give up. Stops at the first `always` broken.
 *
 * Deadlock is looked for unless something else was found first. Nothing is allocated per state.
 *
 * With `partialOrder` the run to what is found need not be a shortest, and the premise of that reduction may turn out not to hold.
 * In both cases a second search follows without it, and the answer is that one's. Should it stop at its limit while the first had
 * found a run, that run is given, marked as not being a shortest.
 */
export function* explore(
  system: TransitionSystem,
  properties: readonly Property[],
  budget: Budget,
  { partialOrder = false, symmetry = false }: Reductions = {},
): Search<Verdict> {
  const { ample, premise, canonical, ...bare } = system
  const named = symmetry && canonical !== undefined ? { ...bare, canonical } : bare
  if (!partialOrder || ample === undefined || properties.some(p => p.passing))
    return yield* searchOnce(named, properties, budget)
  const premised = { id: '', sentence: '', expect: 'always', holds: premise ?? (() => true) } as const
  const first = yield* searchOnce({ ...named, ample }, [...properties, premised], budget)
  if (first.kind !== 'violated' && first.kind !== 'deadlock') return first
  const second = yield* anew(searchOnce(named, properties, budget))
  const found = first.kind === 'deadlock' || first.property !== premised
  return found && second.kind === 'out-of-budget' ? { ...first, shortest: false } : second
}

/** A search after another one: says with the first that is heard of it that what was said before counts no more. */
export function* anew(search: Search<Verdict>): Search<Verdict> {
  const first = search.next()
  if (first.done === true) return first.value
  yield { ...first.value, anew: true }
  return yield* search
}

/** Uses `ample` and `canonical` where the system has them. */
function* searchOnce(system: TransitionSystem, properties: readonly Property[], budget: Budget): Search<Verdict> {
  assert(system.actors < 2 ** (32 - WAY_BITS), 'too many actors')
  const { ample, canonical } = system
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

  next.set(system.initial)
  canonical?.(next)
  store.add(next, 0, 0)
  const atOnce = broken(next)
  if (atOnce !== undefined) return { ...progress(), kind: 'violated', property: atOnce, run: [] }

  for (; at < store.size; at++) {
    if (at === levelEnd) {
      depth++
      levelEnd = store.size
      // A whole level is known: its frontier is its width.
      yield progress()
    } else if (at % SLICE === 0 && at > 0) yield progress()
    store.load(at, current)
    const alone = ample === undefined ? -1 : ample(current)
    const end = alone < 0 ? system.actors : alone + 1
    let moved = false
    for (let actor = Math.max(0, alone); actor < end; actor++) {
      const ways = system.ways(current, actor)
      for (let way = 0; way < ways; way++) {
        moved = true
        transitions++
        next.set(current)
        system.move(next, actor, way)
        canonical?.(next)
        if (!store.add(next, at, (actor << WAY_BITS) | way)) continue
        const found = broken(next)
        if (found !== undefined)
          return { ...progress(), kind: 'violated', property: found, run: runTo(system, store, store.size - 1) }
        if (store.size >= budget.states || store.bytes > budget.bytes) return { ...progress(), kind: 'out-of-budget' }
      }
    }
    if (!moved && !everybodyDone(system, current))
      return { ...progress(), kind: 'deadlock', run: runTo(system, store, at) }
  }
  const never = unseen[0]
  return never === undefined ? { ...progress(), kind: 'holds' } : { ...progress(), kind: 'never-seen', property: never }
}

/** Drives a search to its end in one go. */
export function runToEnd(search: Search<Verdict>): Verdict {
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
function runTo(system: TransitionSystem, store: StateStore, state: number): Move[] {
  const path: number[] = []
  for (let s = state; s !== 0; s = store.parentOf(s)) path.push(s)
  path.reverse()
  const { canonical } = system
  if (canonical !== undefined) return realRun(system, canonical, store, path)
  return path.map(s => ({ actor: store.moveInto(s) >>> WAY_BITS, way: store.moveInto(s) & (2 ** WAY_BITS - 1) }))
}

/** Moves from the initial state itself that pass, but for names, through these states. */
function realRun(
  system: TransitionSystem,
  canonical: (state: Uint32Array) => void,
  store: StateStore,
  path: readonly number[],
): Move[] {
  const state = system.initial.slice()
  const next = new Uint32Array(system.words)
  const named = new Uint32Array(system.words)
  return path.map(to => {
    for (let actor = 0; actor < system.actors; actor++) {
      for (let way = 0; way < system.ways(state, actor); way++) {
        next.set(state)
        system.move(next, actor, way)
        named.set(next)
        canonical(named)
        if (store.find(named) !== to) continue
        state.set(next)
        return { actor, way }
      }
    }
    throw new Error('a state that stands for another has other moves')
  })
}
