import { alignedAround, alignedBlocks } from './block.ts'
import type { Dialect } from './dialect.ts'

/**
 * Intel VT-d in scalable mode; PIOTLB is the PASID-based IOTLB. Kernel: qi_flush_piotlb() and qi_flush_dev_iotlb_pasid() drivers/iommu/intel/dmar.c;
 * intel_flush_svm_range_dev() drivers/iommu/intel/svm.c of 6.1 and 6.6, cache_tag_flush_range() drivers/iommu/intel/cache.c from 6.10 on,
 * batched in 6.12. invalidate_page flushed with IH=1: intel-svm.c at 0204a4960982.
 * Simplified: all blocks of one flush are one command of the queue, and the IOTLB’s come before the Dev-TLB’s.
 */
export const VTD: Dialect = {
  title: 'VT-d',
  covers: ({ vtdFlush }, _, span) => (vtdFlush === 'batched' ? alignedAround(span) : alignedBlocks(span)),
  name: target => (target === 'iotlb' ? 'PIOTLB invalidate' : 'Dev-TLB invalidate'),
  fields: (target, block, leafOnly) => {
    if (block === 'all') return target === 'iotlb' ? 'PASID-selective' : 'everything'
    const size = block.pages / block.commands
    const times = block.commands > 1 ? `${block.commands} × ` : ''
    if (target === 'atc') return size > 1 ? `${times}S=1, ${size} pages` : 'S=0, 1 page'
    return `${times}AM=${Math.log2(size)}, IH=${leafOnly ? 1 : 0}`
  },
  wait: 'wait descriptor',
  waits: { fn: 'qi_submit_sync', file: 'drivers/iommu/intel/dmar.c' },
  waitsBetween: ({ vtdFlush }) => vtdFlush === 'by-block',
  // qi_check_fault(): the wait is aborted on ITE, qi_submit_sync() starts over. That it gives up where the device is gone is left out.
  retries: true,
  leafPages: true,
}
