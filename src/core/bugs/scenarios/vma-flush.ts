import type { Scenario } from '../../scenarios/scenario.ts'

/** B05. One VMA that shares its page table with another, so that no table is freed and the last flush has nothing to do. */
export const vmaFlush: Scenario = {
  format: 1,
  id: 'vma-flush',
  title: 'A VMA is flushed by itself',
  purpose:
    'munmap of one page, on an architecture that flushes at the end of each VMA. The page table stays: heap needs it.',
  lookFor: 'The flush at the end of the VMA resets the gathered range. Who was told of it?',
  bugs: ['B05'],
  memory: {
    frames: 10,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'heap', at: '0x100000100000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [
    { task: 'app', tlb: 2, walkCache: 3, script: [{ do: 'munmap', region: 'buf' }] },
    { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'data' }] },
  ],
  devices: [
    {
      name: 'GPU 0',
      script: [
        { do: 'read', page: 'buf[0]' },
        { do: 'read', page: 'buf[0]' },
      ],
    },
  ],
  iommu: { iotlb: 2, walkCache: 3, queue: 4 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
