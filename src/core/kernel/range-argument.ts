import type { PagesAt } from '../device/footprints.ts'
import type { Setup } from '../machine/setup.ts'

/**
 * What __flush_tlb_range() of arm64 tells secondary TLBs. From 6.6 on __flush_tlb_range_op() moves its start to its end before they are
 * told, and the SMMU driver takes a range without pages for everything (policy.rangeArgument, B14). The flush of a page, and that of the
 * whole mm, pass on what they were given.
 *
 * Kernel: arch/arm64/include/asm/tlbflush.h; arm_smmu_mm_arch_invalidate_secondary_tlbs(), drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c.
 */
export function asTold(s: Setup, range: PagesAt): PagesAt {
  const { arch, archFlushNotifies, rangeArgument } = s.policy
  if (arch !== 'arm64' || !archFlushNotifies || rangeArgument === 'exact') return range
  const emptied: PagesAt['all'] = m => {
    const [start, end] = range.at(m)
    return end > start && range.all?.(m) !== true
  }
  return {
    bounds: [0, s.vpns.length],
    at: m => (emptied(m) ? [0, s.vpns.length] : range.at(m)),
    all: m => emptied(m) || range.all?.(m) === true,
    emptied,
  }
}
