import type { Scenario } from '../../scenarios/scenario.ts'

/** B06. A batch of one table, so that it is full with the first; a second thread whose walk cache names that table. */
export const fullTableBatch: Scenario = {
  format: 1,
  id: 'full-table-batch',
  title: 'The batch of page tables is full',
  purpose:
    'munmap of the last page of a page table, where RCU frees tables. Another thread has read that page, and its processor walks for the next one on speculation.',
  lookFor: 'The table goes to RCU while free_pgtables() is still at work. Has anybody flushed the walk caches by then?',
  bugs: ['B06'],
  memory: {
    frames: 10,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 2, kind: 'anon', protection: 'rw', present: [0] },
      { name: 'heap', at: '0x100000200000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'buf' }] },
    {
      task: 'app',
      tlb: 1,
      walkCache: 3,
      script: [
        { do: 'read', page: 'buf[0]' },
        { do: 'speculate', page: 'buf[1]' },
      ],
    },
    { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'pte-bytes' }] },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  tableBatch: 1,
  switches: { tableFree: 'rcu' },
  breaks: [],
}
