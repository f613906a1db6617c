import type { CpuSpec, Scenario } from '../../scenarios/scenario.ts'

/** A file whose huge page is mapped by PTEs, khugepaged that takes out their table, and somebody who gets its frame. */
export const fileCollapse = (
  parts: Pick<Scenario, 'id' | 'title' | 'purpose' | 'lookFor' | 'bugs'> &
    Partial<Pick<Scenario, 'devices' | 'iommu'>> & { readonly before?: readonly CpuSpec[]; readonly pages?: number },
): Scenario => {
  const { before = [], pages = 1, ...texts } = parts
  return {
    format: 1,
    memory: {
      frames: 12,
      regions: [{ name: 'buf', at: '0x100000000000', pages, kind: 'file', protection: 'rw', present: 'all' }],
    },
    cpus: [
      ...(before.length > 0 ? before : [{ task: 'app', tlb: 0, walkCache: 0, script: [] } as const]),
      { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'collapse', region: 'buf' }] },
      { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'pte-bytes' }] },
    ],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    batchSize: 16,
    switches: {},
    breaks: [],
    ...texts,
  }
}
