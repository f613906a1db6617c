import type { Scenario } from '../../scenarios/scenario.ts'

/** B31. A userfaultfd clears a write bit and flushes later; somebody else has a reference to the page, so a write copies it. */
export const unprotectedPage: Scenario = {
  format: 1,
  id: 'unprotected-page',
  title: 'A page is copied while a flush is pending',
  purpose:
    'One thread lifts a write-protection, which clears the write bit. A second faults and copies. A third writes all along.',
  lookFor: 'Between the copy and the flush: who can still write the old page?',
  bugs: ['B31'],
  memory: {
    frames: 8,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all', pinned: [0] },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'uffd-unprotect', region: 'buf' }] },
    { task: 'app', tlb: 1, walkCache: 3, script: [{ do: 'write', page: 'buf[0]' }] },
    {
      task: 'app',
      tlb: 1,
      walkCache: 3,
      script: [
        { do: 'write', page: 'buf[0]' },
        { do: 'write', page: 'buf[0]' },
      ],
    },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  accounts: ['contents'],
  switches: {},
  breaks: [],
}
