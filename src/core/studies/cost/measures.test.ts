import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { fairChoice, Run } from '../../runs/run.ts'
import { KERNEL_IDS, type KernelId } from '../../runs/settings.ts'
import type { Lab } from '../../scenarios/build.ts'
import { filmOf, runAlone } from '../../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../../testing/labs.ts'
import { anyPicks, anyPlace, labAt, picked } from '../../testing/walks.ts'
import { countsAlong } from './count.ts'
import { FAMILIES } from './measure.ts'
import { MEASURES, placeOf } from './measures.ts'
import { overInvalidation } from './over-invalidation.ts'

/** By measure; only what is not 0. */
type Costs = Readonly<Record<string, number>>

/** What a run has cost after `at` steps. */
function costs(run: Run, at = run.length): Costs {
  const counts = known(countsAlong(run)[at], 'counts')
  return Object.fromEntries(MEASURES.flatMap((m, i) => (counts[i] === 0 ? [] : [[m.id, counts[i] as number]])))
}

/** One after the other, each as far as it goes; hardware moves when somebody waits for it. */
function inTurn(lab: Lab, ...order: readonly (readonly [name: string, steps?: number])[]): Run {
  const run = new Run(lab)
  for (const [name, steps = Number.POSITIVE_INFINITY] of order) {
    const actor = known(
      lab.actors.find(a => a.name === name),
      name,
    )
    for (let i = 0; i < steps; i++) {
      const m = run.stateAt(run.length)
      const next = actor.ready(m) > 0 ? actor : lab.actors.find(a => HELPERS.has(a.kind) && a.ready(m) > 0)
      if (next === undefined || (next !== actor && actor.finished(m))) break
      run.push({ actor: next.id, alternative: 0 })
    }
  }
  return run
}
const HELPERS = new Set(['iommu', 'interrupt', 'fault-worker'])

/** A page is unmapped that the GPU has read before; its page table stays. */
const ONE_PAGE = scenarioOf({
  regions: [buf({ pages: 1 }), neighbour()],
  cpus: [app({ do: 'munmap', region: 'buf' })],
  devices: [gpu({ do: 'read', page: 'buf[0]' })],
})
const afterRead = (chosen: Chosen): Run => inTurn(labOf(ONE_PAGE, chosen), ['GPU 0', 6], ['CPU 0'])

