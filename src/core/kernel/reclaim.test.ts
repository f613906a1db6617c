import { describe, expect, it } from 'vitest'
import { get, type Machine } from '../machine/cells.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import { compileInterleaving } from '../runs/interleaving.ts'
import type { Lab } from '../scenarios/build.ts'
import type { CpuAction, Scenario } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, scenarioOf } from '../testing/labs.ts'

/*
 * Reclaim and migration beside other work on the same page, every interleaving by brute force: is a freed frame reached, is a write lost,
 * does a call return too early? And do the books balance when everybody is done?
 */

const kernel = (...script: CpuAction[]): Scenario['cpus'][number] => ({ task: 'kernel', tlb: 0, walkCache: 0, script })
const task = (...script: CpuAction[]): Scenario['cpus'][number] => ({ ...app(...script), tlb: 1, walkCache: 1 })
const reclaim: CpuAction = { do: 'reclaim', region: 'buf' }
const migrate: CpuAction = { do: 'migrate', page: 'buf[0]' }
const write: CpuAction = { do: 'write', page: 'buf[0]' }
const dontneed: CpuAction = { do: 'madvise-dontneed', region: 'buf' }

const scenario = (parts: Parameters<typeof scenarioOf>[0]): Scenario =>
  scenarioOf({
    frames: 12,
    regions: [buf({ pages: 1 }), neighbour({ present: 'none' })],
    accounts: ['promises', 'contents'],
    iommu: { iotlb: 1, walkCache: 0, queue: 2 },
    ...parts,
  })

const HARM = DAMAGE.usedAfterFree | DAMAGE.walkedAfterFree | DAMAGE.usedAfterPromise | DAMAGE.lostWrite
const WRONG = HARM | DAMAGE.freedTooEarly | DAMAGE.rangeNotCovered | DAMAGE.pairingBroken

/** When everybody is done: no lock is held, no flush is owed, and each frame has a reference for each mapping. */
function keepsTheBooks({ setup, actors }: Lab, m: Machine): void {
  const { shape } = setup
  if (!actors.every(a => a.finished(m))) return
  for (const column of [shape.folioLock, shape.folio, shape.folioTarget, shape.ubcRequired, shape.openPairs, shape.ptl])
    for (let i = 0; i < column.length; i++) expect(get(m, column, i), column.name).toBe(0)
  for (let pfn = 0; pfn < shape.sizes.frames; pfn++)
    expect(get(m, shape.refcount, pfn), `pfn ${pfn}`).toBeGreaterThanOrEqual(get(m, shape.mapcount, pfn))
}

function wrongIn(s: Scenario, chosen: Chosen, least = 60): number {
  const lab = labOf(s, chosen)
  const { damage, deadlock, states } = enumerate(lab, m => keepsTheBooks(lab, m))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  expect(states).toBeGreaterThan(least)
  return damage & WRONG
}

const ERAS = [
  ['2.6.27', { kernel: '2.6.27' }],
  ['3.18, naive', { kernel: '3.18' }],
  ['3.18, empty table', { kernel: '3.18', driver: 'empty-table' }],
  ['3.19', { kernel: '3.19' }],
  ['4.13', { kernel: '4.13' }],
  ['4.15', { kernel: '4.15' }],
  ['6.1', { kernel: '6.1' }],
  ['6.6', { kernel: '6.6' }],
  ['6.6, arm64', { kernel: '6.6', arch: 'arm64' }],
  ['6.19, arm64', { kernel: '6.19', arch: 'arm64' }],
] as const satisfies readonly (readonly [string, Chosen])[]

const twice = [gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'buf[0]' })]
const file = [buf({ pages: 1, kind: 'file' }), neighbour({ present: 'none' })]

describe.each([
  ['reclaim', reclaim],
  ['migration', migrate],
] as const)('%s, in every era', (_name, action) => {
  it.each(ERAS)('%s: beside a process that writes, drops and writes again, nothing goes wrong', (_era, chosen) => {
    expect(wrongIn(scenario({ cpus: [kernel(action), task(write, dontneed, write)] }), chosen)).toBe(0)
  })

  it.each(ERAS)('%s: no write of a device is lost, no freed frame is reached', (_era, chosen) => {
    expect(wrongIn(scenario({ cpus: [kernel(action), task()], devices: twice }), chosen)).toBe(0)
  })

  it.each(ERAS)('%s: by a process itself, beside another of its threads', (_era, chosen) => {
    expect(wrongIn(scenario({ cpus: [task(action), task(write, write)] }), chosen)).toBe(0)
  })
})

