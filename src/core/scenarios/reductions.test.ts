import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { explore, runToEnd } from '../explorer/explore.ts'
import { exploreParts } from '../explorer/explore-parts.ts'
import { EVERY_STATE, search } from '../explorer/search.ts'
import { successorsOf } from '../explorer/successors.ts'
import { sweep } from '../explorer/sweep.ts'
import type { Parts, Verdict } from '../explorer/system.ts'
import { KERNEL_IDS } from '../runs/settings.ts'
import { labOf } from '../testing/labs.ts'
import { propertiesOf, systemOf } from './exploration.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS, scenarioById } from './scenario-list.ts'

const plenty = { states: 2_000_000, bytes: 2 ** 30 }
const QUESTIONS = [['I1', 'I2'], ['I4'], ['I5', 'I10']] as const

/** A shipped scenario with two devices that do the same, and little of it. */
function withTwins(id: string): Scenario {
  const scenario = known(scenarioById(id), id)
  const script = known(scenario.devices[0], 'a device').script.slice(0, 1)
  return { ...scenario, devices: ['GPU 0', 'GPU 1'].map(name => ({ name, script })), breaks: [] }
}

const swept = (steps: ReturnType<typeof sweep>) => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The same verdict whether something is left out or not; and how many states each took. */
function judged(scenario: string | Scenario, kernel: (typeof KERNEL_IDS)[number], ids: readonly string[]) {
  const lab = labOf(scenario, { kernel })
  const system = systemOf(lab)
  const parts = known<Parts>(system.parts, 'parts')
  const properties = propertiesOf(lab, ids)
  const records = known(system.records, 'records')(properties)
  const plain = runToEnd(explore(system, properties, plenty))
  const sliced = runToEnd(
    exploreParts(system, parts, properties, plenty, successorsOf(system, parts, properties, records)),
  )
  const swapped = swept(sweep(system, parts, properties, plenty, { symmetry: true }))
  const both = swept(
    sweep(system, parts, properties, plenty, {
      symmetry: true,
      successors: successorsOf(system, parts, properties, records),
    }),
  )
  const name = `${lab.scenario.id} ${kernel} ${ids.join()}`
  expect([name, sliced.kind], name).toEqual([name, plain.kind])
  // A shortest run is as short, whatever is left out of its states.
  if (plain.kind === 'violated' && sliced.kind === 'violated')
    expect([name, sliced.run.length, sliced.property.id]).toEqual([name, plain.run.length, plain.property.id])
  const found = plain.kind === 'violated' || plain.kind === 'deadlock' ? 'something-found' : plain.kind
  expect([name, swapped.kind, both.kind]).toEqual([name, found, found])
  return { plain: plain.states, sliced: sliced.states, swapped: swapped.states, both: both.states, kind: plain.kind }
}

describe('what is left out changes no verdict', () => {
  it.each(['munmap-forced-flush', 'munmap-page-table'])('two devices that do the same, any of them first: %s', id => {
    const scenario = withTwins(id)
    const kinds = new Set<string>()
    for (const kernel of KERNEL_IDS) {
      for (const ids of QUESTIONS) {
        const { plain, sliced, swapped, both, kind } = judged(scenario, kernel, ids)
        kinds.add(kind)
        expect(both).toBeLessThanOrEqual(Math.max(sliced, swapped))
        expect(sliced).toBeLessThanOrEqual(plain)
      }
    }
    expect(kinds).toContain('holds')
  })

  it('one device: records that nobody acts on', () => {
    for (const kernel of KERNEL_IDS) for (const ids of QUESTIONS) judged('munmap-forced-flush', kernel, ids)
  })

  it('saves what it promises: nearly half of the states by twins, more by records', () => {
    const { plain, swapped, both } = judged(withTwins('munmap-forced-flush'), '6.6', ['I1', 'I2'])
    expect(swapped / plain).toBeLessThan(0.6)
    expect(both / plain).toBeLessThan(0.6)
    const one = judged('munmap-plain', '6.1', ['I1', 'I2'])
    expect(one.sliced).toBeLessThan(one.plain)
  })
})

describe('partial order and symmetry, alone and together', () => {
  const WAYS = [{ partialOrder: true }, { symmetry: true }, { partialOrder: true, symmetry: true }]

  it.each(SCENARIOS.map(s => s.id))('come to the verdict of a search of every state, in every kernel: %s', id => {
    for (const kernel of KERNEL_IDS) {
      const lab = labOf(id, { kernel })
      const system = systemOf(lab)
      const properties = propertiesOf(lab)
      const plain = runToEnd(search(system, properties, plenty, EVERY_STATE))
      for (const way of WAYS) {
        const reduced = runToEnd(explore(system, properties, plenty, way))
        expect([kernel, way, answerOf(reduced)]).toEqual([kernel, way, answerOf(plain)])
        if (plain.kind === 'holds') expect(reduced.states).toBeLessThanOrEqual(plain.states)
      }
    }
  })

  it('find the same rules within reach, each asked for alone', () => {
    for (const scenario of [withTwins('munmap-forced-flush'), withTwins('munmap-page-table')]) {
      for (const kernel of ['3.18', '3.19', '6.6'] as const) {
        const lab = labOf(scenario, { kernel })
        const system = systemOf(lab)
        for (const id of ['I1', 'I2', 'I4', 'I5', 'I10']) {
          const properties = propertiesOf(lab, [id])
          const plain = runToEnd(explore(system, properties, plenty))
          const both = runToEnd(explore(system, properties, plenty, { partialOrder: true, symmetry: true }))
          expect([kernel, id, answerOf(both)]).toEqual([kernel, id, answerOf(plain)])
        }
      }
    }
  })

  it('find somebody stuck', () => {
    // The IOMMU never gets to its commands: a driver that waits for them waits for ever.
    const lab = labOf('munmap-plain', { kernel: '3.19' })
    const system = systemOf(lab)
    const iommu = lab.actors.findIndex(actor => actor.kind === 'iommu')
    const idle = { ...system, ways: (m: Uint32Array, actor: number) => (actor === iommu ? 0 : system.ways(m, actor)) }
    const plain = runToEnd(explore(idle, [], plenty))
    expect(plain.kind).toBe('deadlock')
    expect(answerOf(runToEnd(explore(idle, [], plenty, { symmetry: true })))).toEqual(answerOf(plain))
  })

  it('save most of the states', () => {
    const lab = labOf('overlapping-zaps', { kernel: '6.1' })
    const system = systemOf(lab)
    const every = runToEnd(search(system, propertiesOf(lab), plenty, EVERY_STATE))
    const [order, names, both] = WAYS.map(way => runToEnd(explore(system, propertiesOf(lab), plenty, way)).states)
    expect((order ?? 0) / every.states).toBeLessThan(0.5)
    expect((names ?? 0) / every.states).toBeLessThan(0.5)
    expect((both ?? 0) / every.states).toBeLessThan(0.1)
  })
})

/** What must not depend on what is left out: the kind, the rule, and how long a shortest run is. */
const answerOf = (verdict: Verdict) => ({
  kind: verdict.kind,
  rule: verdict.kind === 'violated' ? verdict.property.id : null,
  steps: verdict.kind === 'violated' || verdict.kind === 'deadlock' ? verdict.run.length : null,
})
