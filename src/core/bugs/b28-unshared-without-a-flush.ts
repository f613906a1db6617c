import type { Bug } from './bug.ts'
import { sharedTable } from './scenarios/shared-table.ts'

export const B28: Bug = {
  id: 'B28',
  title: 'hugetlb: a shared page table is let go without a flush',
  wrong:
    'Processes that map the same huge pages may share the page table. To unmap, one clears its own entry for that table. The gather did not record the range, so nothing was flushed, and a second thread went on in pages that the other process freed later. A second bug of this number has a switch of its own, unshareSyncsWalkers: GUP-fast that still walks a table when it has been unshared (1013af4f585f, CVE-2025-38085). A third, a count of sharers that was the reference count too, is not modelled (CVE-2024-57883).',
  affected: { from: '3.6', until: '5.16', evidence: ['id'] },
  introducedBy: [],
  fixedBy: [
    {
      id: 'a4a118f2eead',
      what: 'records the range, and flushes before the lock of the file is dropped',
      release: '5.16',
      evidence: ['id'],
    },
    { id: '1013af4f585f', what: 'the second bug: waits for GUP-fast, by IPI', release: null, evidence: ['id', 'mail'] },
    { id: '59d9094df3d7', what: 'the third: counts sharers by themselves', release: null, evidence: ['not-verified'] },
  ],
  cves: [
    { id: 'CVE-2021-4002', evidence: ['id'] },
    { id: 'CVE-2025-38085', evidence: ['mail'] },
    { id: 'CVE-2024-57883', evidence: ['id'] },
  ],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['hugetlb', 'munmap'] },
  invariants: ['I5', 'I1', 'I3'],
  actors:
    'A process that unmaps its view while another thread of it has the page in its TLB, and one that frees the page',
  rule: 'I1',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'unshareRecordsRange', value: false },
  scenario: sharedTable,
  run: [
    {
      says: 'CPU 2, a thread of the child, writes view[0]. Its TLB has the translation.',
      moves: [['CPU 2', 'through', 'cpu-accessed']],
    },
    {
      says: 'CPU 1 unmaps the view: it clears its entry for the shared table. Nothing is recorded, so nothing is flushed, and the call returns.',
      moves: [['CPU 1', 'through', 'syscall-returned']],
    },
    {
      says: 'CPU 0 unmaps buf in the app. It is the last, so the PTE is cleared, the app’s CPUs are flushed, and the page is freed.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    {
      says: 'CPU 2 writes view[0] through the entry that its TLB still has.',
      moves: [['CPU 2', 'through', 'used-after-free']],
    },
  ],
}
