import { alignedAround } from './block.ts'
import type { Dialect } from './dialect.ts'

/**
 * AMD IOMMU. Kernel: build_inv_iommu_pages(), build_inv_iotlb_pages(), iommu_completion_wait(), drivers/iommu/amd/iommu.c of 6.12; of more
 * than one page the first SVA driver flushed the PASID: drivers/iommu/amd_iommu_v2.c of 4.15.
 */
export const AMD: Dialect = {
  title: 'AMD',
  covers: ({ amdRange }, _, span) =>
    span.first !== span.last && amdRange === 'everything' ? 'all' : alignedAround(span),
  name: target => (target === 'iotlb' ? 'INVALIDATE_IOMMU_PAGES' : 'INVALIDATE_IOTLB_PAGES'),
  fields: (target, block, leafOnly) => {
    const directory = target === 'iotlb' ? `, PDE=${leafOnly ? 0 : 1}` : ''
    if (block === 'all') return `S=1, everything${directory}`
    return `${block.pages > 1 ? `S=1, ${block.pages} pages` : 'S=0, 1 page'}${directory}`
  },
  wait: 'COMPLETION_WAIT',
  waits: { fn: 'iommu_completion_wait', file: 'drivers/iommu/amd/iommu.c' },
  waitsBetween: () => false,
  // Not verified.
  retries: false,
  leafPages: false,
}