describe('counted by hand', () => {
  it('6.6 tells the IOMMU once, when the CPUs have been flushed', () => {
    const run = afterRead({ kernel: '6.6' })
    expect(`\n${filmOf(run)}`).toBe(`
CPU 0                                                  GPU 0              IOMMU
                                                       DMA [miss]
                                                       page walk [PGD]
                                                       page walk [PUD]
                                                       page walk [PMD]
                                                       page walk [PTE]
                                                       IOTLB fill [fill]
mmap_write_lock_killable [lock]
detach_vmas_to_be_unmapped [detach]
__mmu_notifier_invalidate_range_start [start]
pte_offset_map_lock [zap]
ptep_get_and_clear_full [clear buf[0]]
pte_unmap_unlock [unlock]
__mmu_notifier_invalidate_range_end [end]
unlink_file_vma [pgtables]
flush_tlb_mm_range [flush]
mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                                          invalidate [invalidate]
completion wait [complete]
tlb_batch_pages_flush [free 5]
mmap_read_unlock [return]`)
    expect(costs(run)).toEqual({
      'cpu-flushes': 1,
      'iotlb-commands': 1,
      // Nobody waits for a CPU: there is one.
      'completion-waits': 1,
      // Cleared in step 11, dropped in step 17.
      exposure: 6,
      // Dropped in step 17, freed in step 19.
      'clean-to-free': 2,
      // The leaf had to go; the three tables above it are still there.
      'entries-dropped': 4,
      'needless-drops': 3,
      // Queued in step 11, freed in step 19.
      'gathered-peak': 1,
      'gathered-steps': 8,
    })
  })

  it('at the playhead only what has happened counts', () => {
    expect(costs(afterRead({ kernel: '6.6' }), 13)).toEqual({
      'flushes-saved': 1,
      exposure: 2,
      'gathered-peak': 1,
      'gathered-steps': 2,
    })
  })

  it('3.19 tells it twice, first from end(), which is sooner', () => {
    expect(costs(afterRead({ kernel: '3.19' }))).toMatchObject({
      'iotlb-commands': 2,
      'completion-waits': 2,
      exposure: 3,
      'clean-to-free': 8,
      'entries-dropped': 4,
    })
  })

  it('3.18 flushes in start(), when everything is still mapped: all of it needlessly', () => {
    const run = afterRead({ kernel: '3.18', driver: 'naive' })
    expect(costs(run)).toMatchObject({ 'iotlb-commands': 2, 'entries-dropped': 4, 'needless-drops': 4 })
    expect(costs(run).exposure).toBeUndefined()
  })

  it('a leaf-only invalidate drops nothing that did not have to go', () => {
    const run = afterRead({ kernel: '6.6', switches: { invalidateKind: 'leaf' } })
    expect(costs(run)).toMatchObject({ 'entries-dropped': 1 })
    expect(costs(run)['needless-drops']).toBeUndefined()
    expect(overInvalidation(1, 0)).toBe(1)
    expect(overInvalidation(4, 3)).toBe(4)
    expect(overInvalidation(4, 4)).toBeNull()
  })

  it('a device that faults while a pair is open stalls until it is answered', () => {
    const faulting = scenarioOf({
      regions: [buf({ present: [1] })],
      cpus: [app({ do: 'madvise-dontneed', region: 'buf' })],
      devices: [gpu({ do: 'read', page: 'buf[0]' })],
    })
    const lab = labOf(faulting, { kernel: '6.6' })
    // A miss and an empty PTE, and the device asks. Read lock and start(). The worker looks for the VMA, maps, answers.
    const run = inTurn(lab, ['GPU 0', 5], ['CPU 0', 3], ['Fault worker', 3])
    const asked = run.film.findIndex(s => s.events.some(e => e.type === 'page-requested')) + 1
    const opened = run.film.findIndex(s => s.events.some(e => e.type === 'invalidate-range-started')) + 1
    const answered = run.film.findIndex(s => s.events.some(e => e.type === 'page-request-answered')) + 1
    expect([asked > 0, opened > 0, answered]).toEqual([true, true, run.length])
    expect(costs(run)['device-stall']).toBe(answered - asked)
    expect(costs(run)['stall-in-pair']).toBe(answered - Math.max(asked, opened))
    expect(costs(run)['spurious-faults']).toBeUndefined()
  })

  it('page tables that wait for a grace period are held where RCU frees them', () => {
    const table = scenarioOf({ cpus: [app({ do: 'munmap', region: 'buf' })] })
    const arm = runAlone(labOf(table, { kernel: '6.6', arch: 'arm64' }))
    const queued = arm.film.findIndex(s => s.events.some(e => e.type === 'page-freed' || e.type === 'table-freed')) + 1
    const freed = arm.film.findIndex(s => s.events.some(e => e.type === 'rcu-callback-ran')) + 1
    const { 'rcu-peak': peak, 'rcu-steps': steps } = costs(arm)
    expect(peak).toBe(3)
    expect(steps).toBe(3 * (freed - queued))
    expect(MEASURES[placeOf('rcu-peak')]?.absent(labOf(table))).toContain('not by RCU')
  })
})

