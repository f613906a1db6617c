import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { runToEnd } from '../explorer/explore.ts'
import { REDUCED, search } from '../explorer/search.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import { decodeSchedule } from '../runs/schedule.ts'
import { DRIVER_KINDS, KERNEL_IDS } from '../runs/settings.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, runOf } from '../testing/films.ts'
import { distinctKernels } from '../testing/kernels.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import type { Lab } from './build.ts'
import { systemOf } from './exploration.ts'
import { RULES } from './rules.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenario-list.ts'

/*
 * Every interleaving of every row, by brute force: can an access reach a freed frame (I1), can a walk reach a freed page table
 * (I2)? And in none of them does anybody stand still for ever.
 */

type Row = readonly [why: string, scenario: string | Scenario, chosen: Chosen]

/** What rules say to be harm done. */
const HARM = RULES.filter(rule => rule.harm).reduce((bits, rule) => bits | rule.damage, 0)
const USE_AFTER_FREE = DAMAGE.usedAfterFree | DAMAGE.walkedAfterFree

function damageIn(scenario: string | Scenario, chosen: Chosen): number {
  const { damage, deadlock } = enumerate(labOf(scenario, chosen))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return damage & USE_AFTER_FREE
}

const violated = (rows: readonly Row[]): void =>
  it.each(rows)('a freed frame is reached: %s', (_why, scenario, chosen) => {
    expect(damageIn(scenario, chosen)).not.toBe(0)
  })

const holds = (rows: readonly Row[]): void =>
  it.each(rows)('no freed frame is ever reached: %s', (_why, scenario, chosen) => {
    expect(damageIn(scenario, chosen)).toBe(0)
  })

describe('a page freed between start and end (B01)', () => {
  const forced = 'munmap-forced-flush'
  violated([
    [
      '3.18, naive: the device refills after start(), the flush in end() comes after the free',
      forced,
      { kernel: '3.18' },
    ],
    ['3.19 1/3, naive: nobody calls the empty function', forced, { kernel: '3.19-1of3' }],
    ['3.19 2/3, naive: the function is called and is empty', forced, { kernel: '3.19-2of3' }],
    [
      '3.19, naive: a driver that does not use the new callback gains nothing',
      forced,
      { kernel: '3.19', driver: 'naive' },
    ],
    ['6.6, naive: nor would it today', forced, { kernel: '6.6', driver: 'naive' }],
    [
      '3.18, notifier: a driver that waits for a callback which does not exist',
      forced,
      { kernel: '3.18', driver: 'notifier' },
    ],
    [
      '3.19 without the call in the gather’s flush',
      forced,
      { kernel: '3.19', switches: { gatherFlushNotifies: false } },
    ],
    [
      '3.19 where invalidates do not wait for walks: one that has read the PTE fills the IOTLB afterwards',
      forced,
      { kernel: '3.19', switches: { drainsWalks: false } },
    ],
    ['6.6 without CONFIG_MMU_NOTIFIER', forced, { kernel: '6.6', switches: { configMmuNotifier: false } }],
    ['arm64 3.18, naive: the same gap', forced, { kernel: '3.18', arch: 'arm64' }],
  ])
  holds([
    ['3.19, notifier: told after the unmap and before the free', forced, { kernel: '3.19' }],
    ['4.15, notifier', forced, { kernel: '4.15' }],
    ['6.1, notifier', forced, { kernel: '6.1' }],
    ['6.6, notifier: told by the CPU flush itself', forced, { kernel: '6.6' }],
    [
      'arm64 6.6, notifier: told between TLBI and DSB, which is before the free too',
      forced,
      { kernel: '6.6', arch: 'arm64' },
    ],
    [
      '3.18, empty table: from start to end there is nothing to walk',
      forced,
      { kernel: '3.18', driver: 'empty-table' },
    ],
  ])

  it('the shortest run that breaks it: the walk reads the PTE, the page is freed, the fill comes late', () => {
    const lab = labOf(forced, { kernel: '3.18' })
    const way = enumerate(lab).wayTo(DAMAGE.usedAfterFree)
    expect(filmOf(runOf(lab, way ?? []))).toMatchInlineSnapshot(`
      "CPU 0                                          GPU 0                 IOMMU
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
                                                                           invalidate [invalidate]
      completion wait [complete]
      pte_offset_map_lock [zap]
                                                     DMA [miss]
                                                     page walk [PGD]
                                                     page walk [PUD]
                                                     page walk [PMD]
                                                     page walk [PTE]
      ptep_get_and_clear_full [clear buf[0]]
      flush_tlb_mm_range [flush]
      pte_unmap_unlock [unlock]
      tlb_batch_pages_flush [free 5]
                                                     IOTLB fill [fill]
                                                     DMA [use after free]"
    `)
  })
})

