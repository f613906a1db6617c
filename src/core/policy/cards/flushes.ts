import { type Cards, onOff } from './card.ts'

/** Switches: flushes, locks and operations. */
export const FLUSH_CARDS = {
  cowChecksFlushPending: {
    label: 'Copy on write looks for a pending flush',
    what: 'A userfaultfd clears write bits and flushes later. Before a page of such a region is copied, TLBs must have let go of the old entry, or a write comes after the copy and is lost (B31).',
    group: 'kernel',
    values: onOff('flushes first', 'copies at once'),
    without: { value: false, what: 'the flush before a copy on write, where one is pending' },
  },
  forcedFlush: {
    label: 'Where an unmap flushes before its end',
    what: 'A full batch is flushed in the middle of an unmap. Up to 3.14 after the page-table lock was dropped. Since then under it, and a dirty page of a file is flushed too: else page_mkclean() finds no PTE, the page is written out, and a CPU goes on writing through its TLB.',
    group: 'kernel',
    values: [
      { value: 'after-ptl', label: 'after the lock' },
      { value: 'under-ptl', label: 'under the lock' },
    ],
  },
  nestedGatherForcesFlush: {
    label: 'A second gather forces a full flush',
    what: 'tlb_finish_mmu() flushes everything when another gather is at work on the same mm, because a PTE that the other one cleared looks like nothing to flush (B24).',
    group: 'kernel',
    values: onOff('forces it', 'flushes its own'),
    without: { value: false, what: 'the full flush that a second gather forces' },
  },
  nestedRangeEncoding: {
    label: 'What such a full flush tells the notifier',
    what: 'The range that a flush forced by a second gather passes on. From 5.2 to 6.5 it was one that drivers read as empty (B09).',
    group: 'kernel',
    values: [
      { value: 'empty', label: 'an empty range' },
      { value: 'full', label: 'all addresses' },
    ],
  },
  mmapLockDowngrade: {
    label: 'munmap() downgrades the mmap lock',
    what: 'After taking the VMAs out, munmap() goes on with the read lock only (4.20), so faults and other zaps run beside it. Unless the VMA above is a stack, which could grow into the hole.',
    group: 'kernel',
    values: [
      { value: 'never', label: 'never' },
      { value: 'unless-grows', label: 'unless a stack is above' },
      { value: 'always', label: 'always' },
    ],
    without: { value: 'always', what: 'the write lock while munmap() unmaps' },
  },
  stackGrowthLock: {
    label: 'The lock under which a stack grows',
    what: 'A fault below a stack moves the start of its VMA down. Up to 6.4 it held the mmap lock for reading, so a munmap() that had downgraded its own could still be freeing tables there (B27).',
    group: 'kernel',
    values: [
      { value: 'read', label: 'the read lock' },
      { value: 'write', label: 'the write lock' },
    ],
    without: { value: 'read', what: 'the write lock while a stack grows' },
  },
  mremapFlush: {
    label: 'When mremap() flushes',
    what: 'mremap() moves PTEs under both page-table locks. If it drops them before the old address is flushed, the page can be freed at its new address while the old one still reaches it (B07).',
    group: 'kernel',
    values: [
      { value: 'after-unlock', label: 'after the locks' },
      { value: 'under-ptl-if-dirty', label: 'under them, if dirty' },
      { value: 'under-ptl', label: 'under the locks' },
    ],
  },
  unmapFlushDeferred: {
    label: 'Reclaim puts the flush off',
    what: 'Reclaim unmaps many pages and flushes the CPUs once, before it frees them: x86 since 4.3, arm64 since about 6.7. Secondary TLBs never wait so long.',
    group: 'kernel',
    values: [
      { value: 'never', label: 'never' },
      { value: 'x86', label: 'on x86' },
      { value: 'x86-and-arm64', label: 'on x86 and arm64' },
    ],
  },
  migrationDefersFlush: {
    label: 'Migration puts the flush off too',
    what: 'Migration unmaps, then flushes once before it copies. Otherwise each PTE is cleared and flushed in one go.',
    group: 'kernel',
    values: onOff('put off', 'page by page'),
  },
  batchedPendingCheck: {
    label: 'Who changes PTEs looks for flushes put off',
    what: 'munmap(), madvise() and mremap() find no PTE where reclaim has cleared one, so they would flush nothing and return while TLBs still have it. Since 4.13 they look at mm->tlb_flush_batched first (B23).',
    group: 'kernel',
    values: onOff('looks', 'does not look'),
    without: { value: false, what: 'the look for flushes that reclaim has put off' },
  },
  batchedPendingAction: {
    label: 'arm64: what is done about a flush put off',
    what: 'flush_tlb_batched_pending() on arm64 was a barrier. It waits for TLBIs that this CPU has issued, and reclaim issued them on another (B25). x86 has always flushed the mm.',
    group: 'kernel',
    values: [
      { value: 'barrier', label: 'a barrier' },
      { value: 'flush-mm', label: 'a flush of the mm' },
    ],
    without: { value: 'barrier', what: 'the flush of the mm where reclaim has put one off' },
  },
  oomReaperGather: {
    label: 'How the OOM reaper gathers',
    what: 'Up to 4.14 the OOM reaper had one gather for all addresses. A gather like that takes the mm for dead, and arm64 flushes nothing then, while threads still run (B26).',
    group: 'kernel',
    values: [
      { value: 'one-for-all', label: 'one for all VMAs' },
      { value: 'per-vma', label: 'one for each VMA' },
    ],
  },
  mprotectFlush: {
    label: 'How mprotect() flushes',
    what: 'Up to 5.18 flush_tlb_range() over all pages of the call, whatever was changed: up to 3.14 before end(), then after it. From 5.19 on a gather, after end() too, which on x86 leaves entries alone that were not present or keep their write bit (pte_needs_flush). With the gather, dirty pages become writable at once where writing is allowed.',
    group: 'kernel',
    values: [
      { value: 'range-in-pair', label: 'the range, before end()' },
      { value: 'range', label: 'the range, after end()' },
      { value: 'gather', label: 'through a gather' },
    ],
  },
  pfnmapFlushBeforeUnlink: {
    label: 'A driver’s mapping is flushed before it is forgotten',
    what: 'munmap() flushes at the end of a VMA whose frames a driver mapped by number. Without it, the driver finds no mapping any more and frees frames that TLBs still reach (B22).',
    group: 'kernel',
    values: onOff('flushed first', 'left for later'),
  },
} satisfies Cards