describe('what kernel.md 6.3 says of the eras', () => {
  it('C1: end() and the flush double the invalidates of a zap from 3.19 on; from 6.6 on there is one for each CPU flush', () => {
    const commands = (kernel: KernelId) => costs(afterRead({ kernel }))['iotlb-commands']
    for (const kernel of ['3.19', '4.15', '6.1'] as const) expect(commands(kernel)).toBe(2)
    expect(commands('6.6')).toBe(costs(afterRead({ kernel: '6.6' }))['cpu-flushes'])
  })

  it('C2: while the empty table is in, a device faults on addresses outside the range too', () => {
    const elsewhere = scenarioOf({
      regions: [buf({ pages: 1 }), neighbour()],
      cpus: [app({ do: 'munmap', region: 'buf' })],
      devices: [gpu({ do: 'read', page: 'heap[0]' })],
    })
    const inQueue = scenarioOf({
      regions: [buf({ pages: 1 }), neighbour({ pages: 2 })],
      cpus: elsewhere.cpus,
      devices: [{ ...gpu({ do: 'read', page: 'heap[0]' }), asksFor: 2 }],
      iommu: { iotlb: 4, walkCache: 3, queue: 4, pageRequests: { queue: 2 } },
    })
    const inPair = (chosen: Chosen, scenario = elsewhere): Run => {
      const lab = labOf(scenario, chosen)
      const run = new Run(lab)
      const cpu = known(lab.actors[0], 'CPU')
      while (!run.film.some(s => s.events.some(e => e.type === 'pte-cleared'))) {
        const next = cpu.ready(run.stateAt(run.length)) > 0 ? cpu : lab.actors.find(a => a.kind === 'iommu')
        run.push({ actor: known(next, 'IOMMU').id, alternative: 0 })
      }
      const device = known(
        lab.actors.find(a => a.kind === 'device'),
        'GPU',
      )
      while (device.ready(run.stateAt(run.length)) > 0) run.push({ actor: device.id, alternative: 0 })
      return run
    }
    expect(costs(inPair({ kernel: '3.18', driver: 'empty-table' }))).toMatchObject({ 'spurious-faults': 1 })
    // One fault, and a request for the page beside it: only the first is a fault.
    expect(costs(inPair({ kernel: '3.18', driver: 'empty-table' }, inQueue))).toMatchObject({ 'spurious-faults': 1 })
    for (const chosen of [{ kernel: '3.18', driver: 'naive' }, { kernel: '6.6' }] as const)
      expect(costs(inPair(chosen))['spurious-faults']).toBeUndefined()
  })

  it('C5: a guest that faults while KVM is told of an invalidation starts over', () => {
    const lab = labOf('kvm-fault', { kernel: '6.6' })
    const run = new Run(lab)
    const go = (name: string, until: (run: Run) => boolean): void => {
      const actor = known(
        lab.actors.find(a => a.name === name),
        name,
      )
      while (!until(run) && actor.ready(run.stateAt(run.length)) > 0) run.push({ actor: actor.id, alternative: 0 })
    }
    const shows = (type: string) => (r: Run) => r.film.some(s => s.events.some(e => e.type === type))
    go('vCPU 0', shows('sequence-sampled'))
    go('CPU 0', shows('shadow-zapped'))
    expect(costs(run)['shadow-retries']).toBeUndefined()
    go('vCPU 0', shows('shadow-fault-retried'))
    expect(costs(run)['shadow-retries']).toBe(1)
  })

  it('C1: a kernel thread interrupts the one CPU that runs the process', () => {
    const ipis = known(MEASURES[placeOf('ipis')], 'ipis')
    const kswapd = { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'reclaim', region: 'buf' }] } as const
    const aside = scenarioOf({ regions: [buf({ pages: 1 })], cpus: [app(), kswapd], devices: [] })
    expect(ipis.absent(labOf(aside, { kernel: '6.6' }))).toBeNull()
    expect(costs(runAlone(labOf(aside, { kernel: '3.18' }), 1)).ipis).toBe(1)
    expect(
      ipis.absent(labOf(scenarioOf({ cpus: [app({ do: 'munmap', region: 'buf' })] }), { kernel: '6.6' })),
    ).not.toBeNull()
  })

  it('C3: a gather saves the flushes that a batch of one page makes', () => {
    const pages = (batchSize: number) =>
      costs(
        runAlone(
          labOf(
            scenarioOf({
              regions: [buf({ pages: 4 }), neighbour()],
              cpus: [app({ do: 'munmap', region: 'buf' })],
              batchSize,
            }),
          ),
        ),
      )
    expect(pages(16)).toMatchObject({ 'cpu-flushes': 1, 'flushes-saved': 3, 'gathered-peak': 4 })
    expect(pages(1)).toMatchObject({ 'cpu-flushes': 4, 'gathered-peak': 1 })
    expect(pages(1)['flushes-saved']).toBeUndefined()
    expect(pages(2)).toMatchObject({ 'cpu-flushes': 2, 'flushes-saved': 2, 'gathered-peak': 2 })
  })

  it('C6: past 33 pages of address space x86 flushes everything, and tells the notifier so from 6.6 on', () => {
    const wide = scenarioOf({
      frames: 16,
      regions: [buf({ pages: 40, present: [0, 39] }), neighbour()],
      cpus: [app({ do: 'munmap', region: 'buf' })],
      devices: [gpu({ do: 'read', page: 'buf[0]' }), { name: 'NIC', script: [{ do: 'read', page: 'heap[0]' }] }],
    })
    const run = (kernel: KernelId) => inTurn(labOf(wide, { kernel }), ['GPU 0', 6], ['NIC', 3], ['CPU 0'])
    // The NIC’s translation lies outside the range: only a flush of everything takes it along.
    expect(costs(run('6.6'))['needless-drops']).toBe(4)
    expect(costs(run('3.19'))['needless-drops']).toBe(3)
  })
})