describe('a page table freed after end() (B02)', () => {
  const table = 'munmap-page-table'
  violated([
    ['3.18, naive: free_pgtables() runs after end(), and nobody is called', table, { kernel: '3.18' }],
    [
      '3.18, empty table: end() has put the real table back, and then a part of it is freed',
      table,
      { kernel: '3.18', driver: 'empty-table' },
    ],
    ['3.19 1/3, naive', table, { kernel: '3.19-1of3' }],
    ['3.19 2/3, naive', table, { kernel: '3.19-2of3' }],
    ['3.19, empty table: the old workaround misses it still', table, { kernel: '3.19', driver: 'empty-table' }],
    [
      '3.19 with an IOMMU that drops leaf entries only: the walk cache keeps the freed table',
      table,
      { kernel: '3.19', switches: { invalidateKind: 'leaf' } },
    ],
    ['6.6 with the same', table, { kernel: '6.6', switches: { invalidateKind: 'leaf' } }],
    [
      '3.19 where invalidates do not wait for walks: one stands inside the table',
      table,
      { kernel: '3.19', switches: { drainsWalks: false } },
    ],
    ['arm64 3.18, naive: a grace period does not stop hardware', table, { kernel: '3.18', arch: 'arm64' }],
  ])
  holds([
    ['3.19, notifier: pages and tables in one call, before both are freed', table, { kernel: '3.19' }],
    ['4.15, notifier', table, { kernel: '4.15' }],
    ['6.1, notifier', table, { kernel: '6.1' }],
    ['6.6, notifier', table, { kernel: '6.6' }],
    ['arm64 6.6, notifier: a second call for the tables', table, { kernel: '6.6', arch: 'arm64' }],
  ])

  it('the shortest run that breaks it: the walk stands before the table as it is freed', () => {
    const lab = labOf(table, { kernel: '3.18', driver: 'empty-table' })
    const way = enumerate(lab).wayTo(DAMAGE.walkedAfterFree)
    expect(filmOf(runOf(lab, way ?? []))).toMatchInlineSnapshot(`
      "CPU 0                                          GPU 0                        IOMMU
      mmap_write_lock_killable [lock]
      detach_vmas_to_be_unmapped [detach]
      __mmu_notifier_invalidate_range_start [start]
                                                                                  invalidate [invalidate]
      completion wait [complete]
      pte_offset_map_lock [zap]
      ptep_get_and_clear_full [clear buf[0]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range_end [end]
                                                                                  invalidate [invalidate]
      completion wait [complete]
      unlink_file_vma [pgtables]
                                                     DMA [miss]
                                                     page walk [PGD]
                                                     page walk [PUD]
                                                     page walk [PMD]
      free_pte_range [unlink PTE]
      flush_tlb_mm_range [flush]
      tlb_batch_pages_flush [free table 4]
                                                     page walk [walk after free]"
    `)
  })

  // The one GPU of the shipped scenario stops when its access is refused: it leaves a stale walk cache, and never comes back.
  const twoDevices = scenarioOf({
    frames: 10,
    regions: [buf({ pages: 1 }), buf({ name: 'heap', at: '0x100000200000', pages: 1 })],
    cpus: [app({ do: 'munmap', region: 'buf' })],
    devices: [gpu({ do: 'read', page: 'buf[0]' }), { name: 'NIC', script: [{ do: 'read', page: 'buf[0]' }] }],
  })
  violated([
    [
      '3.19 that does not announce freed tables, once a second device uses the walk cache',
      twoDevices,
      { kernel: '3.19', switches: { tableFreeNotifies: false } },
    ],
  ])
  holds([['3.19 that does, with both devices', twoDevices, { kernel: '3.19' }]])

  // Two regions share a table; the second munmap frees it, with a range that has nothing of the first.
  const shared = scenarioOf({
    frames: 10,
    regions: [buf({ name: 'left', pages: 1 }), buf({ name: 'right', at: '0x100000001000', pages: 1 })],
    cpus: [app({ do: 'munmap', region: 'right' }, { do: 'munmap', region: 'left' })],
    devices: [gpu({ do: 'read', page: 'right[0]' })],
  })
  holds([
    ['3.19, and a walk for another page of the table is drained with those of the range', shared, { kernel: '3.19' }],
    ['6.6, likewise', shared, { kernel: '6.6' }],
  ])
  violated([['3.19 that drains nothing, by such a walk', shared, { kernel: '3.19', switches: { drainsWalks: false } }]])
})

describe('two zaps that overlap (B03)', () => {
  const zaps = 'overlapping-zaps'
  violated([
    [
      '3.18, empty table, remembering one pair: the first end() puts the real table back',
      zaps,
      { kernel: '3.18', driver: 'empty-table', switches: { emptyTableNesting: 'boolean' } },
    ],
  ])
  holds([
    ['3.18, empty table, counting pairs', zaps, { kernel: '3.18', driver: 'empty-table' }],
    ['3.19, notifier: nothing to count', zaps, { kernel: '3.19' }],
  ])
})

