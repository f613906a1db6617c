import type { Scenario } from '../../scenarios/scenario.ts'

/** B28. Two processes, one page table; a second thread of the child still has the page in its TLB. Its heap keeps the tables above. */
export const sharedTable: Scenario = {
  format: 1,
  id: 'shared-table',
  title: 'Two processes share a page table of huge pages',
  purpose:
    'Both map the same memory of huge pages, and the page table that maps it. The child unmaps it first, then the app, and the pages are freed.',
  lookFor: 'The child clears one entry, that for the table. What is in the TLBs of its other thread?',
  bugs: ['B28'],
  memory: {
    frames: 14,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      {
        name: 'view',
        at: '0x200000000000',
        pages: 1,
        kind: 'anon',
        protection: 'rw',
        present: 'all',
        mm: 'child',
        sharesTable: 'buf',
      },
      {
        name: 'heap',
        at: '0x200000200000',
        pages: 1,
        kind: 'anon',
        protection: 'rw',
        present: 'all',
        mm: 'child',
      },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'buf' }] },
    { task: 'child', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'view' }] },
    {
      task: 'child',
      tlb: 1,
      walkCache: 0,
      script: [
        { do: 'write', page: 'view[0]' },
        { do: 'write', page: 'view[0]' },
      ],
    },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
