import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import type { CpuAction } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runAlone } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'

/*
 * Page tables that RCU frees: when do they leave the gather, and has everybody who walks been told by then? Every interleaving by brute
 * force.
 */

const munmap: CpuAction = { do: 'munmap', region: 'buf' }
const far = neighbour({ at: '0x100000200000' })
const rcu = (switches: Chosen['switches'] = {}): NonNullable<Chosen['switches']> => ({ tableFree: 'rcu', ...switches })

/** CPU 1 has read the page that CPU 0 unmaps, and walks for the next one on speculation. */
const twoThreads = (tableBatch?: number) =>
  scenarioOf({
    frames: 10,
    regions: [buf({ present: [0] }), far],
    cpus: [
      { ...app(munmap), tlb: 0, walkCache: 0 },
      app({ do: 'read', page: 'buf[0]' }, { do: 'speculate', page: 'buf[1]' }),
      other({ do: 'allocate', as: 'pte-bytes' }),
    ],
    ...(tableBatch === undefined ? {} : { tableBatch }),
  })

/** One thread, and devices: the mm has a single user. */
const oneThread = scenarioOf({
  frames: 10,
  regions: [buf({ pages: 1 }), far],
  cpus: [{ ...app(munmap), tlb: 0, walkCache: 0 }, other({ do: 'allocate', as: 'pte-bytes' })],
  devices: [gpu({ do: 'read', page: 'buf[0]' }), { ...gpu({ do: 'read', page: 'buf[0]' }), name: 'GPU 1' }],
  iommu: { iotlb: 1, walkCache: 1, queue: 2 },
})

const walks = (s: Parameters<typeof labOf>[0], chosen: Chosen): boolean => {
  const { damage, deadlock } = enumerate(labOf(s, chosen))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return (damage & DAMAGE.walkedAfterFree) !== 0
}

describe('a batch of page tables that is full (B06)', () => {
  it.each([
    ['4.15', 1, true],
    ['4.15', 2, false],
    ['4.19', 1, false],
    ['6.14', 1, false],
  ] as const)('%s, room for %i: a freed table is walked: %s', (kernel, tableBatch, expected) => {
    expect(walks(twoThreads(tableBatch), { kernel, switches: rcu() })).toBe(expected)
  })

  it('never fills where tables are freed with the pages', () => {
    expect(walks(twoThreads(1), { kernel: '4.15' })).toBe(false)
  })

  it('is flushed before it is handed over, from 4.19 on', () => {
    const film = filmOf(runAlone(labOf(twoThreads(1), { kernel: '4.19', switches: rcu() })))
    const lines = film.split('\n').map(line => line.trim().split(/ +/)[0])
    const order = ['free_pte_range', 'flush_tlb_mm_range', 'smp_call_function_many_cond', 'tlb_table_flush']
    expect(lines.filter(fn => order.includes(fn ?? '')).slice(0, 4)).toEqual(order)
  })
})

describe('an mm with one user (B06)', () => {
  it.each([
    ['4.15', {}, true],
    ['4.15', { singleUserTableShortcut: false }, false],
    ['4.19', {}, false],
    ['4.19', { singleUserTableShortcut: true }, true],
  ] as const)('%s %o: the IOMMU walks a freed table: %s', (kernel, switches, expected) => {
    expect(walks(oneThread, { kernel, switches: rcu(switches) })).toBe(expected)
  })

  it('is not what two threads have', () => {
    expect(walks(twoThreads(), { kernel: '4.15', switches: rcu() })).toBe(false)
  })
})
