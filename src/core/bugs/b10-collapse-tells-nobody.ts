import type { Bug } from './bug.ts'
import { fileCollapse } from './scenarios/file-collapse.ts'

export const B10: Bug = {
  id: 'B10',
  title: 'khugepaged collapses file pages without a word to the notifiers',
  wrong:
    'When khugepaged takes out the page table of a file or shmem range, it flushed the CPUs and freed the table. No notifier was called, neither for the table nor for the PTEs that were still in it. A VM went on with the small pages, and an IOMMU that had the table in its walk cache went on walking it, whoever had the frame by then.',
  affected: {
    from: '4.8',
    until: '6.1',
    evidence: ['id', 'mail'],
    note: 'for tables with PTEs in them since 27e1f8273113, which is not verified to be 5.4',
  },
  introducedBy: [
    {
      id: 'f3f0e1d2150b',
      what: 'lets khugepaged collapse shmem, named in the fix',
      release: '4.8',
      evidence: ['mail'],
    },
    {
      id: '27e1f8273113',
      what: 'removes tables that still map pages, named in the fix',
      release: null,
      evidence: ['mail'],
    },
  ],
  fixedBy: [
    {
      id: 'f268f6cf875f',
      what: 'puts start() and end() around it',
      release: '6.1',
      evidence: ['id', 'mail', 'source'],
    },
  ],
  cves: [{ id: 'CVE-2022-48991', evidence: ['id'] }],
  tags: { consumers: ['KVM', 'SVA'], hardware: ['walk cache', 'IOTLB'], operations: ['collapse'] },
  invariants: ['I1', 'I2', 'I9'],
  actors: 'khugepaged, a device that has walked the table before, and somebody who gets the freed frame',
  rule: 'I2',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: { collapseNotifies: true } },
  toggle: { field: 'collapseNotifies', value: false },
  scenario: fileCollapse({
    id: 'file-collapse-device',
    title: 'A page table is taken out from under a device',
    purpose:
      'khugepaged removes the page table of a file that the process maps page by page. A device reads the file through the same table.',
    lookFor: 'The CPUs are flushed and the table is freed. Who tells the IOMMU that its walk cache must let go of it?',
    bugs: ['B10'],
    pages: 2,
    devices: [
      {
        name: 'GPU 0',
        script: [
          { do: 'read', page: 'buf[0]' },
          { do: 'read', page: 'buf[1]' },
        ],
      },
    ],
    iommu: { iotlb: 1, walkCache: 3, queue: 2 },
  }),
  run: [
    {
      says: 'The GPU reads buf[0]. The walk cache of the IOMMU keeps the way to the PTE table.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'khugepaged, on CPU 1, clears the PMD entry and flushes the CPUs. The IOMMU is told nothing.',
      moves: [['CPU 1', 'until', 'pte_free']],
    },
    { says: 'The table is freed.', moves: [['CPU 1', 'through', 'table-freed']] },
    {
      says: 'Another process gets the frame and writes bytes that look like PTEs.',
      moves: [['CPU 2', 'through', 'alloc_pages']],
    },
    {
      says: 'The GPU reads buf[1]. The walk begins at the freed table, as the walk cache has it.',
      moves: [['GPU 0', 'through', 'walked-after-free']],
    },
  ],
}
