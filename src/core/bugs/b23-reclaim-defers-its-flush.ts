import type { Bug } from './bug.ts'
import { reclaimBesideZap } from './scenarios/reclaim-beside-zap.ts'

export const B23: Bug = {
  id: 'B23',
  title: 'Reclaim defers its flush, and others do not know',
  wrong:
    'Reclaim clears a PTE and flushes later, in a batch. Whoever comes to the same address next (mprotect(), munmap(), madvise()) finds no PTE, flushes nothing, and returns while a CPU still writes through the old entry: into a page that is about to be written out and freed.',
  affected: {
    from: '4.3',
    until: '4.13',
    evidence: ['id'],
    note: 'x86; 4.3 is not verified. Some paths of madvise() did not look until 2025 (9c276cc65a58 is named as the origin): not verified, and not modelled',
  },
  introducedBy: [],
  fixedBy: [
    {
      id: '3ea277194daa',
      what: 'flushes what is pending before PTEs are changed',
      release: '4.13',
      evidence: ['id'],
    },
  ],
  cves: [],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['reclaim', 'mprotect', 'munmap', 'madvise'] },
  invariants: ['I6', 'I8'],
  actors: 'kswapd on one CPU, and a thread that drops the same page on another',
  rule: 'I6',
  present: { kernel: '4.13', arch: 'x86', driver: 'notifier', switches: { batchedPendingCheck: false } },
  fixed: { kernel: '4.13', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'batchedPendingCheck', value: false },
  scenario: reclaimBesideZap,
  run: [
    { says: 'CPU 1 writes buf[0]. Its TLB has the translation.', moves: [['CPU 1', 'through', 'cpu-accessed']] },
    {
      says: 'CPU 0 reclaims buf[0]: the PTE is cleared, the flush is put off, the page-table lock is dropped.',
      moves: [['CPU 0', 'through', 'soft-pte-set']],
    },
    {
      says: 'CPU 1 drops buf[0]. It finds no PTE: nothing to clear, nothing to flush. The call returns.',
      moves: [['CPU 1', 'through', 'syscall-returned']],
    },
    {
      says: 'CPU 1 writes buf[0] through the entry that its TLB still has, though its call has dropped the page.',
      moves: [['CPU 1', 'through', 'used-after-promise']],
    },
  ],
}
