import type { Bug } from './bug.ts'
import { growingStack } from './scenarios/growing-stack.ts'

export const B27: Bug = {
  id: 'B27',
  title: 'A stack grows into the hole that munmap() is still freeing',
  wrong:
    'From 4.20 on munmap() keeps only the read lock while it unmaps. A fault of a stack above the hole needed no more than that: it grew into the hole and used a page table that munmap() was about to free.',
  affected: { from: '4.20', until: '5.8', evidence: ['id'] },
  introducedBy: [{ id: 'dd2283f2605e', what: 'downgrades the lock', release: '4.20', evidence: ['id'] }],
  fixedBy: [
    { id: '246c320a8cfe', what: 'keeps the write lock below a stack', release: '5.8', evidence: ['id'] },
    {
      id: '8d7071af8907',
      what: 'grows stacks under the write lock, for another reason: munmap() may downgrade again',
      release: '6.5',
      evidence: ['id'],
    },
  ],
  cves: [{ id: 'CVE-2020-29369', evidence: ['id'] }],
  tags: { consumers: ['CPU'], hardware: [], operations: ['munmap', 'page fault', 'stack growth'] },
  invariants: ['I2', 'I3'],
  actors: 'A CPU that unmaps the page below a stack, and a thread that writes there',
  rule: 'I3',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'mmapLockDowngrade', value: 'always' },
  scenario: growingStack,
  run: [
    {
      says: 'CPU 0 unmaps buf below the stack, with the read lock only. The PTE is cleared, and it sees that no VMA needs the page table.',
      moves: [['CPU 0', 'through', 'unlink_file_vma']],
    },
    {
      says: 'CPU 1 writes just below the stack. The read lock is enough: the stack grows into the hole, and the fault finds the page table.',
      moves: [['CPU 1', 'through', 'pte_alloc']],
    },
    {
      says: 'CPU 0 unlinks the table, flushes and frees it.',
      moves: [['CPU 0', 'through', 'table-freed']],
    },
    {
      says: 'CPU 1 sets its PTE in a frame that is no page table any more.',
      moves: [['CPU 1', 'through', 'software-walked-after-free']],
    },
  ],
}
