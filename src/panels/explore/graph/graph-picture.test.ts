import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presetOf, usualDriver } from '../../../core/policy/presets.ts'
import { applySwitches } from '../../../core/policy/switches.ts'
import { scenarioById } from '../../../core/scenarios/scenario-list.ts'
import { type EveryState, type StateGraph, stateGraphOf } from '../../../core/studies/state-graph.ts'
import { answerOfStudy } from '../../../core/studies/study.ts'
import { nodeBeside, nodeUnder } from './pick.ts'
import { type Scene, sceneOfGroups, sceneOfStates } from './scene.ts'
import { fitted, panned, showing, type View, xOf, yOf, zoomed } from './view.ts'
import { spokenOf, wordsOfGroup, wordsOfState } from './words.ts'

const graph = (() => {
  const scenario = scenarioById('munmap-page-table')
  if (scenario === undefined) throw new Error('it is shipped')
  const policy = applySwitches(presetOf('3.18', 'x86', usualDriver('3.18')), scenario.switches)
  return answerOfStudy(stateGraphOf({ scenario, policy }, { states: 5_000, bytes: 2 ** 30 })) as StateGraph
})()
const every = graph.every as EveryState
const states = sceneOfStates(every)
const groups = sceneOfGroups(graph)
const frame = { left: 150, top: 0, width: 800, height: 500 }
const count = (n: number) => `${n}`

const scene = fc.constantFrom(states, groups)
const nodeOf = (of: Scene, n: number) => n % of.nodes
const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('zoom' as const),
      by: fc.double({ min: 0.2, max: 5, noNaN: true }),
      x: fc.integer({ min: 150, max: 950 }),
      y: fc.integer({ min: 0, max: 500 }),
    }),
    fc.record({
      do: fc.constant('pan' as const),
      x: fc.integer({ min: -900, max: 900 }),
      y: fc.integer({ min: -900, max: 900 }),
    }),
  ),
  { maxLength: 12 },
)
const viewAfter = (of: Scene, moves: typeof steps extends fc.Arbitrary<infer T> ? T : never): View =>
  moves.reduce(
    (view, m) => (m.do === 'zoom' ? zoomed(view, m.by, m.x, m.y, of, frame) : panned(view, m.x, m.y, of, frame)),
    fitted(of.bounds, frame),
  )

describe('the view', () => {
  it('shows every node to begin with', () => {
    for (const of of [states, groups]) {
      const view = fitted(of.bounds, frame)
      for (let n = 0; n < of.nodes; n++) {
        expect(xOf(view, of.x[n] as number)).toBeGreaterThanOrEqual(frame.left)
        expect(xOf(view, of.x[n] as number)).toBeLessThanOrEqual(frame.left + frame.width)
        expect(yOf(view, of.y[n] as number)).toBeGreaterThanOrEqual(frame.top)
        expect(yOf(view, of.y[n] as number)).toBeLessThanOrEqual(frame.top + frame.height)
      }
    }
  })

  it('cannot be lost, wherever it is dragged: some of the picture is always in the frame', () => {
    fc.assert(
      fc.property(scene, steps, (of, moves) => {
        const view = viewAfter(of, moves)
        const whole = fitted(of.bounds, frame)
        expect(view.down).toBeGreaterThanOrEqual(whole.down * 0.999)
        expect(xOf(view, of.bounds.left)).toBeLessThan(frame.left + frame.width)
        expect(xOf(view, of.bounds.right)).toBeGreaterThan(frame.left)
        expect(yOf(view, of.bounds.top)).toBeLessThan(frame.top + frame.height)
        expect(yOf(view, of.bounds.bottom)).toBeGreaterThan(frame.top)
      }),
    )
  })

  it('follows the keys: the node they stand on is in the frame', () => {
    fc.assert(
      fc.property(scene, steps, fc.nat(), (of, moves, n) => {
        const node = nodeOf(of, n)
        const view = showing(viewAfter(of, moves), node, of, frame)
        expect(xOf(view, of.x[node] as number)).toBeGreaterThanOrEqual(frame.left)
        expect(xOf(view, of.x[node] as number)).toBeLessThanOrEqual(frame.left + frame.width)
        expect(yOf(view, of.y[node] as number)).toBeGreaterThanOrEqual(frame.top)
        expect(yOf(view, of.y[node] as number)).toBeLessThanOrEqual(frame.top + frame.height)
      }),
    )
  })
})

describe('pointing', () => {
  it('finds each state where it is drawn, when it is looked at closely', () => {
    fc.assert(
      fc.property(fc.nat(), n => {
        const node = nodeOf(states, n)
        const close = zoomed(fitted(states.bounds, frame), 50, 500, 250, states, frame)
        const view = showing(close, node, states, frame)
        expect(nodeUnder(states, view, xOf(view, states.x[node] as number), yOf(view, states.y[node] as number))).toBe(
          node,
        )
      }),
    )
  })

  it('finds nothing where nothing is', () => {
    expect(nodeUnder(states, fitted(states.bounds, frame), 152, 2)).toBe(-1)
  })
})

describe('arrow keys', () => {
  it('right makes a move, left takes the way back, up and down stay at the same depth where they can', () => {
    const right = nodeBeside(states, 0, 'right')
    expect(every.depth[right]).toBe(1)
    expect(nodeBeside(states, right, 'left')).toBe(0)
    const beside =
      nodeBeside(states, right, 'down') === right ? nodeBeside(states, right, 'up') : nodeBeside(states, right, 'down')
    expect(beside).not.toBe(right)
    expect(every.depth[beside]).toBe(1)
  })

  it('lead to every state and to every group', () => {
    for (const of of [states, groups]) {
      const seen = new Set([0])
      for (const node of seen)
        for (const direction of ['left', 'right', 'up', 'down'] as const) seen.add(nodeBeside(of, node, direction))
      expect(seen.size).toBe(of.nodes)
    }
  })
})

describe('what is said', () => {
  it('names the moves out of the start', () => {
    const words = wordsOfState(every, graph.rules, 0, count)
    expect(words.title).toBe('The start')
    expect(words.lists).toEqual([
      {
        title: 'Can move',
        items: expect.arrayContaining(['CPU 0: down_write, take the mmap lock for writing']),
      },
    ])
  })

  it('names the rule that is broken at the end of the counterexample, and what led there', () => {
    const end = graph.found?.states.at(-1) ?? 0
    const spoken = spokenOf(wordsOfState(every, graph.rules, end, count))
    expect(spoken).toMatch(/^State \d+, 20 steps from the start\. Freed memory was used\. Broken: “No /)
    expect(spoken).toMatch(/Led here by: GPU 0: page walk, /)
  })

  it('tells of a group where the unmapping CPU stands, how many states it has, and who moves on', () => {
    const group = graph.grouping.groups.findIndex(g => g.states > 5 && graph.grouping.rows[g.row]?.title === 'free')
    const words = wordsOfGroup(graph, group, count)
    expect(words.title).toMatch(/^\d+ states, \d+ steps from the start$/)
    expect(words.facts[0]).toBe('CPU 0 stands in free.')
    expect(words.lists[0]?.items[0]).toMatch(/^\w.*: \d+$/)
  })
})
