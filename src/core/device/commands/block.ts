/** Pages of address space that one or more commands name, by virtual page number. */
export interface Block {
  readonly first: number
  readonly pages: number
  /** Commands of equal size that it takes. */
  readonly commands: number
}

/** Pages from the first up to and including the last. */
export interface Span {
  readonly first: number
  readonly last: number
}

/** Just these pages. */
export const exactly = ({ first, last }: Span): Block => ({ first, pages: last - first + 1, commands: 1 })

/** More pages than this no aligned block can name: 2^52 bytes. build_inv_address(), drivers/iommu/amd/iommu.c */
const MOST_PAGES = 2 ** 40

/**
 * The smallest aligned block of a power of two of pages that has all of the span in it, as the lowest zero bit of an address can say it;
 * 'all' where none is. build_inv_address() drivers/iommu/amd/iommu.c, calculate_psi_aligned_address() drivers/iommu/intel/cache.c,
 * arm_smmu_atc_inv_to_cmd() drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c.
 */
export function alignedAround({ first, last }: Span): Block | 'all' {
  let pages = 1
  while (Math.floor(first / pages) !== Math.floor(last / pages)) pages *= 2
  return pages > MOST_PAGES ? 'all' : { first: Math.floor(first / pages) * pages, pages, commands: 1 }
}

/**
 * One aligned block as large as the span, rounded up to a power of two, or the two that the span lies in.
 * intel_flush_svm_range_dev(), drivers/iommu/intel/svm.c up to 6.11.
 */
export function alignedBlocks({ first, last }: Span): Block {
  let size = 1
  while (size < last - first + 1) size *= 2
  const begin = Math.floor(first / size) * size
  const commands = Math.floor(last / size) - Math.floor(first / size) + 1
  return { first: begin, pages: size * commands, commands }
}
