import type { Bug } from './bug.ts'
import { walkAfterFree } from './scenarios/walk-after-free.ts'

export const B02: Bug = {
  id: 'B02',
  title: 'Page tables are freed outside start() and end()',
  wrong:
    'free_pgtables() and tlb_finish_mmu() run after end(). Up to 3.18 nothing was called there, so no driver could learn that a page-table page is freed. An IOMMU that walks the process’s table may still have it in its walk cache, and then reads whatever its new owner writes as page-table entries. The empty-table driver is exposed too: end() has just put the real table back.',
  affected: { from: null, until: '3.19', evidence: ['source', 'mail'] },
  introducedBy: [],
  fixedBy: [
    { id: '1897bdc4d331', what: 'adds the hook, empty', release: '3.19', evidence: ['id'] },
    {
      id: '34ee645e83b6',
      what: 'calls it wherever TLBs are flushed, also outside a pair',
      release: '3.19',
      evidence: ['id', 'source'],
    },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['walk cache'], operations: ['munmap', 'free_pgtables'] },
  invariants: ['I2', 'I4'],
  actors: 'One CPU that unmaps the last page of a table, two devices, and somebody who gets the freed table',
  rule: 'I2',
  present: { kernel: '3.18', arch: 'x86', driver: 'empty-table', switches: {} },
  fixed: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'tableFreeNotifies', value: false },
  scenario: walkAfterFree,
  run: [
    {
      says: 'CPU 0 unmaps buf[0]: start, the PTE is cleared, end. The driver has swapped the page table out and in again.',
      moves: [
        ['CPU 0', 'through', '__mmu_notifier_invalidate_range_end'],
        ['CPU 0', 'until', 'unlink_file_vma'],
      ],
    },
    {
      says: 'The GPU reads buf[0]. The PTE table is empty and still linked: the access is refused, and the walk cache keeps the way to the table.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
    {
      says: 'CPU 0 unlinks the table and flushes the CPUs. Nobody tells the IOMMU, and the table is freed.',
      moves: [['CPU 0', 'through', 'table-freed']],
    },
    {
      says: 'Another process gets the frame and writes bytes that look like PTEs.',
      moves: [['CPU 1', 'through', 'alloc_pages']],
    },
    {
      says: 'The NIC writes buf[0]. Its walk begins at the freed table, as the walk cache has it, and takes the bytes for a PTE.',
      moves: [['NIC', 'through', 'walked-after-free']],
    },
  ],
}