describe('munmap with room enough in the gather', () => {
  const plain = 'munmap-plain'
  holds([
    [
      '3.18, naive: the flush in end() comes after the unmap and, with nothing forced, before the free',
      plain,
      { kernel: '3.18' },
    ],
    ['3.18, empty table', plain, { kernel: '3.18', driver: 'empty-table' }],
    ['3.19, notifier', plain, { kernel: '3.19' }],
    ['6.1, notifier', plain, { kernel: '6.1' }],
    ['6.6, notifier', plain, { kernel: '6.6' }],
    ['arm64 6.6, notifier', plain, { kernel: '6.6', arch: 'arm64' }],
  ])
  violated([
    [
      '6.6 without CONFIG_MMU_NOTIFIER: nobody tells the IOMMU anything',
      plain,
      { kernel: '6.6', switches: { configMmuNotifier: false } },
    ],
    [
      '3.18 with a driver for 3.19: nobody tells the IOMMU anything either',
      plain,
      { kernel: '3.18', driver: 'notifier' },
    ],
  ])
})

describe('madvise(MADV_DONTNEED) beside faults', () => {
  holds([
    ['3.18, naive', 'dontneed', { kernel: '3.18' }],
    ['3.18, empty table', 'dontneed', { kernel: '3.18', driver: 'empty-table' }],
    ['3.19, notifier', 'dontneed', { kernel: '3.19' }],
    ['6.6, notifier', 'dontneed', { kernel: '6.6' }],
  ])
})

describe('a VMA flushed by itself, as on arm64 (B05)', () => {
  // One page may wait: the second VMA's flush would be the one that is forced.
  const vma = scenarioOf({
    frames: 10,
    regions: [buf({ pages: 1 }), neighbour()],
    cpus: [app({ do: 'munmap', region: 'buf' }), other({ do: 'allocate', as: 'data' })],
    devices: [gpu({ do: 'read', page: 'buf[0]' }, { do: 'read', page: 'buf[0]' })],
  })
  holds([
    ['4.15 forgets the notifier there, and the call by end() covers it', vma, { kernel: '4.15', arch: 'arm64' }],
    ['6.6 has no such call, and tells the notifier in the flush', vma, { kernel: '6.6', arch: 'arm64' }],
  ])
  violated([
    [
      '4.15 without the call by end()',
      vma,
      { kernel: '4.15', arch: 'arm64', switches: { endImpliesInvalidate: false } },
    ],
    ['6.6 that forgets again', vma, { kernel: '6.6', arch: 'arm64', switches: { endVmaFlushNotifies: false } }],
  ])
})

describe('the ready-made runs of the shipped scenarios', () => {
  const runs = SCENARIOS.flatMap(scenario =>
    scenario.breaks.flatMap(b =>
      b.schedule === undefined ? [] : [[`${scenario.id}: ${b.what}`, scenario, b] as const],
    ),
  )

  it.each(runs)('%s', (_what, scenario, { kernel, driver, switches, schedule = '' }) => {
    const choices = decodeSchedule(schedule)
    const lab = labOf(scenario, {
      kernel: known(
        KERNEL_IDS.find(id => id === kernel),
        kernel,
      ),
      driver: known(
        DRIVER_KINDS.find(id => id === driver),
        driver,
      ),
      ...(switches === undefined ? {} : { switches }),
    })
    const run = runOf(lab, choices.ok ? choices.value : [])
    expect(damageOf(lab.setup, run.stateAt(run.length)) & HARM).not.toBe(0)
    expect(run.film.at(-1)?.tone, 'the run ends with the harm').toBe('damage')
  })
})

const stuckIn = (lab: Lab): boolean =>
  runToEnd(search(systemOf(lab), [], { states: 2_000_000, bytes: 2 ** 30 }, REDUCED)).kind !== 'holds'

describe('nobody stands still for ever', () => {
  const small = SCENARIOS.filter(s => s.id !== 'overlapping-zaps').map(s => s.id)
  /** Without a device no driver is asked. */
  const drivers = (id: string) => (labOf(id).scenario.devices.length > 0 ? DRIVER_KINDS : DRIVER_KINDS.slice(0, 1))
  const everywhere = small.flatMap(id => drivers(id).map(driver => [id, driver] as const))

  it.each(everywhere)('%s, driver %s: in every state somebody can move, or all are done', (id, driver) => {
    const stuck = distinctKernels(id, { driver }).filter(kernel => stuckIn(labOf(id, { kernel, driver })))
    expect(stuck).toEqual([])
  })
})
