import { alignedAround, exactly } from './block.ts'
import type { Dialect } from './dialect.ts'

/** A range this long is flushed by ASID, where the SMMU cannot take ranges. arm_smmu_mm_arch_invalidate_secondary_tlbs(), 6.12 */
const MOST_PAGES = 512

/**
 * Arm SMMUv3. Kernel: arm_smmu_tlb_inv_range_asid(), arm_smmu_tlb_inv_asid(), arm_smmu_atc_inv_domain(),
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c of 6.12; each ends in CMD_SYNC.
 * Simplified: the SMMU takes ranges of pages, so a flush below the limit is one command; what it does without them, by ASID from 512 pages
 * on, is done here too.
 */
export const SMMUV3: Dialect = {
  title: 'SMMUv3',
  covers: (_, target, span) => {
    const block = exactly(span)
    return target === 'atc' ? alignedAround(span) : block.pages >= MOST_PAGES ? 'all' : block
  },
  name: (target, block) => (target === 'atc' ? 'CMD_ATC_INV' : block === 'all' ? 'CMD_TLBI_NH_ASID' : 'CMD_TLBI_NH_VA'),
  fields: (target, block, leafOnly) => {
    if (block === 'all') return target === 'atc' ? 'everything' : 'the ASID'
    const size = `${block.pages} ${block.pages === 1 ? 'page' : 'pages'}`
    return target === 'atc' ? size : `leaf=${leafOnly ? 1 : 0}, ${size}`
  },
  wait: 'CMD_SYNC',
  waits: { fn: 'arm_smmu_cmdq_issue_cmdlist', file: 'drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c' },
  waitsBetween: () => true,
  // __arm_smmu_cmdq_skip_err(): CERROR_ATC_INV is reported, and the queue goes on.
  retries: false,
  leafPages: false,
}
