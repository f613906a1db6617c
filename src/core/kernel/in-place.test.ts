import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import type { CpuAction, DeviceSpec, Scenario } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { filmOf, opsOf, runAlone } from '../testing/films.ts'
import { distinctKernels } from '../testing/kernels.ts'
import { app, buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'

/* Operations that change entries in place: mprotect(), NUMA hints, MADV_FREE, clear_refs. What they promise when they return. */

const protect = (to: 'r' | 'rw' | 'none'): CpuAction => ({ do: 'mprotect', region: 'buf', to })
const writes: DeviceSpec['script'] = [
  { do: 'write', page: 'buf[0]' },
  { do: 'write', page: 'buf[0]' },
]

/** A CPU that does something to a page, and others that write it meanwhile. */
const against = (script: readonly CpuAction[], by: 'device' | 'thread', parts: Partial<Scenario> = {}): Scenario =>
  scenarioOf({
    frames: 8,
    regions: [buf({ pages: 1 })],
    cpus: [
      { ...app(...script), tlb: 1, walkCache: 0 },
      ...(by === 'thread' ? [{ ...app(...(writes as CpuAction[])), tlb: 1, walkCache: 0 }] : []),
    ],
    devices: by === 'device' ? [gpu(...writes)] : [],
    iommu: { iotlb: by === 'device' ? 1 : 0, walkCache: 0, queue: 2 },
    accounts: ['promises'],
    ...parts,
  })

function harmIn(scenario: Scenario, chosen: Chosen): number {
  const { damage, deadlock } = enumerate(labOf(scenario, chosen))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return damage
}

describe('mprotect(PROT_READ)', () => {
  it('6.6: the flush of the gather comes after end(), and it is the only one', () => {
    const lab = labOf(scenarioOf({ cpus: [app(protect('r'))], devices: [gpu()], regions: [buf({ pages: 1 })] }))
    expect(filmOf(runAlone(lab))).toMatchInlineSnapshot(`
      "CPU 0                                                  IOMMU
      mmap_write_lock_killable [lock]
      mprotect_fixup [r]
      __mmu_notifier_invalidate_range_start [start]
      pte_offset_map_lock [PTL]
      ptep_modify_prot_commit [ro buf[0]]
      pte_unmap_unlock [unlock]
      __mmu_notifier_invalidate_range_end [end]
      flush_tlb_mm_range [flush]
      mmu_notifier_arch_invalidate_secondary_tlbs [range()]
                                                             invalidate [invalidate]
      completion wait [complete]
      tlb_batch_pages_flush [tlb_batch_pages_flush]
      mmap_write_unlock [return]"
    `)
  })

  it('6.1: secondary TLBs are told twice, by end() and by the gather', () => {
    const lab = labOf(scenarioOf({ cpus: [app(protect('r'))], devices: [gpu()], regions: [buf({ pages: 1 })] }), {
      kernel: '6.1',
    })
    expect(opsOf(runAlone(lab), 'CPU 0').filter(op => op.includes('range()'))).toHaveLength(2)
  })
})

describe('mprotect(PROT_READ), and back to PROT_READ | PROT_WRITE', () => {
  const scenario = scenarioOf({
    cpus: [{ ...app(protect('r'), protect('rw'), { do: 'write', page: 'buf[0]' }), tlb: 1 }],
    regions: [buf({ pages: 1 })],
  })
  const run = (chosen: Chosen): string[] => opsOf(runAlone(labOf(scenario, chosen)), 'CPU 0')

  it.each(['6.1', '6.6'] as const)('%s: the page is writable at once, and flushed both times, as recorded', kernel => {
    const ops = run({ kernel })
    expect(ops.filter(op => op.startsWith('flush_tlb_mm_range'))).toHaveLength(2)
    expect(ops.filter(op => op.includes('fault'))).toEqual([])
  })

  it('5.5: it is left to a write fault', () => {
    expect(run({ kernel: '5.5' }).filter(op => op.includes('fault'))).not.toEqual([])
  })
})

const ARCHS = ['x86', 'arm64'] as const
/** Every kernel that a scenario can tell apart, on both architectures, with the driver that is usual there. */
const eachKernel = (scenario: Scenario): [string, Chosen][] =>
  ARCHS.flatMap(arch =>
    distinctKernels(scenario, { arch }).map((kernel): [string, Chosen] => [`${kernel} ${arch}`, { kernel, arch }]),
  )

describe('when mprotect() has returned, what it took away is over', () => {
  const cases: [string, Scenario][] = [
    ['PROT_READ against a device that writes', against([protect('r')], 'device')],
    ['PROT_READ against a thread that writes', against([protect('r')], 'thread')],
    ['PROT_NONE against a device', against([protect('none')], 'device')],
    ['PROT_NONE and back against a thread', against([protect('none'), protect('rw')], 'thread')],
    ['a NUMA hint against a device', against([{ do: 'numa-hint', region: 'buf' }], 'device')],
    ['a NUMA hint against a thread', against([{ do: 'numa-hint', region: 'buf' }], 'thread')],
    ['clear_refs against a device', against([{ do: 'clear-refs' }], 'device')],
    ['clear_refs against a thread', against([{ do: 'clear-refs' }], 'thread')],
  ]
  describe.each(cases)('%s', (_what, scenario) => {
    it.each(eachKernel(scenario))('%s', (_kernel, chosen) => {
      expect(harmIn(scenario, chosen)).toBe(0)
    })
  })

  it('without the flush of the CPUs, a thread goes on writing', () => {
    const scenario = against([protect('r')], 'thread')
    const found = labOf(scenario).programs[0]?.ops.flatMap(op => op.without.map(o => o.what)) ?? []
    expect(found).toContain('the flush of the CPUs’ TLBs')
  })

  it('without CONFIG_MMU_NOTIFIER, a device goes on writing', () => {
    const scenario = against([protect('r')], 'device')
    expect(harmIn(scenario, { switches: { configMmuNotifier: false } })).toBe(
      DAMAGE.usedAfterPromise | DAMAGE.rangeNotCovered,
    )
  })
})

describe('MADV_FREE: a page may be dropped while it is clean, so a write must make it dirty again', () => {
  const free: CpuAction = { do: 'madvise-free', region: 'buf' }
  const write: CpuAction = { do: 'write', page: 'buf[0]' }
  const thread = against([free], 'thread')
  const device = against([free], 'device')
  const two = scenarioOf({
    frames: 8,
    regions: [buf({ pages: 1 })],
    cpus: [
      { ...app(free), tlb: 1, walkCache: 0 },
      { ...app(write, free, write), tlb: 1, walkCache: 0 },
    ],
  })
  const since = (kernels: [string, Chosen][]) => kernels.filter(([name]) => !/^(2|3)\./.test(name))

  it.each(since(eachKernel(thread)))('%s: against a thread that writes', (_kernel, chosen) => {
    expect(harmIn(thread, chosen)).toBe(0)
  })

  it.each(since(eachKernel(device)))('%s: against a device that writes', (_kernel, chosen) => {
    expect(harmIn(device, chosen)).toBe(0)
  })

  it('two at once: the second finds the page clean, and it is the flush forced by the first that makes Dirty come back (B24)', () => {
    expect(harmIn(two, {})).toBe(0)
    expect(harmIn(two, { switches: { nestedGatherForcesFlush: false } })).toBe(DAMAGE.lostWrite)
  })
})

describe('a page under PROT_NONE', () => {
  it('is found by munmap(), and goes back to the allocator', () => {
    const scenario = scenarioOf({
      regions: [buf({ pages: 1 })],
      cpus: [app({ do: 'write', page: 'buf[0]' }, protect('none'), { do: 'munmap', region: 'buf' })],
      devices: [gpu()],
      accounts: ['promises'],
    })
    const run = runAlone(labOf(scenario))
    expect(run.film.flatMap(step => step.events.map(e => e.type))).toContain('page-freed')
    expect(harmIn(scenario, {})).toBe(0)
  })

  it('cannot be read by anybody, and can be again when that is allowed', () => {
    const read: CpuAction = { do: 'read', page: 'buf[0]' }
    const types = (script: CpuAction[]): string[] =>
      runAlone(labOf(scenarioOf({ regions: [buf({ pages: 1 })], cpus: [app(...script)] }))).film.flatMap(step =>
        step.events.map(e => e.type),
      )
    expect(types([protect('none'), read])).toContain('fault-refused')
    expect(types([protect('none'), protect('r'), read])).not.toContain('fault-taken')
    expect(types([{ do: 'numa-hint', region: 'buf' }, read])).toContain('pte-set')
  })
})
