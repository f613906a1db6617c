import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { explore, type Reductions, runToEnd } from '../explorer/explore.ts'
import type { Property, Verdict } from '../explorer/system.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import { distinctKernels } from '../testing/kernels.ts'
import { app, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'
import { withTwin } from '../testing/variants.ts'
import type { Lab } from './build.ts'
import { DAMAGE_RULES, propertiesOf, systemOf } from './exploration.ts'
import { isReducible } from './reducible.ts'
import { RULES } from './rules.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS, scenarioById } from './scenario-list.ts'
import { verdictSentence } from './verdict-sentence.ts'

const plenty = { states: 1_000_000, bytes: 2 ** 30 }
const ORDER: Reductions = { partialOrder: true }
const NAMES: Reductions = { symmetry: true }
const BOTH: Reductions = { partialOrder: true, symmetry: true }
const shipped = (id: string): Scenario => known(scenarioById(id), id)

/** Two zaps that overlap, one access of the device, and nobody who takes what they free. */
const overlapping: Scenario = {
  ...shipped('overlapping-zaps'),
  cpus: shipped('overlapping-zaps').cpus.slice(0, 2),
  devices: shipped('overlapping-zaps').devices.map(device => ({ ...device, script: device.script.slice(0, 1) })),
}

const search = (lab: Lab, properties: readonly Property[], how: Reductions): Verdict =>
  runToEnd(explore(systemOf(lab), properties, plenty, how))

/** Which rules are broken in any run, how the search ends that sees all of them, and how many states it takes. */
function brokenAnywhere(lab: Lab, how: Reductions) {
  const rules = new Set<string>()
  const witness: Property = {
    id: 'witness',
    sentence: 'every state is looked at',
    expect: 'always',
    holds: state => {
      for (const rule of RULES)
        if (!rules.has(rule.id) && rule.violated(lab.setup, state as Machine)) rules.add(rule.id)
      return true
    },
  }
  const verdict = search(lab, [witness], how)
  return { rules: [...rules].sort(), end: answer(lab, verdict), states: verdict.states }
}

/** The answer without its numbers; a run by its length, after it has been followed. */
function answer(lab: Lab, verdict: Verdict): string {
  if (verdict.kind !== 'violated' && verdict.kind !== 'deadlock') return verdict.kind
  const m = copyOf(lab.initial)
  for (const { actor, way } of verdict.run) {
    const mover = known(lab.actors[actor], 'actor')
    expect(mover.ready(m)).toBeGreaterThan(way)
    mover.step(m, way)
  }
  if (verdict.kind === 'violated') expect(verdict.property.holds(m)).toBe(false)
  else expect(lab.actors.every(a => a.ready(m) === 0) && lab.actors.some(a => !a.finished(m))).toBe(true)
  expect(verdict.shortest).toBeUndefined()
  return `${verdict.kind} after ${verdict.run.length}${verdict.kind === 'violated' ? ` ${verdict.property.id}` : ''}`
}

/** All four searches agree. The first named is what the others are held against. */
function agree(lab: Lab, hows: readonly Reductions[] = [{}, ORDER, NAMES, BOTH]): void {
  const [first, ...others] = hows.map(how => brokenAnywhere(lab, how))
  for (const { rules, end, states } of others) {
    expect({ rules, end }).toEqual({ rules: first?.rules, end: first?.end })
    expect(states).toBeLessThanOrEqual(first?.states ?? 0)
  }
  if (!DAMAGE_RULES.some(id => first?.rules.includes(id))) return
  const harm = hows.map(how => answer(lab, search(lab, propertiesOf(lab), how)))
  expect(new Set(harm).size, harm.join(' · ')).toBe(1)
  expect(harm[0]).toContain('violated')
}

describe('with fewer orders and fewer names the answer is the same', () => {
  // The whole graph of the shipped one has up to 178,000 states.
  const searched = SCENARIOS.map(s => (s.id === 'overlapping-zaps' ? overlapping : s)).filter(s =>
    isReducible(labOf(s)),
  )
  it.each(searched.map(s => [s.id, s] as const))('%s on every kernel that it can tell apart', (_id, scenario) => {
    for (const kernel of distinctKernels(scenario)) agree(labOf(scenario, { kernel }))
  })

  it('overlapping zaps as shipped, names left out', () => agree(labOf('overlapping-zaps'), [NAMES, BOTH]))

  it('two overlapping zaps, every state', () =>
    agree(labOf('overlapping-zaps', { kernel: '3.18', driver: 'empty-table' })))

  it.each<[string, string, Chosen]>([
    ['the other driver', 'munmap-page-table', { kernel: '3.18', driver: 'empty-table' }],
    [
      'a driver that forgets nesting',
      'munmap-plain',
      { driver: 'empty-table', switches: { emptyTableNesting: 'boolean' } },
    ],
    ['an old driver on a new kernel', 'dontneed', { driver: 'naive' }],
    ['arm64', 'munmap-plain', { arch: 'arm64' }],
    ['tables freed by RCU', 'munmap-page-table', { kernel: '3.19', arch: 'arm64' }],
    ['walks that are not drained', 'munmap-plain', { kernel: '3.19', switches: { drainsWalks: false } }],
    [
      'walks that are not drained, forced flush',
      'munmap-forced-flush',
      { kernel: '3.19', switches: { drainsWalks: false } },
    ],
    ['only leaves invalidated', 'munmap-page-table', { kernel: '3.19', switches: { invalidateKind: 'leaf' } }],
    ['no notifiers', 'munmap-plain', { switches: { configMmuNotifier: false } }],
    ['no flush told', 'munmap-forced-flush', { switches: { gatherFlushNotifies: false } }],
  ])('%s', (_what, id, chosen) => agree(labOf(id, chosen)))

  it.each<[string, Chosen]>([
    ['munmap-forced-flush', { kernel: '3.18' }],
    ['munmap-forced-flush', { kernel: '6.6' }],
    ['munmap-page-table', { kernel: '3.19' }],
    ['munmap-page-table', { kernel: '6.6', arch: 'arm64' }],
  ])('two devices that do the same: %s %j', (id, chosen) => agree(labOf(withTwin(shipped(id)), chosen)))

  it('two devices that do the same and may choose, names left out', () =>
    agree(labOf(withTwin(shipped('dontneed'), 1)), [NAMES, BOTH]))

  it('somebody who waits for a frame for ever', () => {
    const lab = labOf(
      scenarioOf({
        frames: 9,
        cpus: [
          app({ do: 'madvise-dontneed', region: 'buf' }),
          other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }),
          other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }),
        ],
        devices: [gpu({ do: 'write', page: 'buf[0]' })],
      }),
    )
    expect(lab.setup.enoughFrames).toBe(false)
    expect(search(lab, [], {}).kind).toBe('deadlock')
    agree(lab)
  })
})

