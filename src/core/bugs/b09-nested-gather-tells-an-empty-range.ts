import type { Bug } from './bug.ts'
import { nestedGather } from './scenarios/nested-gather.ts'

export const B09: Bug = {
  id: 'B09',
  title: 'A nested gather tells the notifier of an empty range',
  wrong:
    'When another gather is at work on the mm, tlb_finish_mmu() flushes everything. From about 5.2 on it did so with a range that starts and ends at all-ones, and drivers read that as nothing. The call in end() usually hid it. It does not cover page tables, which are freed after end(): munmap() beside any zap, on 6.1 as it is, frees a table that an IOMMU still walks.',
  affected: { from: '5.2', until: '6.6', evidence: ['mail', 'source'], note: 'about 5.2' },
  introducedBy: [
    { id: '7a30df49f63a', what: 'makes the forced flush one of the full mm', release: '5.2', evidence: ['id'] },
  ],
  fixedBy: [
    {
      id: '6bbd42e2df8f',
      what: 'lets the architectures call the notifier, which turn the full mm into all addresses',
      release: '6.6',
      evidence: ['id', 'source'],
    },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['walk cache'], operations: ['munmap', 'madvise'] },
  invariants: ['I5', 'I6', 'I2'],
  actors: 'One CPU that unmaps the last page of a table, one that zaps elsewhere, and a device',
  rule: 'I2',
  present: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: { nestedRangeEncoding: 'full' } },
  toggle: { field: 'nestedRangeEncoding', value: 'empty' },
  scenario: nestedGather,
  run: [
    {
      says: 'CPU 0 takes buf out of the VMA tree and goes on with the read lock only.',
      moves: [['CPU 0', 'through', 'detach_vmas_to_be_unmapped']],
    },
    {
      says: 'CPU 1 begins to zap heap. Two gathers are at work on the mm.',
      moves: [['CPU 1', 'through', 'gather-started']],
    },
    {
      says: 'CPU 0 clears the PTE of buf[0], and end() tells the IOMMU of that page.',
      moves: [['CPU 0', 'until', 'unlink_file_vma']],
    },
    {
      says: 'The GPU reads buf[0]. The walk comes to the PTE table, which is empty and still linked.',
      moves: [['GPU 0', 'until', 'read the PTE entry']],
    },
    {
      says: 'CPU 0 unlinks the table. Its last flush is nested: the CPUs are flushed, the notifier hears of an empty range, and the table is freed.',
      moves: [['CPU 0', 'through', 'table-freed']],
    },
    { says: 'The walk goes on in the freed table.', moves: [['GPU 0', 'through', 'walked-after-free']] },
  ],
}
