import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import { AmpleOracle } from '../testing/ample-oracle.ts'
import { app, buf, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { PATHS } from '../testing/paths.ts'
import { repeating, withTwin } from '../testing/variants.ts'
import { Ample } from './ample.ts'
import type { Lab } from './build.ts'
import { systemOf } from './exploration.ts'
import { placesIn } from './places.ts'
import { roundsIn } from './rounds.ts'
import { scenarioById } from './scenario-list.ts'

/** Looks ahead in a lab, or in one in which work goes round. */
const ampleOf = ({ lab, system }: AmpleOracle): Ample =>
  new Ample(lab.actors, placesIn(lab, system.rounds === undefined ? roundsIn(lab) : []), lab.setup.resources.count)
const shipped = (id: string) => known(scenarioById(id), id)
const path = (id: string) =>
  known(
    PATHS.find(s => s.id === id),
    id,
  )

/** States from which an actor's moves are said to stand for all orders and do not, by the whole graph. */
function wrong(oracle: AmpleOracle): string[] {
  const { lab, system } = oracle
  const ample = ampleOf(oracle)
  const state = new Uint32Array(system.words)
  const complaints = new Set<string>()
  for (const actor of lab.actors) {
    const right = oracle.standsForAll(actor.id)
    for (let at = 0; at < right.length; at++) {
      oracle.load(at, state)
      if (oracle.beyond(at) || right[at] === true || actor.ready(state as Machine) === 0) continue
      if (ample.standsForAll(state as Machine, actor.id))
        complaints.add(`${actor.name}: ${actor.op(state as Machine, 0).label}`)
    }
  }
  return [...complaints]
}

/** What is left of the graph: its states, all their damage, how many ends it has, and whether some circle has no way out. */
function reduced(oracle: AmpleOracle) {
  const { system, next } = oracle
  const ample = ampleOf(oracle)
  const state = new Uint32Array(system.words)
  const alone = (at: number): number => {
    oracle.load(at, state)
    return oracle.beyond(at) ? -1 : ample.of(state as Machine)
  }
  const seen = new Map<number, number>([[0, alone(0)]])
  const follow = (at: number): readonly number[] => {
    const actor = known(seen.get(at), 'state')
    const row = known(next[at], 'state')
    return actor < 0 ? row.flat() : known(row[actor], 'actor')
  }
  for (const [at] of seen) for (const to of follow(at)) if (!seen.has(to)) seen.set(to, alone(to))
  const all = [...seen.keys()]
  const dead = (at: number): boolean => known(next[at], 'state').every(moves => moves.length === 0)
  return {
    states: all.length,
    damage: all.reduce((bits, at) => bits | (oracle.damage[at] ?? 0), 0),
    ends: all.filter(dead).length,
    stuck: hasCircle(
      all.filter(at => (seen.get(at) ?? -1) >= 0),
      follow,
    ),
  }
}

/** Do these states have a circle among themselves? Takes away what leads nowhere, until nothing changes. */
function hasCircle(states: readonly number[], follow: (at: number) => readonly number[]): boolean {
  let left = new Set(states)
  for (;;) {
    const inside = [...left].filter(at => follow(at).some(to => left.has(to)))
    if (inside.length === left.size) return left.size > 0
    left = new Set(inside)
  }
}

const full = ({ next, damage }: AmpleOracle) => ({
  damage: damage.reduce((bits, d) => bits | d, 0),
  ends: next.filter(row => row.every(moves => moves.length === 0)).length,
})

/** Frames are so few that somebody may wait for one for ever. */
const tight = scenarioOf({
  id: 'tight',
  frames: 9,
  cpus: [
    app({ do: 'madvise-dontneed', region: 'buf' }),
    other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' }),
  ],
  devices: [gpu({ do: 'write', page: 'buf[0]' })],
})

/** Two devices with ATCs, and a page that comes back. */
const twoAtcs = scenarioOf({
  id: 'two-atcs',
  frames: 12,
  regions: [buf({ pages: 1 }), neighbour()],
  cpus: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'buf' }] }],
  devices: ['GPU 0', 'GPU 1'].map(name => ({ name, ats: { atc: 1 }, script: [{ do: 'write', page: 'buf[0]' }] })),
  iommu: { iotlb: 1, walkCache: 0, queue: 3 },
})

