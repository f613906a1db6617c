import type { Bug } from './bug.ts'
import { switchingCpu } from './scenarios/switching-cpu.ts'

export const B35: Bug = {
  id: 'B35',
  title: 'x86: a CPU that switches the mm misses a flush',
  wrong:
    'A CPU that comes back to an mm compares tlb_gen with what it had reached, and then loads the page table. In between it was neither lazy nor yet on the mm, and whoever flushed took it for one that need not be told. It had looked already, so nothing made up for it.',
  affected: {
    from: '6.13',
    until: '6.15',
    evidence: ['source', 'not-verified'],
    note: 'x86; the window is read in source, ids and releases are not verified',
  },
  introducedBy: [
    { id: '209954cbc7d0', what: 'lets CPUs leave mm_cpumask() lazily', release: null, evidence: ['not-verified'] },
  ],
  fixedBy: [
    { id: 'fea4e317f9e7', what: 'also flushes a CPU that is switching', release: null, evidence: ['not-verified'] },
  ],
  cves: [{ id: 'CVE-2025-37964', evidence: ['not-verified'] }],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB', 'PCID'], operations: ['context switch', 'munmap'] },
  invariants: ['I6', 'I1'],
  actors: 'A CPU that unmaps a page, and one that comes back to the mm with that page in its TLB',
  rule: 'I1',
  present: { kernel: '6.14', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'flushWhileSwitching', value: false },
  scenario: switchingCpu,
  run: [
    { says: 'CPU 1 writes buf[0]. Its TLB has the translation.', moves: [['CPU 1', 'through', 'cpu-accessed']] },
    {
      says: 'CPU 1 runs another process and comes back. It sees in tlb_gen that it has missed nothing.',
      moves: [['CPU 1', 'through', 'choose_new_asid']],
    },
    {
      says: 'CPU 0 unmaps buf[0]. CPU 1 has LOADED_MM_SWITCHING, which is not this mm: no IPI. The page is freed.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    {
      says: 'CPU 1 loads the page table without a flush, and writes buf[0] through the entry that it still has.',
      moves: [['CPU 1', 'through', 'used-after-free']],
    },
  ],
}
