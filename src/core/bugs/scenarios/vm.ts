import type { KvmSpec, Scenario } from '../../scenarios/scenario.ts'

/** A process with one page of memory that a VM has too, and somebody who takes what it frees. The bugs of KVM vary it. */
export const vmScenario = (
  parts: Pick<Scenario, 'id' | 'title' | 'purpose' | 'lookFor' | 'bugs'> & {
    readonly vm: Omit<KvmSpec, 'kind' | 'name'>
    readonly cpus?: Scenario['cpus']
    readonly regions?: Scenario['memory']['regions']
  },
): Scenario => {
  const { vm, cpus, regions, ...texts } = parts
  return {
    format: 1,
    ...texts,
    memory: {
      frames: 10,
      regions: regions ?? [
        { name: 'ram', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      ],
    },
    cpus: cpus ?? [
      { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'ram' }] },
      { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'data' }] },
    ],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    consumers: [{ kind: 'kvm', name: 'VM 0', ...vm }],
    batchSize: 16,
    switches: {},
    breaks: [],
  }
}
