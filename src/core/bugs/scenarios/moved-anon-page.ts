import type { Scenario } from '../../scenarios/scenario.ts'

/** B08: an anonymous page is moved to another address, and reclaimed there, while a device uses the old one. */
export const movedAnonPage: Scenario = {
  format: 1,
  id: 'mremap-against-reclaim-device',
  title: 'A page moves while a device uses its old address',
  purpose:
    'The flush under the page-table locks reaches the CPUs. Whether the IOMMU hears of it decides who may still write to the page when kswapd frees it.',
  lookFor: 'When does the IOMMU hear that the old address is over?',
  bugs: ['B08'],
  memory: {
    frames: 11,
    regions: [
      { name: 'old', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' },
      { name: 'new', at: '0x100000200000', pages: 1, kind: 'anon', protection: 'rw', present: 'none', unmapped: true },
    ],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'mremap', region: 'old', to: 'new' }] },
    { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'reclaim', region: 'new' }] },
  ],
  devices: [
    {
      name: 'GPU 0',
      script: [
        { do: 'write', page: 'old[0]' },
        { do: 'write', page: 'old[0]' },
      ],
    },
  ],
  iommu: { iotlb: 1, walkCache: 0, queue: 2 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
