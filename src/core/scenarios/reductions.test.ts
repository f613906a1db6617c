import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { explore, runToEnd } from '../explorer/explore.ts'
import { exploreParts } from '../explorer/explore-parts.ts'
import { successorsOf } from '../explorer/successors.ts'
import { sweep } from '../explorer/sweep.ts'
import type { Parts } from '../explorer/system.ts'
import type { KernelId } from '../runs/settings.ts'
import { distinctKernels } from '../testing/kernels.ts'
import { labOf } from '../testing/labs.ts'
import { propertiesOf, systemOf } from './exploration.ts'
import type { Scenario } from './scenario.ts'
import { scenarioById } from './scenario-list.ts'

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
function judged(scenario: string | Scenario, kernel: KernelId, ids: readonly string[]) {
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

/** The kernels on which every state and every move is another: the order in which a plain search comes to them tells. */
function differentGraphs(scenario: string | Scenario): readonly KernelId[] {
  const first = new Map<string, KernelId>()
  for (const kernel of distinctKernels(scenario)) {
    const system = systemOf(labOf(scenario, { kernel }))
    let hash = 0
    const holds = (state: Uint32Array): boolean => {
      for (const word of state) hash = Math.imul(hash ^ word, 0x01000193)
      return true
    }
    const { states, transitions } = runToEnd(
      explore(system, [{ id: 'witness', sentence: '', expect: 'always', holds }], plenty),
    )
    const graph = [states, transitions, hash].join()
    if (!first.has(graph)) first.set(graph, kernel)
  }
  return [...first.values()]
}

describe('what is left out changes no verdict', () => {
  it.each(['munmap-forced-flush', 'munmap-page-table'])('two devices that do the same, any of them first: %s', id => {
    const scenario = withTwins(id)
    const kinds = new Set<string>()
    const kernels = differentGraphs(scenario)
    expect(kernels.length).toBeGreaterThanOrEqual(4)
    for (const kernel of kernels) {
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
    for (const kernel of differentGraphs('munmap-forced-flush'))
      for (const ids of QUESTIONS) judged('munmap-forced-flush', kernel, ids)
    for (const kernel of ['2.6.27', '6.6'] as const) for (const ids of QUESTIONS) judged('ats-munmap', kernel, ids)
  })

  it('saves what it promises: nearly half of the states by twins, more by records', () => {
    const { plain, swapped, both } = judged(withTwins('munmap-forced-flush'), '6.6', ['I1', 'I2'])
    expect(swapped / plain).toBeLessThan(0.6)
    expect(both / plain).toBeLessThan(0.6)
    const one = judged('munmap-plain', '6.1', ['I1', 'I2'])
    expect(one.sliced).toBeLessThan(one.plain)
  })
})
