import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Run } from '../runs/run.ts'
import { filmOf, opsOf, runOf } from '../testing/films.ts'
import { app, buf, gpu, labOf, neighbour, scenarioOf } from '../testing/labs.ts'
import { viewOf } from '../view/view-of.ts'

const GPU = { actor: 1, alternative: 0 }
const moves = <T>(move: T, times: number): T[] => Array(times).fill(move)
const iotlb = (run: Run) => viewOf(run.lab, run.stateAt(run.length)).iommu.iotlb

describe('a device that reads, then writes', () => {
  const scenario = scenarioOf({
    regions: [buf(), neighbour()],
    cpus: [app({ do: 'munmap', region: 'buf' })],
    devices: [gpu({ do: 'read', page: 'buf[0]' }, { do: 'write', page: 'buf[0]' }, { do: 'read', page: 'buf[1]' })],
  })

  it('walks level by level and fills in a step of its own; a write needs a walk again, for Dirty; walk caches save three levels', () => {
    const run = runOf(labOf(scenario), moves(GPU, 15))
    expect(opsOf(run, 'GPU 0')).toMatchInlineSnapshot(`
      [
        "DMA [miss]",
        "page walk [PGD]",
        "page walk [PUD]",
        "page walk [PMD]",
        "page walk [PTE]",
        "IOTLB fill [fill]",
        "DMA [read]",
        "DMA [miss]",
        "page walk [PTE]",
        "IOTLB fill [fill]",
        "DMA [write]",
        "DMA [miss]",
        "page walk [PTE]",
        "IOTLB fill [fill]",
        "DMA [read]",
      ]
    `)
    expect(iotlb(run).map(e => [e.label, e.writable, e.state])).toEqual([
      ['buf[0]', true, 'live'],
      ['buf[1]', false, 'live'],
    ])
  })

  it('may choose a page where its script leaves that open, one alternative for each, and then keeps to it', () => {
    const lab = labOf({ ...scenario, devices: [gpu({ do: 'write', page: 'buf[any]' })] })
    const device = known(lab.actors[1], 'GPU')
    expect(device.ready(lab.initial)).toBe(2)
    expect(device.op(lab.initial, 1).label).toBe('look up buf[1], to write it')
    const run = runOf(lab, [{ actor: 1, alternative: 1 }])
    expect(device.ready(run.stateAt(1))).toBe(1)
  })
})

describe('an invalidate and a walk under way', () => {
  const race = (drainsWalks: boolean) =>
    runOf(labOf('munmap-forced-flush', { kernel: '3.18', switches: { drainsWalks } }), [
      ...moves({ actor: 2, alternative: 0 }, 5),
      ...moves({ actor: 0, alternative: 0 }, 3),
    ])
  const hardware = (run: Run) =>
    known(
      run.lab.actors.find(a => a.kind === 'iommu'),
      'IOMMU',
    )

  it('hardware that drains waits until the walk has filled, and drops what it filled', () => {
    const run = race(true)
    expect(hardware(run).ready(run.stateAt(run.length))).toBe(0)
    run.push({ actor: 2, alternative: 0 })
    expect(iotlb(run)).toHaveLength(1)
    run.push({ actor: hardware(run).id, alternative: 0 })
    expect(iotlb(run)).toEqual([])
  })

  it('hardware that does not drain lets the walk fill afterwards what it had read before', () => {
    const run = race(false)
    run.push({ actor: hardware(run).id, alternative: 0 })
    run.push({ actor: 2, alternative: 0 })
    expect(iotlb(run).map(e => e.label)).toEqual(['buf[0]'])
  })

  it('leaves a walk alone that has nothing to do with its range', () => {
    const apart = scenarioOf({
      regions: [buf({ pages: 1 }), buf({ name: 'far', at: '0x200000000000', pages: 1 })],
      cpus: [app({ do: 'madvise-dontneed', region: 'buf' })],
      devices: [gpu({ do: 'read', page: 'far[0]' })],
    })
    const lab = labOf(apart, { kernel: '3.18' })
    const beside = runOf(lab, [...moves(GPU, 2), ...moves({ actor: 0, alternative: 0 }, 3)])
    expect(known(lab.actors[2], 'IOMMU').ready(beside.stateAt(beside.length))).toBe(1)
    // One that still reads the PGD goes through a table over the range.
    const shared = runOf(lab, [...moves(GPU, 1), ...moves({ actor: 0, alternative: 0 }, 3)])
    expect(known(lab.actors[2], 'IOMMU').ready(shared.stateAt(shared.length))).toBe(0)
  })
})

describe('a walk through a page table that is gone', () => {
  it('reads nothing from a table that is unlinked, and whatever is there from one that was freed and reused', () => {
    const lab = labOf('munmap-page-table', { kernel: '3.18' })
    const cpu = { actor: 0, alternative: 0 }
    const other = { actor: 1, alternative: 0 }
    const gpuMove = { actor: 2, alternative: 0 }
    const iommu = { actor: 3, alternative: 0 }
    const toEnd = [...moves(cpu, 3), iommu, ...moves(cpu, 5), iommu, ...moves(cpu, 2)]
    // The device stands before the PTE table, which is then unlinked, freed, and taken by another process.
    const run = runOf(lab, [...toEnd, ...moves(gpuMove, 4), ...moves(cpu, 3), other, ...moves(gpuMove, 3)])
    expect(filmOf(run).split('\n').slice(-8).join('\n')).toMatchInlineSnapshot(`
      "                                                                     page walk [PMD]
      free_pte_range [unlink PTE]
      flush_tlb_mm_range [flush]
      tlb_batch_pages_flush [free table 4]
                                                     alloc_pages [take 4]
                                                                           page walk [walk after free]
                                                                           IOTLB fill [fill]
                                                                           DMA [use after free]"
    `)
    const kernelFrame = known(viewOf(lab, run.stateAt(run.length)).frames[0], 'frame')
    expect(iotlb(run).map(e => [e.pfn, e.state])).toEqual([[0, 'damaging']])
    expect(kernelFrame.label).toBe('kernel')
  })
})

it('the queue is executed in order, and a command counts as done when none of its CPU’s is left', () => {
  const lab = labOf('overlapping-zaps', { kernel: '3.18' })
  const iommu = known(
    lab.actors.find(a => a.kind === 'iommu'),
    'IOMMU',
  )
  const run = runOf(lab, [...moves({ actor: 0, alternative: 0 }, 3), ...moves({ actor: 1, alternative: 0 }, 3)])
  expect(viewOf(lab, run.stateAt(6)).iommu.queue.map(c => c.by)).toEqual(['CPU 0', 'CPU 1'])
  run.push({ actor: iommu.id, alternative: 0 })
  const m = run.stateAt(run.length)
  expect([0, 1].map(cpu => known(lab.actors[cpu], 'CPU').ready(m))).toEqual([1, 0])
})
