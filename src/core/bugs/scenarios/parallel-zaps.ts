import type { Scenario } from '../../scenarios/scenario.ts'

/** B24. No device: the second thread’s own CPU has the stale entry. */
export const parallelZaps: Scenario = {
  format: 1,
  id: 'parallel-zaps',
  title: 'Two threads drop the same page',
  purpose: 'Two threads call madvise(MADV_DONTNEED) for the same page. The second writes it before and after.',
  lookFor: 'The second call finds the PTE cleared. Does it return before the TLB of its own CPU is flushed?',
  bugs: ['B24'],
  memory: {
    frames: 9,
    regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
  },
  cpus: [
    { task: 'app', tlb: 1, walkCache: 3, script: [{ do: 'madvise-dontneed', region: 'buf' }] },
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
  accounts: ['promises'],
  switches: {},
  breaks: [],
}
