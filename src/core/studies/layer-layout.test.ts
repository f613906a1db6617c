import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Graph, graphOf } from '../explorer/graph.ts'
import { systemOf } from '../scenarios/exploration.ts'
import { labOf } from '../testing/labs.ts'
import { layersOf } from './layer-layout.ts'

function ends<T>(steps: Generator<unknown, T, void>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** A graph from moves between numbered states, found breadth first as the explorer would. */
function graphFrom(moves: readonly (readonly [number, number])[]): Graph {
  const graph = ends(
    graphOf(
      {
        words: 1,
        initial: new Uint32Array(1),
        actors: 1,
        ways: s => moves.filter(([from]) => from === s[0]).length,
        move: (s, _, way) => {
          s[0] = moves.filter(([from]) => from === s[0])[way]?.[1] ?? 0
        },
        done: () => true,
      },
      { states: 10_000, bytes: 2 ** 30 },
    ),
  )
  if (graph === undefined) throw new Error('too large')
  return graph
}

const someGraph = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 24 }), fc.integer({ min: 0, max: 24 })), { maxLength: 90, size: 'max' })
  .map(graphFrom)

/** Pairs of moves between neighbouring layers that cross, looked for one by one. */
function crossings({ states, firstEdge, to, depth }: Graph, place: (state: number) => number): number {
  const layers = new Map<number, (readonly [number, number])[]>()
  for (let from = 0; from < states; from++) {
    for (const target of to.slice(firstEdge[from], firstEdge[from + 1])) {
      const on = (depth[target] as number) - (depth[from] as number)
      if (Math.abs(on) !== 1) continue
      const [upper, lower] = on === 1 ? [from, target] : [target, from]
      const layer = depth[upper] as number
      layers.set(layer, [...(layers.get(layer) ?? []), [place(upper), place(lower)]])
    }
  }
  let crossing = 0
  for (const lines of layers.values()) {
    for (const [i, [u1, l1]] of lines.entries()) {
      for (const [u2, l2] of lines.slice(0, i)) if ((u1 - u2) * (l1 - l2) < 0) crossing++
    }
  }
  return crossing
}

it('never has more crossings than states in the order in which they were found, and counts them rightly', () => {
  fc.assert(
    fc.property(someGraph, graph => {
      const { across, crossings: counted } = ends(layersOf(graph))
      expect(crossings(graph, s => across[s] as number)).toBe(counted)
      expect(counted).toBeLessThanOrEqual(crossings(graph, s => s))
    }),
    { numRuns: 150 },
  )
})

it('keeps two states of one layer at least 1 apart', () => {
  fc.assert(
    fc.property(someGraph, graph => {
      const { across } = ends(layersOf(graph))
      const layers = new Map<number, number[]>()
      for (const [state, y] of across.entries()) {
        const depth = graph.depth[state] as number
        layers.set(depth, [...(layers.get(depth) ?? []), y])
      }
      for (const ys of layers.values()) {
        const sorted = ys.sort((a, b) => a - b)
        for (let i = 1; i < sorted.length; i++)
          expect((sorted[i] as number) - (sorted[i - 1] as number)).toBeGreaterThan(0.999)
      }
    }),
    { numRuns: 150 },
  )
})

it('draws a chain as a line, and a fork around its stem', () => {
  const chain = ends(
    layersOf(
      graphFrom([
        [0, 1],
        [1, 2],
        [2, 3],
      ]),
    ),
  )
  expect(new Set(chain.across).size).toBe(1)
  const fork = ends(
    layersOf(
      graphFrom([
        [0, 1],
        [0, 2],
      ]),
    ),
  ).across
  expect(((fork[1] as number) + (fork[2] as number)) / 2).toBeCloseTo(fork[0] as number)
})

it('takes most tangles out of a shipped scenario, the same way each time', () => {
  const graph = ends(
    graphOf(systemOf(labOf('munmap-page-table', { kernel: '3.18', driver: 'naive' })), {
      states: 5_000,
      bytes: 2 ** 30,
    }),
  ) as Graph
  const layering = ends(layersOf(graph))
  expect(layering.crossings).toBeLessThan(crossings(graph, s => s) / 3)
  expect(ends(layersOf(graph))).toEqual(layering)
})
