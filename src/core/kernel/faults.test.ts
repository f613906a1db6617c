import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Run } from '../runs/run.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, finish, opsOf, runAlone, runOf } from '../testing/films.ts'
import { app, buf, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { viewOf } from '../view/view-of.ts'

const moves = (actor: number, times: number) => Array(times).fill({ actor, alternative: 0 })
const actorIn = (run: Run, name: string) =>
  known(
    run.lab.actors.find(a => a.name === name),
    name,
  )
const blockedNow = (run: Run, name: string): string => {
  const m = run.stateAt(run.length)
  expect(actorIn(run, name).ready(m)).toBe(0)
  return actorIn(run, name).blocked(m)
}

describe('mmap, then a first touch', () => {
  const grow = scenarioOf({
    regions: [buf({ unmapped: true, present: 'none' })],
    cpus: [app({ do: 'mmap', region: 'buf' }, { do: 'write', page: 'buf[1]' })],
  })

  it('mmap only promises: the frame and the page tables come with the fault, and nobody is notified', () => {
    const run = runAlone(labOf(grow))
    expect(filmOf(run)).toMatchInlineSnapshot(`
      "CPU 0
      mmap_write_lock_killable [lock]
      mmap_region [map]
      mmap_write_unlock [return]
      store [miss]
      page walk [fault]
      mmap_read_trylock [mmap_read_trylock]
      handle_mm_fault [map buf[1]]
      mmap_read_unlock [mmap_read_unlock]
      store [miss]
      page walk [PGD]
      page walk [PUD]
      page walk [PMD]
      page walk [PTE]
      page walk [fill]
      store [write]"
    `)
    const made = run.film
      .flatMap(s => s.events)
      .filter(e => e.type === 'table-allocated' || e.type === 'page-allocated')
    expect(made.map(e => (e.type === 'table-allocated' ? e.level : 'page'))).toEqual(['PUD', 'PMD', 'PTE', 'page'])
  })

  it('needs a frame for each of them: with one too few the fault waits and says so', () => {
    const tight = { ...grow, memory: { ...grow.memory, frames: 5 } }
    const run = runAlone(labOf(tight))
    expect(blockedNow(run, 'CPU 0')).toBe('no frame is free')
  })
})

describe('an access that must not be', () => {
  it('to an address without a VMA is refused, to the CPU and to the device; the device stops', () => {
    const scenario = scenarioOf({
      regions: [buf(), neighbour()],
      cpus: [app({ do: 'munmap', region: 'buf' }, { do: 'read', page: 'buf[0]' })],
      devices: [gpu({ do: 'read', page: 'buf[1]' })],
    })
    const run = runAlone(labOf(scenario))
    finish(run, 1)
    expect(run.film.flatMap(s => s.events.flatMap(e => (e.type === 'fault-refused' ? [e.why] : [])))).toEqual([
      'no VMA covers the address',
      'no VMA covers the address',
    ])
    expect(blockedNow(run, 'GPU 0')).toBe('its access was refused, and it has stopped')
    expect(viewOf(run.lab, run.stateAt(run.length)).devices[0]?.phase).toBe('stopped')
  })

  it('that writes where the VMA is read-only is refused', () => {
    const scenario = scenarioOf({ regions: [buf({ protection: 'r' })], cpus: [app({ do: 'write', page: 'buf[0]' })] })
    const events = runAlone(labOf(scenario)).film.flatMap(s => s.events)
    expect(events).toContainEqual(expect.objectContaining({ type: 'fault-refused', why: 'the VMA is read-only' }))
  })
})

describe('who waits for whom, in words', () => {
  const pair = scenarioOf({
    regions: [buf({ present: [0] }), neighbour()],
    cpus: [app({ do: 'munmap', region: 'heap' }), app({ do: 'write', page: 'buf[1]' })],
    devices: [gpu({ do: 'write', page: 'buf[1]' })],
  })

  it('a fault waits for a munmap that holds the mmap lock for writing', () => {
    const run = runOf(labOf(pair, { kernel: '3.18' }), [...moves(0, 2), ...moves(1, 5)])
    expect(blockedNow(run, 'CPU 1')).toBe('the mmap lock is held for writing by CPU 0')
  })

  it('a device’s request waits for it too, in the fault worker', () => {
    const run = runOf(labOf(pair, { kernel: '3.18' }), [...moves(0, 2), ...moves(2, 5)])
    expect(blockedNow(run, 'Fault worker')).toBe('the mmap lock is held for writing by CPU 0')
    expect(blockedNow(run, 'GPU 0')).toBe('its page request for buf[1] waits for the CPU')
  })

  it('from 4.20 on munmap has downgraded the lock, and both go on', () => {
    const run = runOf(labOf(pair, { kernel: '6.6' }), [...moves(0, 2), ...moves(1, 6), ...moves(2, 5)])
    expect(run.film.at(-1)?.mark).toBe('request')
    expect(actorIn(run, 'Fault worker').ready(run.stateAt(run.length))).toBe(1)
  })

  it('munmap waits for a fault that is inside', () => {
    const run = runOf(labOf(pair), moves(1, 6))
    expect(blockedNow(run, 'CPU 0')).toBe('the mmap lock is held for reading by 1')
  })

  it('a fault waits for the page-table lock of a zap that holds it', () => {
    const zap = scenarioOf({
      regions: [buf({ present: [0] }), neighbour()],
      cpus: [app({ do: 'madvise-dontneed', region: 'heap' }), app({ do: 'write', page: 'buf[1]' })],
    })
    const run = runOf(labOf(zap), [...moves(1, 6), ...moves(0, 3)])
    expect(opsOf(run, 'CPU 0').at(-1)).toBe('pte_offset_map_lock [zap]')
    expect(blockedNow(run, 'CPU 1')).toBe('the page-table lock is held by CPU 0')
  })

  it('a driver waits for the IOMMU, and the IOMMU for a walk that it must drain', () => {
    const run = runOf(labOf('munmap-plain', { kernel: '3.18' }), [...moves(3, 2), ...moves(0, 3)])
    expect(blockedNow(run, 'CPU 0')).toBe('the IOMMU has not executed the invalidate yet')
    expect(blockedNow(run, 'IOMMU')).toBe('it drains walks first, and one for GPU 0 is under way')
  })

  it('a second command waits while the invalidation queue is full', () => {
    const narrow = scenarioOf({
      regions: [buf(), neighbour()],
      cpus: [
        app({ do: 'madvise-dontneed', region: 'buf', pages: 1 }),
        app({ do: 'madvise-dontneed', region: 'buf', first: 1 }),
      ],
      devices: [gpu()],
      iommu: { iotlb: 2, walkCache: 2, queue: 1 },
    })
    const run = runOf(labOf(narrow, { kernel: '3.18' }), [...moves(0, 3), ...moves(1, 2)])
    expect(blockedNow(run, 'CPU 1')).toBe('the invalidation queue is full')
  })

  it('a second swap of the page table waits for the driver’s lock', () => {
    const run = runOf(labOf('overlapping-zaps', { kernel: '3.18', driver: 'empty-table' }), [
      ...moves(0, 3),
      ...moves(1, 2),
    ])
    expect(blockedNow(run, 'CPU 1')).toBe('the driver’s lock on the PASID is held by CPU 0')
  })

  it('an allocation waits while no frame is free', () => {
    const greedy = scenarioOf({
      frames: 8,
      regions: [buf()],
      cpus: [app(), other({ do: 'allocate', as: 'data' }, { do: 'allocate', as: 'data' })],
    })
    const run = runAlone(labOf(greedy), 1)
    expect(blockedNow(run, 'CPU 1')).toBe('no frame is free')
  })
})

describe('the empty-table driver while a pair is open', () => {
  const zap = scenarioOf({
    regions: [buf(), neighbour()],
    cpus: [app({ do: 'madvise-dontneed', region: 'buf' })],
    devices: [gpu({ do: 'write', page: 'heap[0]' })],
  })
  const lab = labOf(zap, { kernel: '3.18', driver: 'empty-table' })
  const iommu = known(
    lab.actors.find(a => a.name === 'IOMMU'),
    'IOMMU',
  ).id

  it('makes every access of the device fault, also to pages that nobody unmaps, and answers without mapping: again and again (B04)', () => {
    const round = [...moves(1, 1), ...moves(iommu + 1, 1)]
    const run = runOf(lab, [...moves(0, 3), ...moves(iommu, 1), ...round, ...round, ...round])
    expect(opsOf(run, 'GPU 0')).toEqual(['DMA [request]', 'DMA [request]', 'DMA [request]'])
    expect(opsOf(run, 'Fault worker')).toEqual(Array(3).fill('ppr_notifier [success]'))
  })

  it('and is no deadlock: the access gets through once the pair is closed', () => {
    const { deadlock } = enumerate(lab)
    expect(deadlock).toBeUndefined()
  })
})

it('a page table freed by RCU goes when the grace period ends, which the freeing CPU does not wait for', () => {
  const rcu = scenarioOf({ cpus: [app({ do: 'munmap', region: 'buf' })] })
  const run = runAlone(labOf(rcu, { switches: { tableFree: 'rcu' } }))
  expect(run.film.slice(-2).map(s => [s.actor.name, s.op, s.events.map(e => e.type)])).toEqual([
    ['CPU 0', 'mmap_read_unlock', ['mmap-lock-released', 'syscall-returned']],
    ['RCU', 'tlb_remove_table_rcu', ['rcu-callback-ran', 'table-freed', 'table-freed', 'table-freed']],
  ])
})

it('tables wait for RCU as long as it takes, over any number of calls', () => {
  const often = scenarioOf({
    frames: 24,
    regions: [buf({ unmapped: true, present: 'none' })],
    cpus: [
      app(
        ...Array.from({ length: 3 }, () => [
          { do: 'mmap', region: 'buf' } as const,
          { do: 'write', page: 'buf[0]' } as const,
          { do: 'munmap', region: 'buf' } as const,
        ]).flat(),
      ),
    ],
  })
  const run = runAlone(labOf(often, { arch: 'arm64' }))
  expect(run.film.at(-1)?.events.filter(e => e.type === 'table-freed')).toHaveLength(9)
})

it('a walk under way is shown for the page it is for, also where one region’s name ends like another’s', () => {
  const names = scenarioOf({
    regions: [buf(), buf({ name: 'mybuf', at: '0x100000100000' })],
    cpus: [app({ do: 'read', page: 'mybuf[0]' })],
  })
  const run = runOf(labOf(names), moves(0, 2))
  expect(viewOf(run.lab, run.stateAt(2)).cpus[0]?.walk?.label).toBe('mybuf[0]')
})
