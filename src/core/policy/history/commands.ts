import { at2627, type Changes } from './change.ts'

/** What kernels changed in the commands that IOMMU drivers send. */
export const COMMAND_HISTORY = {
  vtdFlush: [
    at2627(
      'by-block',
      'intel_flush_svm_range_dev(): aligned blocks, each flushed and waited for by itself; source of 6.1 and of 6.6. The driver came with 4.4; before 5.11 it did not align, which is not modelled.',
    ),
    {
      since: '6.14',
      value: 'batched',
      commit: null,
      note: 'cache_tag_flush_range(): one aligned block; 6.12 source, which puts up to 16 descriptors before one wait.',
    },
  ],
  amdRange: [
    at2627('everything', 'More than one page flushes the PASID; 4.15 source. The driver was AMD IOMMUv2, up to 6.5.'),
    {
      since: '6.14',
      value: 'power-of-two',
      commit: null,
      note: 'build_inv_address() names the aligned block around the range; the SVA code of 6.12, source. Of 6.6 none is known.',
    },
  ],
  rangeArgument: [
    at2627('exact', 'Generic code tells secondary TLBs, with the range that it flushed.'),
    {
      since: '6.6',
      value: 'empty-means-all',
      commit: '6bbd42e2df8f [id]',
      note: '__flush_tlb_range_op() moves its start to the end, and the notifier is called after it.',
    },
    {
      since: '6.19',
      value: 'exact',
      commit: null,
      note: 'The macro leaves its arguments alone: a change of March 2025 whose release is not verified, so 6.14 is shown without it.',
    },
  ],
} satisfies Changes
