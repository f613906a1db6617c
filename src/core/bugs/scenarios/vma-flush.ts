import type { Scenario } from '../../scenarios/scenario.ts'

/** B05. Two VMAs that share their page table with a third, so that no table is freed; the batch is full with the second page. */
export const vmaFlush: Scenario = {
  format: 1,
  id: 'vma-flush',
  title: 'Two VMAs are flushed one by one',
  purpose:
    'munmap of two VMAs, on an architecture that flushes at the end of each. The second page fills the batch, so both are freed at once.',
  lookFor:
    'The flush at the end of the first VMA resets the gathered range. Who was told of it before its page is freed?',
  bugs: ['B05'],
  memory: {
    frames: 10,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'heap', at: '0x100000002000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'rest', at: '0x100000100000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'buf', through: 'heap' }] },
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
  iommu: { iotlb: 1, walkCache: 0, queue: 2 },
  batchSize: 2,
  switches: {},
  breaks: [],
}
