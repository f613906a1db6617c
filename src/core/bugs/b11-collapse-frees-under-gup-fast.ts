import type { Bug } from './bug.ts'
import { fileCollapse } from './scenarios/file-collapse.ts'

export const B11: Bug = {
  id: 'B11',
  title: 'khugepaged frees a table under GUP-fast',
  wrong:
    'GUP-fast walks page tables without a lock, with interrupts disabled: whoever frees a table by interrupting every CPU, or after a grace period, waits for it. The collapse did neither by itself. It relied on its TLB flush to be an interrupt, and on arm64, where a TLBI is broadcast by hardware, or for lazy CPUs on x86, it is none. The table was freed, or kept and used again, while another CPU was reading it.',
  affected: { from: '2.6.38', until: '6.1', evidence: ['id', 'mail'] },
  introducedBy: [{ id: 'ba76149f47d8', what: 'adds khugepaged', release: '2.6.38', evidence: ['id'] }],
  fixedBy: [
    {
      id: '2ba99c5e0881',
      what: 'sends an IPI that does nothing before the table is freed',
      release: '6.1',
      evidence: ['id', 'source'],
    },
    { id: '70cbc3cc78a9', what: 'lets GUP-fast look at the PMD entry again', release: null, evidence: ['id'] },
    { id: '8d3c106e19e8', what: 'takes the locks that are needed', release: '6.1', evidence: ['id', 'mail'] },
  ],
  cves: [],
  tags: { consumers: ['CPU'], hardware: [], operations: ['collapse', 'GUP-fast'] },
  invariants: ['I3'],
  actors: 'One CPU in GUP-fast, khugepaged, and somebody who gets the freed frame',
  rule: 'I3',
  present: { kernel: '5.5', arch: 'arm64', driver: 'notifier', switches: {} },
  fixed: { kernel: '5.5', arch: 'arm64', driver: 'notifier', switches: { collapseSyncsWalkers: true } },
  toggle: { field: 'collapseSyncsWalkers', value: false },
  scenario: fileCollapse({
    id: 'file-collapse-gup',
    title: 'A page table is freed under a walk without locks',
    purpose:
      'A thread looks for a page with get_user_pages_fast() while khugepaged removes the page table that it reads.',
    lookFor: 'Interrupts are disabled during the walk. Does the free of the table wait for that?',
    bugs: ['B11'],
    before: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'gup-fast', page: 'buf[0]' }] }],
  }),
  run: [
    {
      says: 'CPU 0 disables interrupts and reads the PMD entry. It names the PTE table.',
      moves: [['CPU 0', 'until', 'read the PTE entry']],
    },
    {
      says: 'khugepaged, on CPU 1, clears the PMD entry and flushes. The TLBI reaches CPU 0 without interrupting it.',
      moves: [['CPU 1', 'until', 'pte_free']],
    },
    { says: 'The table is freed at once.', moves: [['CPU 1', 'through', 'table-freed']] },
    {
      says: 'Another process gets the frame and writes bytes that look like PTEs.',
      moves: [['CPU 2', 'through', 'alloc_pages']],
    },
    {
      says: 'CPU 0 reads a PTE from the frame, and will take a reference to whatever page it names.',
      moves: [['CPU 0', 'through', 'software-walked-after-free']],
    },
  ],
}
