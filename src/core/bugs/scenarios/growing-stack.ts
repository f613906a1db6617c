import type { Scenario } from '../../scenarios/scenario.ts'

/** B27. The hole ends where the stack begins, and has a page table of its own. */
export const growingStack: Scenario = {
  format: 1,
  id: 'growing-stack',
  title: 'A stack above the hole',
  purpose: 'munmap of the page below a stack. Another thread writes just there: a stack that needs more room grows.',
  lookFor: 'Which lock does munmap() hold while it frees page tables, and which one does the fault need?',
  bugs: ['B27'],
  memory: {
    frames: 12,
    regions: [
      { name: 'buf', at: '0x1000001ff000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      {
        name: 'stack',
        at: '0x100000200000',
        pages: 1,
        kind: 'anon',
        protection: 'rw',
        present: 'all',
        growsDown: true,
      },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'munmap', region: 'buf' }] },
    { task: 'app', tlb: 1, walkCache: 1, script: [{ do: 'write', page: 'buf[0]' }] },
    { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'data' }] },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
