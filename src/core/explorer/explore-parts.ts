import { known } from '../base/assert.ts'
import { Growing } from './growing.ts'
import { PairSet } from './pair-set.ts'
import type { Pieces } from './pieces.ts'
import { type Successors, successorsOf, WAY_BITS } from './successors.ts'
import type { Budget, Move, Parts, Progress, Property, TransitionSystem, Verdict } from './system.ts'

/** States looked at between two answers to whoever drives the search. */
const SLICE = 8192

/**
 * As `explore`, and with the same answer to the last number: the same states, in the same order. But a state is a pair of
 * numbers here, its hub and its far tuple (pieces.ts), and a move that has been asked of the model once is remembered for all states
 * that agree in what it reads.
 */
export function* exploreParts(
  system: TransitionSystem,
  parts: Parts,
  properties: readonly Property[],
  budget: Budget,
  successors = successorsOf(system, parts, properties),
): Generator<Progress, Verdict, void> {
  const always = properties.filter(p => p.expect === 'always')
  const sometimes = properties.filter(p => p.expect === 'sometimes')
  const { pieces } = successors
  const seen = new PairSet()
  const hubs = new Growing(Uint32Array)
  const fars = new Growing(Uint32Array)
  /** By depth: the first state of it. */
  const levels: number[] = [0]
  let unseen = 2 ** sometimes.length - 1
  let transitions = 0
  let depth = 0
  let levelEnd = 1
  let at = 0

  const bytes = () => successors.bytes + seen.bytes + hubs.bytes + fars.bytes
  const progress = (): Progress => ({
    states: hubs.length,
    transitions,
    depth,
    frontier: hubs.length - at,
    bytes: bytes(),
  })
  /** Adds a state unless it is there, and says which `always` it breaks, or -1. */
  const add = (hub: number, far: number): number => {
    if (!seen.add(hub, far)) return -1
    hubs.push(hub)
    fars.push(far)
    if (unseen !== 0) unseen &= ~successors.shown(hub, far)
    return successors.broken(hub, far)
  }
  const runTo = (state: number) => shortestRun(successors, hubs, fars, [...levels, levelEnd], state)
  const violated = (property: number, run: readonly Move[]): Verdict => ({
    ...progress(),
    kind: 'violated',
    property: known(always[property], 'property'),
    run,
  })

  const first = successors.first()
  const atOnce = add(first.hub, first.far)
  if (atOnce >= 0) return violated(atOnce, [])

  for (; at < hubs.length; at++) {
    if (at === levelEnd) {
      depth++
      levels.push(at)
      levelEnd = hubs.length
      yield progress()
    } else if (at % SLICE === 0 && at > 0) yield progress()
    const hub = hubs.at(at)
    const far = fars.at(at)
    const moves = successors.of(hub, far)
    for (let i = 0; i < moves; i++) {
      transitions++
      const broken = add(successors.hub.at(i), successors.far.at(i))
      if (broken >= 0) return violated(broken, runTo(hubs.length - 1))
      if (hubs.length >= budget.states) return { ...progress(), kind: 'out-of-budget' }
    }
    if (moves === 0 && !everybodyDone(system, pieces, hub, far))
      return { ...progress(), kind: 'deadlock', run: runTo(at) }
    if (at % 256 === 0 && bytes() > budget.bytes) return { ...progress(), kind: 'out-of-budget' }
  }
  const never = sometimes.find((_, i) => (unseen & (1 << i)) !== 0)
  return never === undefined ? { ...progress(), kind: 'holds' } : { ...progress(), kind: 'never-seen', property: never }
}

function everybodyDone(system: TransitionSystem, pieces: Pieces, hub: number, far: number): boolean {
  const state = new Uint32Array(system.words)
  pieces.assemble(hub, far, state)
  for (let actor = 0; actor < system.actors; actor++) if (!system.done(state, actor)) return false
  return true
}

type Column = Growing<Uint32Array<ArrayBuffer>>

/** The moves by which a state was first reached: level by level back, by the first state of the level before that leads to it. */
function shortestRun(
  successors: Successors,
  hubs: Column,
  fars: Column,
  levels: readonly number[],
  state: number,
): Move[] {
  const run: Move[] = []
  let target = state
  for (let level = levels.findLastIndex(first => first <= state); level > 0; level--) {
    const hub = hubs.at(target)
    const far = fars.at(target)
    let by = -1
    for (let from = levels[level - 1] as number; by < 0; from++) {
      const moves = successors.of(hubs.at(from), fars.at(from))
      for (let i = 0; i < moves && by < 0; i++) {
        if (successors.hub.at(i) !== hub || successors.far.at(i) !== far) continue
        by = successors.move.at(i)
        target = from
      }
    }
    run.push({ actor: by >>> WAY_BITS, way: by & (2 ** WAY_BITS - 1) })
  }
  return run.reverse()
}
