import type { Bug } from './bug.ts'
import { fullTableBatch } from './scenarios/full-table-batch.ts'

export const B06: Bug = {
  id: 'B06',
  title: 'Page tables are queued for RCU before their walk caches are flushed',
  wrong:
    'A full batch of page tables went to RCU in the middle of free_pgtables(), while the flush came at the end of munmap(). And an mm with fewer than two users freed each table on the spot. A grace period waits for software, not for hardware: the walk cache of another CPU, or of an IOMMU, still named the table when it was another’s.',
  affected: {
    from: null,
    until: '4.19',
    evidence: ['id', 'source'],
    note: 'where RCU frees page tables: on x86 with paravirtualisation, and always in 4.18-rc; not arm64, which flushed before it queued',
  },
  introducedBy: [
    {
      id: '267239116987',
      what: 'moves RCU freeing of page tables into generic code',
      release: null,
      evidence: ['id'],
    },
  ],
  fixedBy: [
    {
      id: '706a1ea65e6f',
      what: 'merges the rework: invalidate first, no short cut for one user',
      release: '4.19',
      evidence: ['id'],
    },
  ],
  cves: [],
  tags: { consumers: ['CPU'], hardware: ['walk cache'], operations: ['munmap', 'free_pgtables'] },
  invariants: ['I2', 'I4'],
  actors:
    'A CPU that unmaps the last page of a table, a second one that has walked it, and somebody who gets the freed table',
  rule: 'I2',
  present: { kernel: '4.15', arch: 'x86', driver: 'notifier', switches: { tableFree: 'rcu' } },
  fixed: { kernel: '4.19', arch: 'x86', driver: 'notifier', switches: { tableFree: 'rcu' } },
  toggle: { field: 'tableBatchInvalidatesFirst', value: false },
  scenario: fullTableBatch,
  run: [
    {
      says: 'CPU 1 reads buf[0]. Its walk cache keeps the way to the PTE table.',
      moves: [['CPU 1', 'through', 'cpu-accessed']],
    },
    {
      says: 'CPU 0 unmaps buf and unlinks the table. The batch is full: the table goes to RCU, nothing is flushed yet.',
      moves: [['CPU 0', 'through', 'tlb_table_flush']],
    },
    {
      says: 'A grace period ends. It has waited for software only, and the table is freed.',
      moves: [['RCU', 'through', 'table-freed']],
    },
    {
      says: 'Another process gets the frame and writes bytes that look like PTEs.',
      moves: [['CPU 2', 'through', 'alloc_pages']],
    },
    {
      says: 'CPU 1 walks for buf[1] on speculation, from the table that its walk cache names, and takes the bytes for a PTE.',
      moves: [['CPU 1', 'through', 'walked-after-free']],
    },
  ],
}
