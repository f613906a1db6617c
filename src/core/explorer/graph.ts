import { assert } from '../base/assert.ts'
import { Growing } from './growing.ts'
import { StateStore } from './state-store.ts'
import type { Budget, Progress, TransitionSystem } from './system.ts'

/** Every state of a system and every move between them. States are numbered as they were found, nearest first; 0 is the initial one. */
export interface Graph {
  readonly system: TransitionSystem
  readonly states: number
  readonly edges: number
  /** Moves out of state n are those numbered from firstEdge[n] up to firstEdge[n + 1]. */
  readonly firstEdge: Uint32Array
  /** By move: the state it leads to, who moved, and in which of its ways. */
  readonly to: Uint32Array
  readonly actor: Uint8Array
  readonly way: Uint8Array
  /** By state: moves of a shortest run to it. */
  readonly depth: Uint32Array
  /** By state: the move by which it was first reached; of state 0, none. */
  readonly parentEdge: Uint32Array
  /** By state: the state it was first reached from. */
  readonly parent: Uint32Array
  /** Copies a state out. */
  readonly load: (state: number, into: Uint32Array) => void
}

/** States looked at between two answers to whoever drives. */
const SLICE = 1024
const MOST_ACTORS = 256

/**
 * The whole reachable graph, breadth first, or undefined when it is larger than the budget. Nothing is judged here, and nothing
 * left out: no reduction.
 */
export function* graphOf(system: TransitionSystem, budget: Budget): Generator<Progress, Graph | undefined, void> {
  assert(system.actors <= MOST_ACTORS, 'too many actors')
  const store = new StateStore(system.words)
  const firstEdge = new Growing(Uint32Array)
  const to = new Growing(Uint32Array)
  const actors = new Growing(Uint8Array)
  const ways = new Growing(Uint8Array)
  const depth = new Growing(Uint32Array)
  const parentEdge = new Growing(Uint32Array)
  const parent = new Growing(Uint32Array)
  const current = new Uint32Array(system.words)
  const next = new Uint32Array(system.words)

  store.add(system.initial, 0, 0)
  for (const column of [depth, parentEdge, parent]) column.push(0)
  for (let at = 0; at < store.size; at++) {
    if (at % SLICE === 0) {
      const bytes = store.bytes + 8 * to.length + 20 * store.size
      if (store.size > budget.states || bytes > budget.bytes) return undefined
      yield { states: store.size, transitions: to.length, depth: depth.at(at), frontier: store.size - at, bytes }
    }
    firstEdge.push(to.length)
    store.load(at, current)
    for (let actor = 0; actor < system.actors; actor++) {
      const choices = system.ways(current, actor)
      for (let way = 0; way < choices; way++) {
        next.set(current)
        system.move(next, actor, way)
        const found = store.find(next)
        if (found < 0) {
          store.add(next, at, 0)
          depth.push(depth.at(at) + 1)
          parentEdge.push(to.length)
          parent.push(at)
        }
        to.push(found < 0 ? store.size - 1 : found)
        actors.push(actor)
        ways.push(way)
      }
    }
  }
  firstEdge.push(to.length)
  return {
    system,
    states: store.size,
    edges: to.length,
    firstEdge: firstEdge.whole(),
    to: to.whole(),
    actor: actors.whole(),
    way: ways.whole(),
    depth: depth.whole(),
    parentEdge: parentEdge.whole(),
    parent: parent.whole(),
    load: (state, into) => store.load(state, into),
  }
}

/** A shortest run to a state: the moves, first one first, as numbers of edges. */
export function edgesTo(graph: Graph, state: number): number[] {
  const edges: number[] = []
  for (let s = state; s !== 0; s = graph.parent[s] as number) edges.push(graph.parentEdge[s] as number)
  return edges.reverse()
}
