import type { Scenario } from '../../scenarios/scenario.ts'

/** B12. A page that a child shares is copied on write while a device reads it, and then another page. */
export const replacedPage: Scenario = {
  format: 1,
  id: 'replaced-page',
  title: 'A page is replaced under a device',
  purpose:
    'One thread writes a page that a child shares, so it is copied. Another thread writes it too, and then a flag.',
  lookFor: 'The PTE names the new page. When is the device told, and what can it have read by then?',
  bugs: ['B12'],
  memory: {
    frames: 16,
    regions: [
      { name: 'data', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'flag', at: '0x100000001000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      {
        name: 'copy',
        at: '0x100000000000',
        pages: 1,
        kind: 'anon',
        protection: 'rw',
        present: 'all',
        mm: 'child',
        sharesWith: 'data',
      },
    ],
  },
  cpus: [
    { task: 'app', tlb: 1, walkCache: 3, script: [{ do: 'write', page: 'data[0]' }] },
    {
      task: 'app',
      tlb: 1,
      walkCache: 3,
      script: [
        { do: 'write', page: 'data[0]' },
        { do: 'write', page: 'flag[0]' },
      ],
    },
  ],
  devices: [
    {
      name: 'GPU 0',
      script: [
        { do: 'read', page: 'data[0]' },
        { do: 'read', page: 'flag[0]' },
        { do: 'read', page: 'data[0]' },
      ],
    },
  ],
  iommu: { iotlb: 2, walkCache: 0, queue: 2 },
  batchSize: 16,
  accounts: ['order'],
  switches: {},
  breaks: [],
}
