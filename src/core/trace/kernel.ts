/** The kernels whose recordings we know; null when nothing tells. */
export type RecordedKernel = '6.1' | '6.12'

/** Functions that one of the two has and the other has not: mm/rmap.c, mm/mmu_gather.c, include/linux/mmu_notifier.h */
const ONLY_IN: Readonly<Record<RecordedKernel, readonly string[]>> = {
  '6.12': [
    'mn_arch_invalidate_secondary_tlbs',
    '__mmu_notifier_arch_invalidate_secondary_tlbs',
    'folio_remove_rmap_ptes',
    'folio_remove_rmap_pmd',
    '__tlb_remove_folio_pages',
    'deferred_split_folio',
  ],
  '6.1': [
    'mn_invalidate_range',
    '__mmu_notifier_invalidate_range',
    'mn_change_pte',
    '__mmu_notifier_change_pte',
    'page_remove_rmap',
    'deferred_split_huge_page',
  ],
}

/**
 * The kernel a recording comes from, by the names of its events: its header does not say. When they do not tell, by the
 * name of its file (`k612-…`, `…-6.12-…`).
 */
export function kernelOf(names: ReadonlySet<string>, fileName = ''): RecordedKernel | null {
  if (ONLY_IN['6.12'].some(name => names.has(name))) return '6.12'
  if (ONLY_IN['6.1'].some(name => names.has(name))) return '6.1'
  if (/(?:^|[^0-9])6[._]?12(?![0-9])/.test(fileName)) return '6.12'
  return /(?:^|[^0-9])6[._]?1(?![0-9])/.test(fileName) ? '6.1' : null
}

/** What a kernel calls the secondary-TLB invalidate. */
export const secondaryNameOf = (
  kernel: RecordedKernel | null,
): 'invalidate_range' | 'arch_invalidate_secondary_tlbs' =>
  kernel === '6.12' ? 'arch_invalidate_secondary_tlbs' : 'invalidate_range'
