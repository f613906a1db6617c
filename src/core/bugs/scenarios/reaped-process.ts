import type { Scenario } from '../../scenarios/scenario.ts'

/** B26. A process is being killed, and one of its threads has not noticed. */
export const reapedProcess: Scenario = {
  format: 1,
  id: 'reaped-process',
  title: 'The OOM reaper, and a thread that still runs',
  purpose:
    'Memory is short. The OOM reaper frees that of a process that is being killed; one of its threads writes a page twice.',
  lookFor: 'Is anything flushed before the page is freed?',
  bugs: ['B26'],
  memory: {
    frames: 9,
    regions: [{ name: 'heap', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
  },
  cpus: [
    { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'oom-reap' }] },
    {
      task: 'app',
      tlb: 1,
      walkCache: 3,
      script: [
        { do: 'write', page: 'heap[0]' },
        { do: 'write', page: 'heap[0]' },
      ],
    },
    { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'data' }] },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
