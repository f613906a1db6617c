import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rows } from './components.ts'
import { componentsOf } from './components.ts'
import { type Flow, flowOf } from './flow.ts'

/** `['0 1', '1 2']`: a move from 0 to 1, and one from 1 to 2. */
function rows(states: number, moves: readonly (readonly [number, number])[]): Rows {
  const sorted = [...moves].sort(([a], [b]) => a - b)
  const firstEdge = Uint32Array.from({ length: states + 1 }, (_, s) => sorted.filter(([from]) => from < s).length)
  return { states, firstEdge, to: Uint32Array.from(sorted, ([, to]) => to) }
}
const drive = <T>(steps: Generator<unknown, T, void>): T => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
const weigh = (graph: Rows): Flow => drive(flowOf(graph))
const movesOf = ({ firstEdge }: Rows, s: number): number[] =>
  Array.from({ length: (firstEdge[s + 1] ?? 0) - (firstEdge[s] ?? 0) }, (_, i) => (firstEdge[s] ?? 0) + i)

describe('runs, each counted once', () => {
  it('a run more through one branch makes that branch likelier', () => {
    //      1 ── 3        0-1-3, 0-2-4, 0-2-5: one run in three goes by way of 1
    //  0 <     4
    //      2 <
    //          5
    const flow = weigh(rows(6, [[0, 1], [0, 2], [1, 3], [2, 4], [2, 5]])) // biome-ignore format: one line is a picture
    expect(flow.weighing).toBe('runs')
    expect(2 ** (flow.runsLog2 as number)).toBeCloseTo(3)
    expect([...flow.visits].map(v => v * 3)).toEqual([3, 1, 2, 1, 1, 1].map(n => expect.closeTo(n)))
  })

  it('counts more runs than a number can hold', () => {
    // Two moves from each state to the next: 2^3000 runs.
    const moves = Array.from({ length: 3000 }, (_, i) => [[i, i + 1], [i, i + 1]] as [number, number][]).flat() // biome-ignore format: short
    const flow = weigh(rows(3001, moves))
    expect(flow.runsLog2).toBeCloseTo(3000)
    expect(flow.visits[3000]).toBeCloseTo(1)
  })

  it('finds what following every path finds, in any graph without circles', () => {
    fc.assert(
      fc.property(acyclic, graph => {
        const flow = weigh(graph)
        const { runs, visits, moves } = everyPath(graph)
        expect(2 ** (flow.runsLog2 as number)).toBeCloseTo(runs, 6)
        expect([...flow.visits]).toEqual(visits.map(n => expect.closeTo(n / runs, 9)))
        const weights = moves.map((_, e) => (flow.visits[sourceOf(graph, e)] ?? 0) * (flow.chance[e] ?? 0))
        expect(weights).toEqual(moves.map(n => expect.closeTo(n / runs, 9)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('where something can go on for ever', () => {
  it('every move is as likely as the others, and going round twice is less likely than once', () => {
    // 0 goes on, or tries again: on average once more.
    const flow = weigh(rows(2, [[0, 0], [0, 1]])) // biome-ignore format: short
    expect(flow).toMatchObject({ weighing: 'even', runsLog2: null, circles: [] })
    expect([...flow.visits]).toEqual([expect.closeTo(2), expect.closeTo(1)])
  })

  it('a circle that nobody leaves is an end like any other', () => {
    const flow = weigh(rows(4, [[0, 1], [0, 2], [2, 3], [3, 2]])) // biome-ignore format: short
    expect(flow.circles.map(c => [...c].sort())).toEqual([[2, 3]])
    expect(flow.visits[1]).toBeCloseTo(0.5)
    expect((flow.visits[2] ?? 0) + (flow.visits[3] ?? 0)).toBeCloseTo(0.5)
  })

  it('says what happens in the long run, step by step, in any graph', () => {
    fc.assert(
      fc.property(anyGraph, graph => {
        const flow = weigh(graph)
        fc.pre(flow.weighing === 'even')
        const ends = Array.from({ length: graph.states }, (_, s) => s).filter(s => movesOf(graph, s).length === 0)
        const { ended, going } = inTheLongRun(graph, ends)
        expect(ends.map(s => flow.visits[s])).toEqual(ended.map(p => expect.closeTo(p, 6)))
        const caught = flow.circles.flat().reduce((sum, s) => sum + (flow.visits[s] ?? 0), 0)
        expect(caught).toBeCloseTo(going, 6)
      }),
      { numRuns: 300 },
    )
  })
})

it('components: equal for two states exactly when each leads to the other, and numbered against the moves', () => {
  fc.assert(
    fc.property(anyGraph, graph => {
      const { of, order, first, count, cyclic } = drive(componentsOf(graph))
      const reach = Array.from({ length: graph.states }, (_, s) => reachedFrom(graph, s))
      const states = reach.map((_, s) => s)
      for (const a of states) {
        for (const b of states) expect(of[a] === of[b]).toBe(a === b || (reach[a]?.has(b) && reach[b]?.has(a)))
        for (const e of movesOf(graph, a)) expect(of[graph.to[e] ?? 0]).toBeLessThanOrEqual(of[a] ?? 0)
      }
      expect([...order].sort((a, b) => a - b)).toEqual(states)
      for (let c = 0; c < count; c++) for (const s of order.subarray(first[c], first[c + 1])) expect(of[s]).toBe(c)
      expect(cyclic).toBe(states.some(s => reach[s]?.has(s)))
    }),
    { numRuns: 200 },
  )
})

const SIZE = 8
const move = fc.tuple(fc.nat({ max: SIZE - 1 }), fc.nat({ max: SIZE - 1 }))
/** Some moves come twice: that is two ways of one actor. */
const anyGraph = fc.array(move, { maxLength: 14 }).map(moves => rows(SIZE, moves))
const acyclic = fc
  .array(
    move.filter(([a, b]) => a < b),
    { maxLength: 16 },
  )
  .map(moves => rows(SIZE, moves))

const sourceOf = ({ firstEdge }: Rows, e: number): number => firstEdge.findLastIndex(first => first <= e)

/** Follows every path from state 0, one after the other: how many there are, and how often they come by each state and move. */
function everyPath(graph: Rows) {
  const visits = Array<number>(graph.states).fill(0)
  const moves = Array<number>(graph.to.length).fill(0)
  let runs = 0
  const follow = (s: number, states: readonly number[], taken: readonly number[]): void => {
    const next = movesOf(graph, s)
    for (const e of next) follow(graph.to[e] ?? 0, [...states, graph.to[e] ?? 0], [...taken, e])
    if (next.length > 0) return
    runs++
    for (const state of states) visits[state] = (visits[state] ?? 0) + 1
    for (const e of taken) moves[e] = (moves[e] ?? 0) + 1
  }
  follow(0, [0], [])
  return { runs, visits, moves }
}

/** Where runs are after a million moves, by squaring the table of one move twenty times: by then what can end has ended. */
function inTheLongRun(graph: Rows, ends: readonly number[]) {
  const states = Array.from({ length: graph.states }, (_, s) => s)
  let table = states.map(s => {
    const moves = movesOf(graph, s)
    return states.map(t =>
      moves.length === 0 ? Number(s === t) : moves.filter(e => graph.to[e] === t).length / moves.length,
    )
  })
  for (let i = 0; i < 20; i++) {
    const once = table
    table = once.map(row => states.map(t => row.reduce((sum, p, s) => sum + p * (once[s]?.[t] ?? 0), 0)))
  }
  const ended = ends.map(s => table[0]?.[s] ?? 0)
  return { ended, going: 1 - ended.reduce((sum, p) => sum + p, 0) }
}

function reachedFrom(graph: Rows, from: number): Set<number> {
  const reached = new Set<number>()
  const waiting = [from]
  for (let s = waiting.pop(); s !== undefined; s = waiting.pop()) {
    for (const e of movesOf(graph, s)) {
      const t = graph.to[e] ?? 0
      if (!reached.has(t)) waiting.push(t)
      reached.add(t)
    }
  }
  return reached
}
