import { first, type Names, withFile } from './name.ts'

const VMA = 'mm/vma.c'

/** VMAs, the gather, zap, huge pages: mm/mmap.c, mm/vma.c (6.12), mm/memory.c, mm/mmu_gather.c (4.20), mm/huge_memory.c, mm/khugepaged.c. */
export const MM_NAMES: Names = {
  // The tree of VMAs: 6.1 (maple tree), 6.4 (iterator), 6.12 (mm/vma.c).
  detach_vmas_to_be_unmapped: first(
    'detach_vmas_to_be_unmapped',
    ['6.1', 'do_mas_align_munmap'],
    ['6.6', 'do_vmi_align_munmap'],
    ['6.14', 'vms_gather_munmap_vmas', VMA],
  ),
  do_vmi_munmap: first('do_munmap', ['6.6', 'do_vmi_munmap']),
  unmap_region: first('unmap_region', ['6.14', 'vms_clear_ptes']),
  unlink_file_vma: first('unlink_file_vma', ['6.14', 'unlink_file_vma', VMA]),
  copy_vma: first('copy_vma', ['6.14', 'copy_vma', VMA]),
  mm_take_all_locks: first('mm_take_all_locks', ['6.14', 'mm_take_all_locks', VMA]),
  mmap_region: first('mmap_region', ['6.14', 'mmap_region', VMA]),
  vm_area_dup: first('dup_mmap', ['4.19', 'vm_area_dup']),
  // 3.15 splits the flush from the frees; 5.2 names the batches; 5.12 the gather of a whole mm.
  tlb_flush_mmu_tlbonly: first('tlb_flush_mmu', ['3.18', 'tlb_flush_mmu_tlbonly']),
  tlb_flush_mmu_free: first('tlb_flush_mmu', ['3.18', 'tlb_flush_mmu_free']),
  tlb_batch_pages_flush: withFile('free_pages_and_swap_cache', 'mm/swap_state.c', ['5.5', 'tlb_batch_pages_flush']),
  tlb_gather_mmu_fullmm: first('tlb_gather_mmu', ['6.1', 'tlb_gather_mmu_fullmm']),
  'madvise>zap_page_range_single': first('zap_page_range', ['6.1', 'zap_page_range_single']),
  zap_page_range_single: first('zap_page_range', ['3.7', 'zap_page_range_single']),
  truncate_pagecache: first('vmtruncate', ['3.7', 'truncate_pagecache']),
  filemap_remove_folio: first(
    'remove_from_page_cache',
    ['3.7', 'delete_from_page_cache'],
    ['6.1', 'filemap_remove_folio'],
  ),
  page_remove_rmap: first('page_remove_rmap', ['6.14', 'folio_remove_rmap_pte']),
  __wp_page_copy_user: first('cow_user_page', ['6.1', '__wp_page_copy_user']),
  copy_present_pte: first('copy_one_pte', ['6.1', 'copy_present_pte'], ['6.14', 'copy_present_ptes']),
  change_protection_range: first('change_protection', ['3.18', 'change_protection_range']),
  __split_huge_pmd: first('__split_huge_page', ['4.13', '__split_huge_pmd']),
  __split_huge_pmd_locked: first('__split_huge_page_map', ['4.13', '__split_huge_pmd_locked']),
  pmdp_collapse_flush: first('pmdp_clear_flush', ['4.13', 'pmdp_collapse_flush']),
  pmdp_huge_clear_flush: first('pmdp_clear_flush', ['4.13', 'pmdp_huge_clear_flush']),
  find_pmd_or_thp_or_none: first('mm_find_pmd', ['6.1', 'find_pmd_or_thp_or_none']),
  alloc_charge_folio: first(
    'alloc_hugepage',
    ['3.7', 'khugepaged_alloc_page'],
    ['6.1', 'alloc_charge_hpage'],
    ['6.14', 'alloc_charge_folio'],
  ),
  __collapse_huge_page_copy_succeeded: first('__collapse_huge_page_copy', [
    '6.6',
    '__collapse_huge_page_copy_succeeded',
  ]),
  // ksmd, uprobes, the OOM reaper.
  follow_page: first('follow_page', ['6.14', 'folio_walk_start']),
  memcmp_pages: first('memcmp_pages', ['5.5', 'memcmp_pages', 'mm/util.c']),
  uprobe_write_opcode: first('write_opcode', ['3.18', 'uprobe_write_opcode']),
  get_user_pages_remote: withFile(
    'get_user_pages',
    'mm/memory.c',
    ['3.18', 'get_user_pages'],
    ['4.13', 'get_user_pages_remote'],
  ),
  __oom_reap_task_mm: first('__oom_reap_task', ['4.13', '__oom_reap_task_mm']),
  oom_reap_task_mm: first('oom_reap_task', ['4.19', 'oom_reap_task_mm']),
  // GUP-fast: of x86 alone up to 4.12, renamed in 6.10.
  gup_pgd_range: first('get_user_pages_fast', ['4.13', 'gup_pgd_range'], ['6.14', 'gup_fast_pgd_range']),
  gup_pud_range: first('gup_pud_range', ['6.14', 'gup_fast_pud_range']),
  gup_pmd_range: first('gup_pmd_range', ['6.14', 'gup_fast_pmd_range']),
  gup_pte_range: first('gup_pte_range', ['6.14', 'gup_fast_pte_range']),
  try_grab_folio: first(
    'get_page',
    ['4.13', 'page_cache_get_speculative'],
    ['5.5', 'try_get_compound_head'],
    ['6.1', 'try_grab_folio'],
    ['6.14', 'try_grab_folio_fast'],
  ),
  pin_user_pages_fast: first('get_user_pages_fast', ['6.1', 'pin_user_pages_fast']),
  unpin_user_page: first('put_page', ['6.1', 'unpin_user_page']),
  raw_seqcount_try_begin: first('raw_read_seqcount', ['6.14', 'raw_seqcount_try_begin']),
}