describe('reclaim of a page of a file', () => {
  it.each(ERAS)('%s: no write of a device is lost', (_era, chosen) => {
    const s = scenario({ cpus: [kernel(reclaim), task()], devices: twice, regions: file })
    expect(wrongIn(s, chosen)).toBe(0)
  })

  it('4.15 leaves secondary TLBs to end(): without what end() calls, a device writes to a page that was written out', () => {
    const s = scenario({ cpus: [kernel(reclaim), task()], devices: twice, regions: file })
    expect(wrongIn(s, { kernel: '4.15', switches: { endImpliesInvalidate: false } }) & DAMAGE.lostWrite).not.toBe(0)
    const every = { endImpliesInvalidate: false, rmapRangeCall: 'every-page' } as const
    expect(wrongIn(s, { kernel: '4.15', switches: every }) & DAMAGE.lostWrite).toBe(0)
  })
})

describe('writeback of a page of a file', () => {
  const writeback: CpuAction = { do: 'writeback', region: 'buf' }

  it.each(ERAS)('%s: who writes it faults first, process and device', (_era, chosen) => {
    const once = [gpu({ do: 'write', page: 'buf[0]' }, { do: 'write', page: 'buf[0]' })]
    expect(wrongIn(scenario({ cpus: [kernel(writeback), task()], devices: once, regions: file }), chosen)).toBe(0)
    expect(wrongIn(scenario({ cpus: [kernel(writeback), task(write, write)], regions: file }), chosen)).toBe(0)
  })

  it('3.18 without invalidate_page: a device goes on writing a page that counts as clean', () => {
    const s = scenario({ cpus: [kernel(writeback), task()], devices: twice, regions: file })
    const without = ['__mmu_notifier_invalidate_page']
    expect(wrongIn(s, { kernel: '3.18', without }) & DAMAGE.lostWrite).not.toBe(0)
  })

  it('beside a zap that drops the lock before its flush, up to 3.14: written out, and written again through a TLB', () => {
    const s = scenario({ cpus: [kernel(writeback), task(dontneed), task(write, write)], regions: file })
    const moves = [
      ['CPU 2', 'through', 'cpu-accessed'],
      ['CPU 0', 'through', 'folio_lock'],
      ['CPU 1', 'through', 'pte_unmap_unlock'],
      ['CPU 0', 'through', 'page-written-out'],
      ['CPU 2', 'through', 'cpu-accessed'],
    ] as const
    const played = (chosen: Chosen) => compileInterleaving(labOf(s, chosen), [{ says: '', moves }])
    for (const [chosen, lost] of [
      [{ kernel: '3.7' }, true],
      [{ kernel: '3.18' }, false],
      [{ kernel: '6.6' }, false],
      [{ kernel: '6.6', switches: { forcedFlush: 'after-ptl' } }, true],
    ] as const) {
      const { run, stuck } = played(chosen)
      expect(stuck).toBeNull()
      expect((damageOf(run.lab.setup, run.stateAt(run.length)) & DAMAGE.lostWrite) !== 0, chosen.kernel).toBe(lost)
    }
  })
})

describe('a page after MADV_FREE', () => {
  const free: CpuAction = { do: 'madvise-free', region: 'buf' }
  const beside = (...script: CpuAction[]): Scenario => scenario({ cpus: [kernel(reclaim), task(...script)] })

  it.each([ERAS[4], ERAS[6], ERAS[9]])(
    '%s: is dropped, or put back when it was written since: no write is lost',
    (_era, chosen) => {
      expect(wrongIn(beside(write, free, write, write), chosen)).toBe(0)
      const once = [gpu({ do: 'write', page: 'buf[0]' })]
      expect(wrongIn(scenario({ cpus: [kernel(reclaim), task(free)], devices: once }), chosen)).toBe(0)
    },
  )

  it('is not written out: it goes when it is clean, and the next read finds another frame', () => {
    const s = beside(free)
    const lab = labOf(s, { kernel: '6.1' })
    const ends = new Set<string>()
    enumerate(lab, m => {
      if (!lab.actors.every(a => a.finished(m))) return
      ends.add(
        `${get(m, lab.setup.shape.pte, 0) === 0 ? 'gone' : 'mapped'}, swap entry ${get(m, lab.setup.shape.softPte, 0)}`,
      )
    })
    // Reclaimed before MADV_FREE it leaves a swap entry, after it nothing.
    expect(ends.size).toBe(2)
    expect([...ends]).toContain('gone, swap entry 0')
  })

  it('the flush of MADV_FREE: without it a write leaves Dirty clear, and is lost', () => {
    const without = ['tlb_flush_mmu_tlbonly/flush_tlb_mm_range']
    const s = beside(write, free, write)
    expect(wrongIn(s, { kernel: '6.1', without }) & DAMAGE.lostWrite).not.toBe(0)
  })
})

describe('a page that somebody else holds', () => {
  const pinned = [buf({ pages: 1, pinned: [0] }), neighbour({ present: 'none' })]

  it.each([
    ['reclaim', reclaim],
    ['migration', migrate],
  ] as const)('%s gives up, and the process goes on with the same frame', (_name, action) => {
    const s = scenario({ cpus: [kernel(action), task(write, write)], regions: pinned })
    expect(wrongIn(s, { kernel: '6.1' })).toBe(0)
  })
})