describe('in any run', () => {
  const negative = new Set(['flushes-saved'])

  it('costs never fall below 0, and parts are no larger than their wholes', () => {
    fc.assert(
      fc.property(anyPlace, anyPicks, (place, picks) => {
        const run = new Run(labAt(place))
        for (const pick of picks) {
          const choice = picked(run.lab, run.stateAt(run.length), pick)
          if (choice === undefined) break
          run.push(choice)
        }
        let before: readonly number[] | undefined
        for (const counts of countsAlong(run)) {
          const of = (id: string): number => counts[placeOf(id)] as number
          for (const [i, { id }] of MEASURES.entries()) {
            if (negative.has(id)) continue
            expect(counts[i]).toBeGreaterThanOrEqual(before?.[i] ?? 0)
          }
          expect(of('exposure-past-free')).toBeLessThanOrEqual(of('exposure'))
          expect(of('stall-in-pair')).toBeLessThanOrEqual(of('device-stall'))
          expect(of('needless-drops')).toBeLessThanOrEqual(of('entries-dropped'))
          expect(of('gathered-peak')).toBeLessThanOrEqual(of('gathered-steps') + of('gathered-peak'))
          before = counts
        }
      }),
      { numRuns: 60 },
    )
  })

  it('batching never sends more flushes or commands than a batch of one', () => {
    const someKernel = fc.constantFrom(...KERNEL_IDS)
    const sent = fc.record({
      kernel: someKernel,
      arch: fc.constantFrom('x86' as const, 'arm64' as const),
      pages: fc.integer({ min: 1, max: 5 }),
      batch: fc.integer({ min: 1, max: 6 }),
      lastOfTable: fc.boolean(),
    })
    fc.assert(
      fc.property(sent, ({ kernel, arch, pages, batch, lastOfTable }) => {
        const with_ = (batchSize: number): Costs => {
          const regions = lastOfTable ? [buf({ pages })] : [buf({ pages }), neighbour()]
          const scenario = scenarioOf({
            regions,
            cpus: [app({ do: 'munmap', region: 'buf' }), app({ do: 'write', page: 'buf[0]' })],
            devices: [gpu({ do: 'read', page: 'buf[0]' })],
            batchSize,
          })
          return costs(runAlone(labOf(scenario, { kernel, arch })))
        }
        const [many, single] = [with_(batch), with_(1)]
        for (const id of ['cpu-flushes', 'ipis', 'iotlb-commands', 'completion-waits'])
          expect(many[id] ?? 0).toBeLessThanOrEqual(single[id] ?? 0)
        expect(many['flushes-saved'] ?? 0).toBeGreaterThanOrEqual(single['flushes-saved'] ?? 0)
        expect(many['gathered-peak']).toBeGreaterThanOrEqual(single['gathered-peak'] as number)
      }),
      { numRuns: 40 },
    )
  })

  it('what a lab cannot show stays 0 in it, and is said', () => {
    const alone = labOf(
      scenarioOf({ cpus: [app({ do: 'munmap', region: 'buf' }), other({ do: 'allocate', as: 'data' })] }),
    )
    const run = new Run(alone)
    for (let last = -1; ; ) {
      const choice = fairChoice(alone, run.stateAt(run.length), last)
      if (choice === undefined) break
      run.push(choice)
      last = choice.actor
    }
    const counts = known(countsAlong(run).at(-1), 'counts')
    const absent = MEASURES.filter(m => m.absent(alone) !== null)
    expect(absent.map(m => m.id)).toEqual([
      'ipis',
      'iotlb-commands',
      'atc-commands',
      'spurious-faults',
      'device-stall',
      'stall-in-pair',
      'shadow-retries',
      'rcu-peak',
      'rcu-steps',
    ])
    for (const measure of absent) expect(counts[MEASURES.indexOf(measure)]).toBe(0)
  })
})

it('every measure has its own name, a family and a definition', () => {
  expect(new Set(MEASURES.map(m => m.id)).size).toBe(MEASURES.length)
  expect(FAMILIES.map(f => f.id).filter(id => !MEASURES.some(m => m.family === id))).toEqual([])
  for (const { what, unit } of MEASURES) expect([what.endsWith('.'), unit.length > 3]).toEqual([true, true])
})
