import type { Bug } from './bug.ts'
import { MOVED_FILE } from './scenarios/moved-file.ts'

export const B29: Bug = {
  id: 'B29',
  title: 'mremap() moves a page table that khugepaged has just taken out',
  wrong:
    'A range that covers a whole page table is moved by its PMD entry. mremap() looked what the entry is before it held any lock, and moved it under the locks without a second look. khugepaged, which since 6.6 takes page tables out through the file and asks for no mmap lock, could empty the entry in between. What was installed at the new address was then an entry for physical page 0, on x86.',
  affected: {
    from: '6.6',
    until: '6.12',
    evidence: ['id', 'source'],
    note: 'what is installed differs between architectures; the number 6.6 is not verified',
  },
  introducedBy: [
    {
      id: '1d65b771bc08',
      what: 'takes page tables of files out without the mmap lock',
      release: '6.6',
      evidence: ['id', 'source'],
    },
  ],
  fixedBy: [
    {
      id: '6fa1066fc5d0',
      what: 'looks again under the PMD locks',
      release: '6.12',
      evidence: ['id', 'source', 'mail'],
    },
  ],
  cves: [{ id: 'CVE-2024-50066', evidence: ['id'] }],
  tags: { consumers: ['CPU', 'SVA'], hardware: ['page walk'], operations: ['mremap', 'collapse'] },
  invariants: ['I2'],
  actors:
    'One CPU that moves a mapping of a file, khugepaged that collapses the file, and a device that uses the new address',
  rule: 'I2',
  present: { kernel: '6.6', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.14', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'moveRechecksPmd', value: false },
  scenario: {
    format: 1,
    id: 'moved-table',
    title: 'A page table moves while khugepaged takes it out',
    purpose:
      'One process moves a mapping of a file, a whole page table at a time. The file is collapsed meanwhile, in somebody else’s hands.',
    lookFor: 'Which lock keeps the PMD entry what it was when mremap() looked at it?',
    bugs: ['B29'],
    memory: {
      frames: 12,
      regions: MOVED_FILE,
    },
    cpus: [
      { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'mremap', region: 'old', to: 'new', wholeTables: true }] },
      { task: 'kernel', tlb: 0, walkCache: 0, script: [{ do: 'retract', region: 'old' }] },
    ],
    devices: [{ name: 'GPU 0', script: [{ do: 'read', page: 'new[0]' }] }],
    iommu: { iotlb: 1, walkCache: 1, queue: 2 },
    batchSize: 16,
    switches: {},
    breaks: [],
  },
  run: [
    {
      says: 'CPU 0 moves the mapping. It has seen that the PMD entry names a page table, and holds no lock yet that would keep it so.',
      moves: [['CPU 0', 'until', 'pmd_lock']],
    },
    {
      says: 'khugepaged has made one huge page of the file’s pages. It finds the page table through the file, clears the PMD entry and leaves the table to RCU.',
      moves: [['CPU 1', 'through', 'pte_free_defer']],
    },
    {
      says: 'CPU 0 takes the locks and moves the entry without looking again: it is empty, and what it names is page 0.',
      moves: [['CPU 0', 'through', 'mmap_write_unlock']],
    },
    {
      says: 'The GPU reads at the new address. Its walk takes page 0 for a page table.',
      moves: [['GPU 0', 'through', 'walked-after-free']],
    },
  ],
}
