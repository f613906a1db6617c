import { first, type Names, withFile } from './name.ts'

/** Fields of struct kvm, renamed in 6.1. */
export const FIELD_NAMES: Names = {
  mmu_invalidate_in_progress: first('mmu_notifier_count', ['6.1', 'mmu_invalidate_in_progress']),
  mmu_invalidate_seq: first('mmu_notifier_seq', ['6.1', 'mmu_invalidate_seq']),
}

/** The notifiers (5.5 splits start and end by kind of subscriber), KVM (5.13, renamed in 6.1), page requests (one core for all since 5.13). */
export const SUBSCRIBER_NAMES: Names = {
  mn_hlist_invalidate_range_start: first('__mmu_notifier_invalidate_range_start', [
    '5.5',
    'mn_hlist_invalidate_range_start',
  ]),
  mn_hlist_invalidate_end: first('__mmu_notifier_invalidate_range_end', ['5.5', 'mn_hlist_invalidate_end']),
  mn_itree_invalidate: first('__mmu_notifier_invalidate_range_start', ['5.5', 'mn_itree_invalidate']),
  kvm_mmu_invalidate_begin: first('kvm_mmu_notifier_invalidate_range_start', ['6.1', 'kvm_mmu_invalidate_begin']),
  kvm_mmu_invalidate_end: first('kvm_mmu_notifier_invalidate_range_end', ['6.1', 'kvm_mmu_invalidate_end']),
  kvm_unmap_gfn_range: first('kvm_unmap_hva', ['3.7', 'kvm_unmap_hva_range'], ['6.1', 'kvm_unmap_gfn_range']),
  mmu_invalidate_retry: first('mmu_notifier_retry', ['6.1', 'mmu_invalidate_retry']),
  mmu_invalidate_retry_gfn_unsafe: first(
    'mmu_notifier_retry',
    ['6.1', 'mmu_invalidate_retry'],
    ['6.14', 'mmu_invalidate_retry_gfn_unsafe'],
  ),
  is_page_fault_stale: first('mmu_notifier_retry', ['6.1', 'is_page_fault_stale']),
  kvm_tdp_page_fault: first('tdp_page_fault', ['6.1', 'kvm_tdp_page_fault']),
  kvm_tdp_mmu_map: first('__direct_map', ['6.1', 'kvm_tdp_mmu_map']),
  kvm_faultin_pfn: first('gfn_to_pfn', ['3.7', 'try_async_pf'], ['6.1', 'kvm_faultin_pfn']),
  iopf_complete_group: withFile(
    'finish_pri_tag',
    'drivers/iommu/amd_iommu_v2.c',
    ['6.1', 'iopf_complete_group'],
    ['6.14', 'iopf_group_response'],
  ),
}
