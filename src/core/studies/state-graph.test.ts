import { describe, expect, it } from 'vitest'
import { explore, runToEnd } from '../explorer/explore.ts'
import { edgesTo } from '../explorer/graph.ts'
import type { Machine } from '../machine/cells.ts'
import { presetOf, usualDriver } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import { Run } from '../runs/run.ts'
import { decodeSchedule } from '../runs/schedule.ts'
import type { DriverKind, KernelId } from '../runs/settings.ts'
import { propertiesOf, systemOf } from '../scenarios/exploration.ts'
import { RULES } from '../scenarios/rules.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import { labOf } from '../testing/labs.ts'
import { mmView } from '../view/mm.ts'
import { waitsForFree } from './state-facts.ts'
import { type StateGraph, scheduleTo, stateGraphOf, statesAlong } from './state-graph.ts'
import { answerOfStudy, type Subject } from './study.ts'
import { wholeGraph } from './whole-graph.ts'

const plenty = { states: 1_000_000, bytes: 2 ** 30 }

function subject(id: string, kernel: KernelId, driver: DriverKind = usualDriver(kernel)): Subject {
  const scenario = scenarioById(id)
  if (scenario === undefined) throw new Error(id)
  return { scenario, policy: applySwitches(presetOf(kernel, 'x86', driver), scenario.switches) }
}

function graphOfSubject(asked: Subject): StateGraph {
  const answer = answerOfStudy(stateGraphOf(asked, plenty))
  if (answer.kind !== 'graph') throw new Error('too large')
  return answer
}

const NAIVE = subject('munmap-forced-flush', '3.18', 'naive')
const naive = graphOfSubject(NAIVE)
const plain = graphOfSubject(subject('munmap-plain', '6.1'))
const lab = labOf('munmap-forced-flush', { kernel: '3.18', driver: 'naive' })
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

describe('the graph of a broken kernel', () => {
  it('highlights a run as short as the search finds, and it ends in harm', () => {
    const verdict = runToEnd(explore(systemOf(lab), propertiesOf(lab), plenty))
    expect(verdict.kind).toBe('violated')
    const steps = verdict.kind === 'violated' ? verdict.run.length : -1
    expect(naive.found?.what).toBe('harm')
    expect(naive.found?.states).toHaveLength(steps + 1)
    const end = naive.found?.states.at(-1) ?? -1
    expect(naive.every?.standing[end]).toBe(3)
    expect(naive.every?.depth[end]).toBe(steps)
  })

  it('opens every state by a run of its own depth that leads there', () => {
    const { every } = naive
    if (every === null) throw new Error('it is small')
    const runs = Array.from({ length: naive.states }, (_, state) => scheduleTo(every, state))
    expect(runs.map(run => run.length)).toEqual([...every.depth])
    expect(runs.map(run => statesAlong(every, run).at(-1))).toEqual([...runs.keys()])
  })

  it('follows a run of the lab only as far as it is one of its own', () => {
    const { every } = naive
    if (every === null) throw new Error('it is small')
    const run = scheduleTo(every, naive.states - 1)
    expect(statesAlong(every, [...run.slice(0, 3), { actor: 200, alternative: 0 }, ...run])).toHaveLength(4)
  })
})

describe('groups', () => {
  it.each([
    ['a small graph', naive],
    ['a large one', plain],
  ])('hold every state and every move of %s once', (_, graph) => {
    const { groups, edges } = graph.grouping
    expect(sum(groups.map(g => g.states))).toBe(graph.states)
    expect(sum(graph.tally.standing)).toBe(graph.states)
    expect(sum(groups.map(g => g.within)) + sum(edges.map(e => e.moves))).toBe(graph.moves)
    expect(sum(groups.flatMap(g => g.movesBy))).toBe(graph.moves)
  })

  it('are few even where states are many, and then stand alone', () => {
    expect(plain.states).toBeGreaterThan(5_000)
    expect(plain.every).toBeNull()
    expect(plain.grouping.groups.length).toBeLessThan(600)
  })

  it('have rows in the order of the program of the CPU that unmaps', () => {
    expect(naive.cpu).toBe('CPU 0')
    const titles = naive.grouping.rows.map(row => row.title)
    expect(titles.slice(0, 3)).toEqual(['munmap', 'invalidate_range_start', 'unmap'])
    expect(titles.indexOf('free')).toBeLessThan(titles.indexOf('invalidate_range_end'))
    expect(titles.at(-1)).toBe('done')
  })

  it('are opened by a shortest run to their nearest state, in which the same is true', () => {
    for (const [i, group] of naive.grouping.groups.entries()) {
      const schedule = decodeSchedule(naive.runs[i] ?? '')
      const run = new Run(lab)
      for (const choice of schedule.ok ? schedule.value : []) run.push(choice)
      expect(run.length).toBe(group.first)
      const m = run.stateAt(run.length)
      const broken = RULES.filter(rule => rule.violated(lab.setup, m)).map(rule => rule.id)
      expect(broken.length > 0).toBe(group.standing >= 2)
      if (group.standing < 2) expect(waitsForFree(lab.setup, m)).toBe(group.standing === 1)
    }
  })
})

it('a kernel that holds has no run to highlight, and no state in which a rule is broken', () => {
  const holds = graphOfSubject(subject('munmap-forced-flush', '6.1'))
  expect(holds.found).toBeNull()
  expect(holds.tally.standing.slice(2)).toEqual([0, 0])
  expect(holds.tally.final).toBeGreaterThan(0)
  expect(holds.tally.stuck).toBe(0)
})

it('says so instead of drawing a part', () => {
  expect(answerOfStudy(stateGraphOf(NAIVE, { states: 100, bytes: 2 ** 30 }))).toEqual({
    kind: 'too-large',
    limits: { states: 100, bytes: 2 ** 30 },
  })
})

it('amber is what the lab draws in amber: unmapped pages and unlinked page tables', () => {
  const whole = answerOfStudy(wholeGraph(subject('munmap-page-table', '6.1'), plenty))
  if (whole === undefined) throw new Error('too large')
  const { graph, lab: shown } = whole
  const m = new Uint32Array(shown.setup.shape.words) as Machine
  let amber = 0
  for (let s = 0; s < graph.states; s++) {
    graph.load(s, m)
    const { pages, tables } = mmView(shown.setup, m)
    const drawn = pages.some(p => p.state === 'unmapped') || tables.some(t => t.state === 'unlinked')
    expect(waitsForFree(shown.setup, m), `state ${s}, after ${edgesTo(graph, s).length} steps`).toBe(drawn)
    if (drawn) amber++
  }
  expect(amber).toBeGreaterThan(0)
})
