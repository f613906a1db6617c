import type { Scenario } from '../../scenarios/scenario.ts'

/** B02. The first device fills the walk cache and is refused; the second comes when the table is another's. */
export const walkAfterFree: Scenario = {
  format: 1,
  id: 'walk-after-free',
  title: 'Two devices and a page table that goes',
  purpose:
    'munmap of the last page of a page table. Two devices read that page; one leaves its way to the table in the walk cache.',
  lookFor: 'The table is freed after end(). Who tells the IOMMU that its walk cache must let go of it?',
  bugs: ['B02'],
  memory: {
    frames: 10,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'heap', at: '0x100000200000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [
    { task: 'app', tlb: 1, walkCache: 3, script: [{ do: 'munmap', region: 'buf' }] },
    { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'pte-bytes' }] },
  ],
  devices: [
    { name: 'GPU 0', script: [{ do: 'read', page: 'buf[0]' }] },
    { name: 'NIC', script: [{ do: 'write', page: 'buf[0]' }] },
  ],
  iommu: { iotlb: 1, walkCache: 3, queue: 2 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
