import type { Scenario } from '../../scenarios/scenario.ts'

/** B23, B25: a page is reclaimed while its process drops it. No device: the CPU’s own TLB has the stale entry. */
export const reclaimBesideZap: Scenario = {
  format: 1,
  id: 'reclaim-beside-zap',
  title: 'A page is reclaimed while its process drops it',
  purpose:
    'kswapd unmaps a page and puts the flush of the CPUs off. Before it is done the process drops the same page, and writes it before and after.',
  lookFor: 'The process finds no PTE to clear. Does it return before its TLB is flushed?',
  bugs: ['B23', 'B25'],
  memory: {
    frames: 9,
    regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
  },
  cpus: [
    { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'reclaim', region: 'buf' }] },
    {
      task: 'app',
      tlb: 1,
      walkCache: 3,
      script: [
        { do: 'write', page: 'buf[0]' },
        { do: 'madvise-dontneed', region: 'buf' },
        { do: 'write', page: 'buf[0]' },
      ],
    },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  accounts: ['promises', 'contents'],
  switches: {},
  breaks: [],
}
