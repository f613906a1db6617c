import { first, type Names, withFile } from './name.ts'

/** Folios: 5.16 to 6.3. The walk of the reverse map: 4.11. Migration by itself: 5.14. Flushes put off: 4.13, renamed in 6.6. */
export const RECLAIM_NAMES: Names = {
  shrink_folio_list: first('shrink_page_list', ['6.1', 'shrink_folio_list']),
  folio_mapped: first('page_mapped', ['6.1', 'folio_mapped']),
  folio_put: first('put_page', ['6.1', 'folio_put']),
  folio_referenced: first('page_referenced', ['6.1', 'folio_referenced']),
  folio_check_references: first('page_check_references', ['6.1', 'folio_check_references']),
  folio_mkclean: first('page_mkclean', ['6.1', 'folio_mkclean']),
  folio_start_writeback: first('set_page_writeback', ['6.1', 'folio_start_writeback']),
  free_unref_folios: first(
    '__pagevec_free',
    ['3.7', 'free_hot_cold_page_list'],
    ['4.15', 'free_unref_page_list'],
    ['6.14', 'free_unref_folios'],
  ),
  'migrate_pages>page_vma_mapped_walk': withFile('remove_migration_pte', 'mm/migrate.c', [
    '4.13',
    'page_vma_mapped_walk',
  ]),
  page_vma_mapped_walk: first('page_check_address', ['4.13', 'page_vma_mapped_walk']),
  try_to_migrate: first('try_to_unmap', ['6.1', 'try_to_migrate']),
  try_to_migrate_one: first('try_to_unmap_one', ['6.1', 'try_to_migrate_one']),
  migrate_folio_unmap: first('unmap_and_move', ['3.7', '__unmap_and_move'], ['6.6', 'migrate_folio_unmap']),
  migrate_folio_done: first('unmap_and_move', ['6.6', 'migrate_folio_done']),
  folio_copy: withFile('migrate_page_copy', 'mm/migrate.c', ['6.1', 'folio_copy']),
  arch_tlbbatch_add_pending: first('arch_tlbbatch_add_mm', ['6.6', 'arch_tlbbatch_add_pending']),
}