it.each(['I1', 'I2', 'I4', 'I5', 'I10'])('asked for %s alone, the answer is the same', id => {
  const labs = [
    ...(['3.18', '3.19', '6.6'] as const).map(kernel => labOf('munmap-page-table', { kernel })),
    labOf(overlapping, { kernel: '3.18', driver: 'empty-table', switches: { emptyTableNesting: 'boolean' } }),
    labOf('munmap-plain', { switches: { configMmuNotifier: false } }),
  ]
  const kinds = labs.map(lab => {
    const answers = [{}, ORDER, NAMES, BOTH].map(how => answer(lab, search(lab, propertiesOf(lab, [id]), how)))
    expect(new Set(answers).size, answers.join(' · ')).toBe(1)
    return answers[0]?.split(' ')[0]
  })
  expect(new Set(kinds)).toEqual(new Set(['holds', 'violated']))
})

it('asked for I11, which is broken only for a while, every order is looked at', () => {
  const chosen = { kernel: '6.6', switches: { invalidateOrder: 'atc-first' } } as const
  const lab = labOf('ats-munmap', chosen)
  const searches = [{}, ORDER, NAMES, BOTH].map(how => search(lab, propertiesOf(lab, ['I11']), how))
  expect(new Set(searches.map(verdict => answer(lab, verdict))).size).toBe(1)
  const visited = (how: Reductions): number => {
    const never = propertiesOf(lab, ['I11']).map((property): Property => ({ ...property, holds: () => true }))
    return search(lab, never, how).states
  }
  expect(visited(ORDER)).toBe(visited({}))
})

describe('what it saves', () => {
  it.each<[string, number, number]>([
    ['munmap-plain', 8, 8],
    ['dontneed', 12, 15],
    ['munmap-page-table', 5, 5],
  ])('%s: orders alone, and names besides', (id, orders, both) => {
    const lab = labOf(id)
    const all = brokenAnywhere(lab, {}).states
    expect(all / brokenAnywhere(lab, ORDER).states).toBeGreaterThan(orders)
    expect(all / brokenAnywhere(lab, BOTH).states).toBeGreaterThan(both)
  })

  it('more where more goes on: two devices', () => {
    const lab = labOf(withTwin(shipped('munmap-forced-flush')))
    const all = brokenAnywhere(lab, {}).states
    expect(all / brokenAnywhere(lab, ORDER).states).toBeGreaterThan(12)
    expect(all / brokenAnywhere(lab, NAMES).states).toBeGreaterThan(4)
    expect(all / brokenAnywhere(lab, BOTH).states).toBeGreaterThan(30)
  })
})

it('finds a property that is shown somewhere, and says when there is none', () => {
  const lab = labOf('munmap-forced-flush', { kernel: '3.18' })
  const shown: Property[] = RULES.map(rule => ({
    id: rule.id,
    sentence: rule.sentence,
    expect: 'sometimes',
    holds: state => rule.violated(lab.setup, state as Machine),
  }))
  for (const property of shown) {
    const kinds = [{}, ORDER, NAMES, BOTH].map(how => search(lab, [property], how).kind)
    expect(new Set(kinds).size, `${property.id}: ${kinds}`).toBe(1)
  }
})

it('keeps a run that it has found when there is no time left to look for a shorter one', () => {
  const lab = labOf('munmap-forced-flush', { kernel: '3.18' })
  const properties = propertiesOf(lab, ['I4'])
  const shortest = search(lab, properties, {})
  const tight = runToEnd(explore(systemOf(lab), properties, { states: 150, bytes: 2 ** 30 }, ORDER))
  if (shortest.kind !== 'violated' || tight.kind !== 'violated') throw new Error('I4 is broken there')
  expect(tight.shortest).toBe(false)
  expect(tight.run.length).toBeGreaterThanOrEqual(shortest.run.length)
  expect(verdictSentence(shortest)).toMatch(/No shorter run breaks it\.$/)
  const holds = { states: 3, transitions: 2, depth: 1, frontier: 0, bytes: 0, kind: 'holds' } as const
  expect(verdictSentence(holds)).toBe('Holds in all 3 states.')
  expect(verdictSentence({ ...holds, endless: true }, true)).toMatch(
    /^Holds however often .*: 3 states stand for all\.$/,
  )
  expect(verdictSentence(tight, true)).toMatch(/Whether a shorter run does was not found out\.$/)
})
