import type { Scenario } from '../../scenarios/scenario.ts'

/** B09. buf has a page table of its own; the other gather is somewhere else, and has nothing to do with it. */
export const nestedGather: Scenario = {
  format: 1,
  id: 'nested-gather',
  title: 'munmap() beside another gather',
  purpose: 'A thread unmaps the last page of a page table while another zaps a page elsewhere.',
  lookFor: 'Because two gathers are at work, the last flush is one of everything. What is the IOMMU told?',
  bugs: ['B09'],
  memory: {
    frames: 12,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'heap', at: '0x100000200000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'buf' }] },
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'heap' }] },
  ],
  devices: [{ name: 'GPU 0', script: [{ do: 'read', page: 'buf[0]' }] }],
  iommu: { iotlb: 1, walkCache: 3, queue: 2 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
