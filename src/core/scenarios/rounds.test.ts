import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { explore, runToEnd } from '../explorer/explore.ts'
import { StateStore } from '../explorer/state-store.ts'
import type { TransitionSystem } from '../explorer/system.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { app, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'
import { repeating, withTwin } from '../testing/variants.ts'
import type { Lab } from './build.ts'
import { propertiesOf, systemOf } from './exploration.ts'
import { periodOf, type Round, roundsIn } from './rounds.ts'
import type { Scenario } from './scenario.ts'
import { scenarioById } from './scenario-list.ts'

const plenty = { states: 500_000, bytes: 2 ** 30 }
const shipped = (id: string): Scenario => known(scenarioById(id), id)

/** A VM with one vCPU, which reads and writes in turn, and a pfn cache. */
const vm = scenarioOf({
  id: 'vm',
  cpus: [app({ do: 'madvise-dontneed', region: 'buf', first: 0, pages: 1 })],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  consumers: [
    {
      kind: 'kvm',
      name: 'VM 0',
      memslots: [{ gfn: 16, region: 'buf' }],
      vcpus: [
        {
          script: [
            { do: 'read', page: 'buf[0]' },
            { do: 'write', page: 'buf[0]' },
          ],
        },
      ],
      pfnCache: { page: 'buf[0]', script: [{ do: 'write' }] },
    },
  ],
})

/** A GPU whose driver pins a page and gives it back, and an engine that writes it meanwhile. */
const engine = scenarioOf({
  id: 'engine',
  cpus: [app({ do: 'munmap', region: 'buf' })],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  consumers: [
    {
      kind: 'gpu',
      name: 'GPU 0',
      driver: [
        { do: 'bind', page: 'buf[0]' },
        { do: 'release', page: 'buf[0]' },
      ],
      script: [{ do: 'write', page: 'buf[0]' }],
    },
  ],
})

/** Somebody waits for a frame that never comes. */
const stuck = scenarioOf({
  id: 'stuck',
  frames: 9,
  cpus: [
    app({ do: 'madvise-dontneed', region: 'buf' }),
    other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }),
  ],
  devices: [gpu({ do: 'write', page: 'buf[0]' })],
})

const labs: readonly (readonly [string, Lab])[] = (
  [
    ['munmap, a script that is cut short', cutShort(repeating(shipped('munmap-plain'), 3, 2)), {}],
    ['a forced flush, naive', repeating(shipped('munmap-forced-flush'), 2), { kernel: '3.18' }],
    ['two devices', repeating(withTwin(shipped('munmap-forced-flush'), 1), 2), { kernel: '6.6' }],
    ['empty-table', repeating(shipped('munmap-page-table'), 2, 1), { kernel: '3.18', driver: 'empty-table' }],
    ['small caches', { ...repeating(shipped('dontneed'), 2, 1), iommu: { iotlb: 1, walkCache: 1, queue: 1 } }, {}],
    ['an ATC', repeating(shipped('ats-munmap'), 2, 1), {}],
    ['a VM', repeating(vm, 2), {}],
    ['a VM on arm64, the old order', repeating(vm, 2), { arch: 'arm64', kernel: '5.5' }],
    ['a mirror', repeating(shipped('hmm-munmap'), 2), {}],
    ['a GPU', repeating(engine, 2), {}],
    ['nobody takes part any more', repeating(stuck, 2), {}],
  ] satisfies [string, Scenario, Chosen][]
).map(([name, scenario, chosen]) => [name, labOf(scenario, chosen)])

function cutShort(scenario: Scenario): Scenario {
  return { ...scenario, devices: scenario.devices.map(d => ({ ...d, script: d.script.slice(0, -1) })) }
}

function reached({ words, initial, actors, ways, move }: TransitionSystem): StateStore {
  const store = new StateStore(words)
  store.add(initial, 0, 0)
  const state = new Uint32Array(words)
  const next = new Uint32Array(words)
  for (let at = 0; at < store.size; at++) {
    store.load(at, state)
    for (let actor = 0; actor < actors; actor++) {
      const count = ways(state, actor)
      for (let way = 0; way < count; way++) {
        next.set(state)
        move(next, actor, way)
        store.add(next, at, 0)
      }
    }
  }
  return store
}

/** Where somebody would stand that has done as much, but goes round. */
function inFirstRound(m: Machine, rounds: readonly Round[]): void {
  for (const { place, begin, again, end } of rounds) {
    const at = get(m, place, 0)
    if (at !== end) set(m, place, 0, begin + ((at - begin) % (again - begin)))
  }
}

describe('work that repeats', () => {
  it.each(labs)('%s: whatever state it comes to, going round comes to too', (_name, lab) => {
    const system = systemOf(lab)
    const rounds = roundsIn(lab)
    const all = reached(system)
    const round = reached(known(system.rounds, 'rounds')())
    const state = new Uint32Array(system.words)
    for (let at = 0; at < all.size; at++) {
      all.load(at, state)
      inFirstRound(state as Machine, rounds)
      expect(round.find(state)).toBeGreaterThanOrEqual(0)
    }
  })

  it.each(labs)('%s: nothing is broken, and nobody is stuck, where that is so going round', (_name, lab) => {
    const system = systemOf(lab)
    const round = known(system.rounds, 'rounds')()
    const properties = propertiesOf(lab)
    const [exact, plain, reduced] = [
      runToEnd(explore(system, properties, plenty)),
      runToEnd(explore(round, properties, plenty)),
      runToEnd(explore(round, properties, plenty, { partialOrder: true, symmetry: true })),
    ]
    expect(reduced.kind).toBe(plain.kind)
    if (exact.kind !== 'holds') expect(plain.kind).toBe(exact.kind)
    expect(['holds', 'violated', 'deadlock']).toContain(exact.kind)
  })

  it('is as many states whether it is done two times or eight', () => {
    const states = [2, 8].map(times => {
      const lab = labOf(repeating(shipped('munmap-forced-flush'), times))
      const { rounds } = systemOf(lab)
      return runToEnd(explore(known(rounds, 'rounds')(), propertiesOf(lab), plenty)).states
    })
    expect(states[0]).toBe(states[1])
  })

  it('is the shortest beginning that comes again and again, twice at least', () => {
    const period = (script: string): number | undefined => periodOf([...script])
    expect(['aa', 'aaa', 'abab', 'ababa', 'aabaab', 'abcabcab'].map(period)).toEqual([1, 1, 2, 2, 3, 3])
    expect(['', 'a', 'ab', 'aba', 'aab', 'abcab'].map(period)).toEqual(Array(6).fill(undefined))
  })

  it('is nobody’s where accesses are counted, or answers may be late', () => {
    expect(roundsIn(labOf(repeating(shipped('pasid-reuse'), 2)))).toEqual([])
    expect(roundsIn(labOf(repeating(engine, 2)))).toHaveLength(2)
    expect(roundsIn(labOf(repeating(shipped('munmap-plain'), 2)))).toHaveLength(1)
  })
})
