import { describe, expect, it } from 'vitest'
import { DAMAGE } from '../machine/damage.ts'
import { pteAt, ptePfn } from '../machine/page-table.ts'
import { checkScenario } from '../scenarios/check.ts'
import type { ConsumerSpec, CpuAction, Scenario } from '../scenarios/scenario.ts'
import { accountsOf } from '../testing/accounts.ts'
import { enumerate } from '../testing/enumerate.ts'
import { buf, type Chosen, gpu, labOf, scenarioOf } from '../testing/labs.ts'

/* Writes of devices and guests to pages that a child has too: they copy, as a CPU's write does. */

const child = buf({ name: 'childs', at: '0x200000000000', pages: 1, mm: 'child', sharesWith: 'buf' })
const cpu = (task: 'app' | 'child' | 'kernel', ...script: CpuAction[]) => ({ task, tlb: 1, walkCache: 0, script })
const write = { do: 'write', page: 'buf[0]' } as const
const server = cpu('kernel', { do: 'serve-faults' })
const shared = (parts: Partial<Scenario>): Scenario =>
  scenarioOf({
    frames: 13,
    regions: [buf({ pages: 1 }), child],
    cpus: [cpu('app'), cpu('child', { do: 'read', page: 'childs[0]' }), server],
    iommu: { iotlb: 1, walkCache: 0, queue: 2 },
    accounts: ['contents'],
    ...parts,
  })
const consumers: Record<string, ConsumerSpec> = {
  KVM: {
    kind: 'kvm',
    name: 'VM 0',
    memslots: [{ gfn: 0x10, region: 'buf' }],
    vcpus: [{ script: [{ do: 'read', page: 'buf[0]' }, write] }],
  },
  HMM: { kind: 'hmm', name: 'mirror', region: 'buf', script: [{ do: 'read', page: 'buf[0]' }, write] },
}
const device = shared({ devices: [gpu({ do: 'read', page: 'buf[0]' }, write)] })
const guest = (name: string) =>
  shared({ consumers: [consumers[name] as ConsumerSpec], iommu: { iotlb: 0, walkCache: 0, queue: 1 } })

/** Every interleaving: the books add up, nobody is stuck, and in the end each process has a page of its own. */
function everyRun(scenario: Scenario, chosen: Chosen = {}): { damage: number; states: number } {
  const lab = labOf(scenario, chosen)
  const reached = enumerate(lab, m => {
    expect(accountsOf(lab, m)).toEqual([])
    if (!lab.actors.every(a => a.finished(m))) return
    const [ours, theirs] = [0, 1].map(page => ptePfn(pteAt(lab.setup.shape, m, page)))
    expect(ours).not.toBe(theirs)
  })
  expect(reached.deadlock).toBeUndefined()
  return reached
}

describe('a write that must copy the page', () => {
  it.each(['3.18', '6.1', '6.6'] as const)('of a device, %s: no harm, whoever reads meanwhile', kernel => {
    const { damage, states } = everyRun(device, { kernel })
    expect(damage).toBe(0)
    expect(states).toBeGreaterThan(300)
  })

  it.each(['KVM', 'HMM'])('of a guest or mirror, %s', name => {
    expect(everyRun(guest(name), { kernel: '6.6' }).damage).toBe(0)
  })

  it('of a device beside one of the app: one of the two copies, the other finds it done', () => {
    const both = { ...device, cpus: [cpu('app', write), cpu('child'), server], devices: [gpu(write)] }
    expect(everyRun(both, { kernel: '6.6' }).damage).toBe(0)
  })

  it('flushes the CPUs before the new page is mapped: without that one reads a page that the child has freed', () => {
    const read = { do: 'read', page: 'buf[0]' } as const
    const zap = cpu('child', { do: 'madvise-dontneed', region: 'childs' })
    const reads = { ...device, cpus: [cpu('app', read, read), zap, server], devices: [gpu(write)] }
    const harm = DAMAGE.usedAfterFree | DAMAGE.freedTooEarly
    expect(enumerate(labOf(reads)).damage & harm).toBe(0)
    const without = ['wp_page_copy/ptep_clear_flush/ptep_clear_flush']
    expect(enumerate(labOf(reads, { without })).damage & harm).toBe(harm)
  })

  it('needs a CPU that does it', () => {
    const at = (s: Scenario) => checkScenario(s).map(p => p.at)
    expect(at(device)).toEqual([])
    expect(at({ ...device, cpus: device.cpus.slice(0, 2) })).toEqual(['devices[0].script[1].do'])
    expect(at({ ...guest('KVM'), cpus: device.cpus.slice(0, 2) })).toEqual(['consumers[0]'])
    expect(at({ ...device, cpus: [...device.cpus, server] })).toEqual(['cpus[3].script[0].do'])
    expect(
      at({ ...device, memory: { ...device.memory, regions: [buf({ pages: 1 })] }, cpus: [cpu('app'), server] }),
    ).toEqual(['cpus[1].script[0].do'])
  })
})
