import type { Scenario } from '../../scenarios/scenario.ts'

/** B35. A thread of the app leaves its CPU to another process and comes back while its page is unmapped. */
export const switchingCpu: Scenario = {
  format: 1,
  id: 'switching-cpu',
  title: 'A CPU that is about to switch',
  purpose:
    'A CPU has a page in its TLB, runs another process for a while, and comes back to the mm just as the page is unmapped.',
  lookFor:
    'It reads tlb_gen to see whether it has missed a flush. What of a flush that comes after that, and before it has loaded the page table?',
  bugs: ['B35'],
  memory: {
    frames: 10,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'heap', at: '0x100000100000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'buf' }] },
    {
      task: 'app',
      tlb: 1,
      walkCache: 1,
      script: [
        { do: 'write', page: 'buf[0]' },
        { do: 'switch-mm', to: 'process' },
        { do: 'write', page: 'buf[0]' },
      ],
    },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
