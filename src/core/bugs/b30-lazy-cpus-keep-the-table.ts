import type { Bug } from './bug.ts'
import { lazyCpu } from './scenarios/lazy-cpu.ts'

export const B30: Bug = {
  id: 'B30',
  title: 'x86: lazy CPUs are not flushed when a table is removed',
  wrong:
    'flush_tlb_range() took every flush for one of leaf entries. The collapse uses it to remove whole tables, so CPUs in lazy TLB mode were left out. They use no user page meanwhile, but their processors may still walk, from the table that the paging-structure cache names.',
  affected: {
    from: null,
    until: '6.15',
    evidence: ['id', 'source'],
    note: 'x86; since when lazy CPUs are left out is not verified',
  },
  introducedBy: [],
  fixedBy: [{ id: '3ef938c35035', what: 'says that tables may be freed', release: '6.15', evidence: ['id'] }],
  cves: [],
  tags: { consumers: ['CPU'], hardware: ['walk cache', 'lazy TLB mode'], operations: ['collapse'] },
  invariants: ['I2'],
  actors: 'A CPU that removes a page table, a lazy one that has walked it, and somebody who gets the freed table',
  rule: 'I2',
  present: { kernel: '6.14', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'lazyCpusSkippedOnTableFree', value: true },
  scenario: lazyCpu,
  run: [
    {
      says: 'CPU 1 runs a kernel thread. Its processor walks for file[0] on speculation, and the walk cache keeps the way to the PTE table.',
      moves: [['CPU 1', 'until', 'begin to walk for file[1]']],
    },
    {
      says: 'CPU 0 takes the PTE table out and flushes as if only leaf entries had gone: CPU 1 is lazy and is passed over.',
      moves: [['CPU 0', 'until', 'the PTE table in pfn']],
    },
    {
      says: 'The table is freed: at once up to 6.5, later when a grace period has ended. Neither waits for a walk cache.',
      moves: [
        ['CPU 0', 'through', 'the PTE table in pfn'],
        ['RCU', 'may', 'table-freed'],
      ],
    },
    {
      says: 'Another process gets the frame and writes bytes that look like PTEs.',
      moves: [['CPU 2', 'through', 'alloc_pages']],
    },
    {
      says: 'CPU 1 walks for file[1] on speculation, from the table that its walk cache names, and takes the bytes for a PTE.',
      moves: [['CPU 1', 'through', 'walked-after-free']],
    },
  ],
}