const labs: readonly (readonly [string, Lab])[] = [
  ['munmap, 6.6', labOf('munmap-plain')],
  ['munmap, 3.18, naive', labOf('munmap-plain', { kernel: '3.18' })],
  ['a forced flush, 3.18, naive', labOf('munmap-forced-flush', { kernel: '3.18' })],
  ['a forced flush, two devices', labOf(withTwin(shipped('munmap-forced-flush')))],
  ['a page table, 3.19, two devices', labOf(withTwin(shipped('munmap-page-table'), 1), { kernel: '3.19' })],
  ['a page table freed by RCU', labOf('munmap-page-table', { arch: 'arm64' })],
  ['a page table, 3.18, empty-table', labOf('munmap-page-table', { kernel: '3.18', driver: 'empty-table' })],
  ['dontneed, walks not drained', labOf('dontneed', { kernel: '3.19', switches: { drainsWalks: false } })],
  ['dontneed, small caches', labOf({ ...shipped('dontneed'), iommu: { iotlb: 1, walkCache: 1, queue: 1 } })],
  ['overlapping zaps, 3.18, empty-table', labOf('overlapping-zaps', { kernel: '3.18', driver: 'empty-table' })],
  ['exit', labOf(path('exit'), { kernel: '4.15' })],
  ['no device', labOf(path('no-device'), { kernel: '6.1' })],
  ['frames that are scarce', labOf(tight)],
  ['an ATC', labOf('ats-munmap')],
  ['an ATC that is flushed first', labOf('ats-munmap', { switches: { invalidateOrder: 'atc-first' } })],
  ['an ATC, walks not drained', labOf('ats-munmap', { kernel: '3.19', switches: { drainsWalks: false } })],
  ['two ATCs', labOf(twoAtcs)],
  ['two ATCs, the naive driver of 3.18', labOf(twoAtcs, { kernel: '3.18' })],
]

const rounds: readonly (readonly [string, Lab])[] = [
  ['munmap, 6.6', labOf(repeating(shipped('munmap-plain'), 2, 1))],
  ['a forced flush, 3.18, naive', labOf(repeating(shipped('munmap-forced-flush'), 2), { kernel: '3.18' })],
  ['a forced flush, two devices', labOf(repeating(withTwin(shipped('munmap-forced-flush'), 1), 3))],
  [
    'dontneed, small caches',
    labOf({ ...repeating(shipped('dontneed'), 2, 1), iommu: { iotlb: 1, walkCache: 1, queue: 1 } }),
  ],
  [
    '3.18, empty-table',
    labOf(repeating(shipped('munmap-page-table'), 2, 1), { kernel: '3.18', driver: 'empty-table' }),
  ],
  ['an ATC', labOf(repeating(shipped('ats-munmap'), 2, 1))],
  ['two ATCs', labOf(repeating(twoAtcs, 2))],
]

describe('an actor whose moves are said to stand for all orders', () => {
  it.each(labs)('does so by the definition, in every state: %s', (_name, lab) => {
    check(new AmpleOracle(lab, 20_000))
  })

  it.each(rounds)('also where work goes round: %s', (_name, lab) => {
    check(new AmpleOracle(lab, 20_000, known(systemOf(lab).rounds, 'rounds')()))
  })

  function check(oracle: AmpleOracle): void {
    expect(wrong(oracle)).toEqual([])

    const left = reduced(oracle)
    const { damage, ends } = full(oracle)
    expect(left.stuck).toBe(false)
    expect(left.states).toBeLessThanOrEqual(oracle.next.length)
    // Beyond a frame freed too early nothing is promised, but that it comes to that.
    if ((damage & 4) !== 0) expect(left.damage & 4).toBe(4)
    else expect([left.damage, left.ends]).toEqual([damage, ends])
  }
})
