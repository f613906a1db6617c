import type { Bug } from './bug.ts'
import { reclaimBesideZap } from './scenarios/reclaim-beside-zap.ts'

export const B25: Bug = {
  id: 'B25',
  title: 'arm64: a barrier does not complete another CPU’s TLBI',
  wrong:
    'Batched reclaim on arm64 issues a TLBI and does not wait. A second CPU that has to be sure that it is done used a barrier, on the belief that it waits for every TLBI. It waits for those of its own CPU alone: the one that reclaim has issued may still be under way when the call returns.',
  affected: {
    from: '6.7',
    until: '6.16',
    evidence: ['id', 'mail', 'source'],
    note: 'arm64; neither number is verified',
  },
  introducedBy: [],
  fixedBy: [{ id: '4b634918384c', what: 'flushes the mm instead', release: '6.16', evidence: ['id', 'mail'] }],
  cves: [],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB', 'TLBI'], operations: ['reclaim', 'mprotect', 'madvise'] },
  invariants: ['I6'],
  actors: 'kswapd on one CPU, and a thread that drops the same page on another',
  rule: 'I6',
  present: { kernel: '6.14', arch: 'arm64', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.19', arch: 'arm64', driver: 'notifier', switches: {} },
  toggle: { field: 'batchedPendingAction', value: 'barrier' },
  scenario: reclaimBesideZap,
  run: [
    { says: 'CPU 1 writes buf[0]. Its TLB has the translation.', moves: [['CPU 1', 'through', 'cpu-accessed']] },
    {
      says: 'CPU 0 reclaims buf[0]: the PTE is cleared, a TLBI is issued and not waited for, the page-table lock is dropped.',
      moves: [['CPU 0', 'through', 'soft-pte-set']],
    },
    {
      says: 'CPU 1 drops buf[0]. It sees that a flush is pending, and makes a barrier: it has no TLBI of its own to wait for. The call returns.',
      moves: [['CPU 1', 'through', 'syscall-returned']],
    },
    {
      says: 'The TLBI of CPU 0 has not reached CPU 1 yet: it writes buf[0] through its TLB, though its call has dropped the page.',
      moves: [['CPU 1', 'through', 'used-after-promise']],
    },
  ],
}
