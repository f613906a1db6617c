import type { Bug } from './bug.ts'
import { parallelZaps } from './scenarios/parallel-zaps.ts'

export const B24: Bug = {
  id: 'B24',
  title: 'Two zaps at once: the second sees nothing to flush',
  wrong:
    'MADV_DONTNEED holds the mmap lock for reading only, so two of them may run on one range. The second finds the PTE cleared by the first, records nothing, flushes nothing, and returns. The first has not flushed yet: whoever called the second still writes through the old entry, into a page that is about to be freed.',
  affected: { from: null, until: '4.13', evidence: ['id'] },
  introducedBy: [],
  fixedBy: [
    {
      id: '99baac21e458',
      what: 'makes a gather that is not alone flush everything',
      release: '4.13',
      evidence: ['id'],
    },
    {
      id: '4647706ebeee',
      what: 'always flushes after such a zap, an alternative',
      release: '4.14',
      evidence: ['id'],
    },
    {
      id: '7a30df49f63a',
      what: 'corrects the range that is forced: arm64 kept walk-cache entries',
      release: '5.2',
      evidence: ['id'],
    },
  ],
  cves: [],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['madvise'] },
  invariants: ['I6', 'I8'],
  actors: 'Two CPUs of one process that drop the same page',
  rule: 'I6',
  present: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '4.13', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'nestedGatherForcesFlush', value: false },
  scenario: parallelZaps,
  run: [
    { says: 'CPU 1 writes buf[0]. Its TLB has the translation.', moves: [['CPU 1', 'through', 'cpu-accessed']] },
    {
      says: 'CPU 0 drops buf[0]: the PTE is cleared, the page waits in the gather, nothing is flushed yet.',
      moves: [['CPU 0', 'through', 'pte_unmap_unlock']],
    },
    {
      says: 'CPU 1 drops buf[0] too. The PTE is none: nothing to record, nothing to flush. The call returns.',
      moves: [['CPU 1', 'through', 'syscall-returned']],
    },
    {
      says: 'CPU 1 writes buf[0] through the entry that its TLB still has, though its call has dropped the page.',
      moves: [['CPU 1', 'through', 'used-after-promise']],
    },
  ],
}
