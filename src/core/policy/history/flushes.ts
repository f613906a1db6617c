import { at2627, type Changes } from './change.ts'

/** The history of switches: flushes, locks and operations. */
export const FLUSH_HISTORY = {
  cowChecksFlushPending: [
    {
      since: '2.6.27',
      value: true,
      commit: '6ce64428d620 [id]',
      note: '5.12; its text was read. There is no write-protection by userfaultfd before 5.7, and such pages are copied since 09854ba94c6a, 5.9: the bug lies between two kernels here. 6.12 source agrees.',
    },
  ],
  forcedFlush: [
    at2627(
      'after-ptl',
      '3.0 to 3.14, tlb_flush_mmu() when the lock is dropped; not verified in source. Before 3.0 under it, frees and all, which is not modelled.',
    ),
    {
      since: '3.18',
      value: 'under-ptl',
      commit: '1cf35d47712d [c]',
      note: '3.15: flush under the lock, also for a dirty page of a file, and free after it. The text of the patch was read.',
    },
  ],
  nestedGatherForcesFlush: [
    at2627(false, 'A gather flushes what it recorded itself.'),
    { since: '4.13', value: true, commit: '99baac21e458 [id]', note: 'Another gather on the same mm forces a flush.' },
  ],
  nestedRangeEncoding: [
    at2627('empty', 'No forced flush, so without effect.'),
    {
      since: '4.13',
      value: 'full',
      commit: '99baac21e458 [id]',
      note: 'Up to 5.1 the range of the operation, read in a copy of 4.15; here all addresses, which is more.',
    },
    {
      since: '5.5',
      value: 'empty',
      commit: '7a30df49f63a [id]',
      note: '5.2: as fullmm, with a range that drivers read as empty; 6.1 source agrees.',
    },
    {
      since: '6.6',
      value: 'full',
      commit: '6bbd42e2df8f [id]',
      note: 'The architectures turn fullmm into all addresses; 6.12 source agrees.',
    },
  ],
  mmapLockDowngrade: [
    at2627('never', 'munmap() holds the lock for writing throughout.'),
    {
      since: '5.5',
      value: 'always',
      commit: 'dd2283f2605e [id]',
      note: '4.20: reading is enough once the VMAs are out.',
    },
    {
      since: '6.1',
      value: 'unless-grows',
      commit: '246c320a8cfe [id]',
      note: '5.8: not below a stack, which could grow into the hole.',
    },
    {
      since: '6.6',
      value: 'always',
      commit: null,
      note: 'As recorded on 6.12; when it began is not verified. See docs/adr/0008.',
    },
  ],
  stackGrowthLock: [
    at2627('read', 'expand_stack() in the fault, under the read lock and a lock of the VMA.'),
    {
      since: '6.6',
      value: 'write',
      commit: '8d7071af8907 [id]',
      note: '6.5: lock_mm_and_find_vma() takes the mmap lock for writing first, so munmap() may downgrade below a stack too.',
    },
  ],
  mremapFlush: [
    at2627('under-ptl', 'Up to 3.1 one IPI a page, under the locks; here one flush for all of them.'),
    {
      since: '3.7',
      value: 'after-unlock',
      commit: '7b6efc2bc4f1 [id]',
      note: '3.2: one flush at the end, after the locks are dropped.',
    },
    {
      since: '4.13',
      value: 'under-ptl-if-dirty',
      commit: '5d1904204c99 [id]',
      note: '4.9: under the locks, but only where a dirty page was moved.',
    },
    {
      since: '4.19',
      value: 'under-ptl',
      commit: 'eb66ae030829 [id]',
      note: 'Under the locks whenever a page was moved; 6.12 source agrees.',
    },
  ],
  unmapFlushDeferred: [
    at2627('never', 'Each page is flushed as it is unmapped: read in a copy of mm/rmap.c of about 3.14.'),
    { since: '4.13', value: 'x86', commit: null, note: '4.3, on x86. The number is not verified.' },
    {
      since: '6.14',
      value: 'x86-and-arm64',
      commit: null,
      note: 'About 6.7, on arm64; 6.12 source agrees. The number is not verified.',
    },
  ],
  migrationDefersFlush: [
    at2627(false, 'Each page is flushed as it is unmapped; 6.1 source agrees.'),
    {
      since: '6.6',
      value: true,
      commit: null,
      note: 'As in 6.12 source, where it is not asked to be synchronous; when it began is not verified.',
    },
  ],
  batchedPendingCheck: [
    at2627(false, 'Nobody looks. Nothing is put off before 4.3.'),
    {
      since: '4.13',
      value: true,
      commit: '3ea277194daa [id]',
      note: 'Flushes what is pending before PTEs are changed; 6.12 source agrees.',
    },
  ],
  batchedPendingAction: [
    at2627('barrier', 'arm64: a DSB, for as long as it puts flushes off; 6.12 source has a comment on it.'),
    {
      since: '6.19',
      value: 'flush-mm',
      commit: '4b634918384c [id]',
      note: '6.16, which is not verified: the mm is flushed.',
    },
  ],
  oomReaperGather: [
    at2627('one-for-all', 'From 4.6 on, which is aac453635549 [id]; before there is no OOM reaper.'),
    {
      since: '4.15',
      value: 'per-vma',
      commit: '687cb0884a71 [id]',
      note: 'Each VMA has a gather of its own; 6.12 source agrees.',
    },
  ],
  mprotectFlush: [
    at2627(
      'range-in-pair',
      'flush_tlb_range() at the end of change_protection(), read in a patch of 2008; that start() and end() were around it is from the title of a5338093bfb4.',
    ),
    {
      since: '3.18',
      value: 'range',
      commit: 'a5338093bfb4 [id]',
      note: '3.15, a number that is not verified: start() and end() move into the walk, to change_pmd_range(). The flush comes after end().',
    },
    {
      since: '6.1',
      value: 'gather',
      commit: null,
      note: '5.19, which is not verified: a gather; 6.1 source agrees.',
    },
  ],
  pfnmapFlushBeforeUnlink: [
    at2627(false, 'The flush may come after the VMA has left the reverse map.'),
    {
      since: '6.1',
      value: true,
      commit: 'b67fbebd4cf9 [id]',
      note: '5.19: a VMA of VM_PFNMAP or VM_MIXEDMAP is flushed at its end; 6.12 source agrees.',
    },
  ],
} satisfies Changes
