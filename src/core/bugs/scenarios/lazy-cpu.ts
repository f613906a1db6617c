import type { Scenario } from '../../scenarios/scenario.ts'

/** B30. The second CPU runs a kernel thread with the mm still loaded: nothing it does itself needs a user page. */
export const lazyCpu: Scenario = {
  format: 1,
  id: 'lazy-cpu',
  title: 'A lazy CPU, and a page table that is collapsed away',
  purpose:
    'The page table of a file mapping is taken out and freed, so that one PMD entry can map all of it. Another CPU is in lazy TLB mode: it runs a kernel thread, and its processor walks on speculation.',
  lookFor: 'The flush says whether leaf entries go, or whole tables. Who is interrupted?',
  bugs: ['B30'],
  memory: {
    frames: 12,
    regions: [{ name: 'file', at: '0x100000000000', pages: 2, kind: 'file', protection: 'r', present: 'all' }],
  },
  cpus: [
    { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'collapse', region: 'file' }] },
    {
      task: 'app',
      tlb: 0,
      walkCache: 3,
      lazy: true,
      script: [
        { do: 'speculate', page: 'file[0]' },
        { do: 'speculate', page: 'file[1]' },
      ],
    },
    { task: 'other', tlb: 0, walkCache: 0, script: [{ do: 'allocate', as: 'pte-bytes' }] },
  ],
  devices: [],
  iommu: { iotlb: 0, walkCache: 0, queue: 1 },
  batchSize: 16,
  switches: {},
  breaks: [],
}
