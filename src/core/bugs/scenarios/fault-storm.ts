import type { Scenario } from '../../scenarios/scenario.ts'

/** B04. The device wants a page that the zap has nothing to do with. */
export const faultStorm: Scenario = {
  format: 1,
  id: 'fault-storm',
  title: 'A device wants one page while another is zapped',
  purpose: 'A thread drops buf[0]. The GPU reads heap[0], which is mapped all the time.',
  lookFor: 'Does the GPU get its page while the pair is open, or does it have to ask again and again?',
  bugs: ['B04'],
  memory: {
    frames: 9,
    regions: [
      { name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'heap', at: '0x100000001000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
    ],
  },
  cpus: [{ task: 'app', tlb: 2, walkCache: 3, script: [{ do: 'madvise-dontneed', region: 'buf' }] }],
  devices: [{ name: 'GPU 0', script: [{ do: 'read', page: 'heap[0]' }] }],
  iommu: { iotlb: 2, walkCache: 3, queue: 4 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
