import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { checkScenario } from './check.ts'
import type { ConsumerSpec, GpuSpec, MirrorSpec, Scenario } from './scenario.ts'
import { scenarioById } from './scenario-list.ts'

const base = known(scenarioById('hmm-munmap'), 'scenario')
const withConsumers = (...consumers: ConsumerSpec[]): Scenario => ({ ...base, consumers })
const mirror = (spec: Partial<MirrorSpec>): Scenario =>
  withConsumers({ kind: 'hmm', name: 'GPU 0', region: 'buf', script: [], ...spec })
const gpu = (spec: Partial<GpuSpec>): Scenario =>
  withConsumers({ kind: 'gpu', name: 'GPU 0', driver: [], script: [], ...spec })
const found = (s: Scenario): string[] => checkScenario(s).map(p => `${p.at}: ${p.message}`)

describe('mirrors', () => {
  it('as shipped, nothing is wrong', () => expect(found(base)).toEqual([]))

  it.each([
    [{ region: 'ram' }, 'consumers[0].region: the app has no region “ram”'],
    [{ first: 1, pages: 2 }, 'consumers[0]: buf has pages 0 to 1'],
    [
      { first: 1, script: [{ do: 'read', page: 'buf[0]' }] },
      'consumers[0].script[0].page: buf[0] is not mirrored by GPU 0',
    ],
    [{ script: [{ do: 'read', page: 'buf' }] }, 'consumers[0].script[0].page: this names no page'],
    [
      { script: [{ do: 'remove' }, { do: 'read', page: 'buf[0]' }] },
      'consumers[0].script[0]: nothing comes after remove',
    ],
  ] as const)('%j', (spec, message) => expect(found(mirror(spec))).toEqual([message]))

  it('two of one name are told apart by nothing', () => {
    const { consumers = [] } = mirror({})
    expect(found(withConsumers(...consumers, ...consumers))[0]).toBe('consumers[1].name: “GPU 0” is taken')
  })

  it('the process cannot exit under them', () => {
    const cpus: Scenario['cpus'] = [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'exit' }] }]
    expect(found({ ...mirror({}), cpus, breaks: [] })).toEqual([
      'cpus[0].script: what a driver does when the process exits is not modelled',
    ])
  })
})

describe('GPUs that hold pages', () => {
  it.each([
    [{ driver: [{ do: 'bind', page: 'buf[2]' }] }, 'consumers[0].driver[0].page: buf has pages 0 to 1'],
    [{ script: [{ do: 'write', page: 'ram[0]' }] }, 'consumers[0].script[0].page: there is no region “ram”'],
  ] as const)('%j', (spec, message) => expect(found(gpu(spec))).toEqual([message]))
})
