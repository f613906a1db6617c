import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { enumerate } from '../testing/enumerate.ts'
import { opsOf, runAlone } from '../testing/films.ts'
import { distinctKernels } from '../testing/kernels.ts'
import { app, buf, type Chosen, gpu, labOf, other, scenarioOf } from '../testing/labs.ts'

const reaper: Scenario['cpus'][number] = { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'oom-reap' }] }
const write = { do: 'write', page: 'buf[0]' } as const
const taker = other({ do: 'allocate', as: 'data' })

const thread = scenarioOf({
  frames: 8,
  regions: [buf({ pages: 1 })],
  cpus: [reaper, { ...app(write, write), tlb: 1, walkCache: 0 }, taker],
})
const device = scenarioOf({
  frames: 8,
  regions: [buf({ pages: 1 })],
  cpus: [reaper, { ...app(), tlb: 0 }, taker],
  devices: [gpu(write, write)],
  iommu: { iotlb: 1, walkCache: 0, queue: 2 },
})

function harmIn(scenario: Scenario, chosen: Chosen): number {
  const { damage, deadlock } = enumerate(labOf(scenario, chosen))
  expect(deadlock, 'somebody is not finished and nobody can move').toBeUndefined()
  return damage
}

describe('the OOM reaper', () => {
  it('leaves an mm with subscribers alone up to 4.18', () => {
    expect(opsOf(runAlone(labOf(device, { kernel: '4.15' })), 'CPU 0')).toHaveLength(3)
  })

  it.each(distinctKernels(thread).map(kernel => [kernel]))('%s x86: a thread that still runs does no harm', kernel => {
    expect(harmIn(thread, { kernel })).toBe(0)
  })

  it.each(distinctKernels(device).map(kernel => [kernel]))('%s x86: nor does a device', kernel => {
    expect(harmIn(device, { kernel })).toBe(0)
  })

  it('arm64: one gather for all VMAs flushes nothing, so the thread writes into a frame of somebody else (B26)', () => {
    expect(harmIn(thread, { kernel: '4.13', arch: 'arm64' }) & DAMAGE.usedAfterFree).not.toBe(0)
    expect(harmIn(thread, { kernel: '4.15', arch: 'arm64' })).toBe(0)
    expect(harmIn(device, { kernel: '6.6', arch: 'arm64' })).toBe(0)
  })
})
