import { type Cards, onOff } from './card.ts'

/** Switches: page tables and those who walk them. */
export const TABLE_CARDS = {
  unshareRecordsRange: {
    label: 'hugetlb: unsharing a page table is flushed',
    what: 'Processes that map the same huge pages may share a page table. To unmap, one clears its entry for that table. From 3.6 to 5.15 the range was not recorded, so nothing was flushed (B28).',
    group: 'kernel',
    values: onOff('recorded and flushed', 'forgotten'),
    without: { value: false, what: 'the flush after a shared page table was let go' },
  },
  unshareSyncsWalkers: {
    label: 'hugetlb: unsharing waits for GUP-fast',
    what: 'A process that lets a shared page table go may have a CPU in it that walks without a lock. The others may free the table at once, and only an IPI to that CPU waits for its walk (the second bug of B28).',
    group: 'kernel',
    values: onOff('sends an IPI and waits', 'does not'),
    without: { value: false, what: 'the IPI that waits for GUP-fast in an unshared table' },
  },
  tableFree: {
    label: 'When page tables are freed',
    what: 'With the data pages, or after an RCU grace period. A grace period waits for software that walks without locks, not for hardware.',
    group: 'kernel',
    values: [
      { value: 'with-pages', label: 'with the pages' },
      { value: 'rcu', label: 'after a grace period' },
    ],
    without: { value: 'with-pages', what: 'the grace period before page tables are freed' },
  },
  tableBatchInvalidatesFirst: {
    label: 'A full batch of page tables is invalidated first',
    what: 'Tables that RCU frees wait in a batch of their own. When it is full it goes to RCU before munmap() is done: with a flush before it since 4.19, without one earlier (B06).',
    group: 'kernel',
    values: onOff('flushed, then queued', 'queued at once'),
    without: { value: false, what: 'the flush before a full batch of page tables goes to RCU' },
  },
  singleUserTableShortcut: {
    label: 'An mm with one user frees its tables at once',
    what: 'Where RCU frees page tables, an mm with fewer than two users did without: with nobody else to walk them, tables were freed as they were unlinked. Walk caches had not been flushed (B06).',
    group: 'kernel',
    values: onOff('at once', 'like all others'),
    without: { value: true, what: 'the flush before tables of an mm with one user are freed' },
  },
  batchFreeOrder: {
    label: 'Order in which a batch is freed',
    what: 'Whether a full batch returns its newest page or its oldest page to the allocator first. It decides which frame the next owner gets.',
    group: 'kernel',
    values: [
      { value: 'lifo', label: 'newest first' },
      { value: 'fifo', label: 'oldest first' },
    ],
  },
  mremapMovesTables: {
    label: 'mremap() moves whole tables',
    what: 'A range that covers a whole page table is moved by one PMD entry, with all PTEs in it. Walk caches then lead to the table from an address where it is no more, until the flush.',
    group: 'kernel',
    values: onOff('where it can', 'page by page'),
  },
  moveRechecksPmd: {
    label: 'mremap() looks at the PMD twice',
    what: 'That a PMD entry names a page table is seen before any lock is taken. khugepaged can take the table out in between: unless the entry is looked at again under the locks, an empty one is moved, and becomes an entry for page 0 (B29).',
    group: 'kernel',
    values: onOff('twice', 'once'),
  },
  collapseSyncsWalkers: {
    label: 'Collapse waits for software walkers',
    what: 'khugepaged sends an IPI that does nothing before it frees or keeps a page table that it took out: GUP-fast, which walks with interrupts disabled, has left the table then (B11).',
    group: 'kernel',
    values: onOff('with an IPI', 'not at all'),
    without: { value: false, what: 'the IPI that waits for software walkers' },
  },
  collapseTableFree: {
    label: 'When a collapsed file’s page table is freed',
    what: 'At once, with the mmap lock held for writing; or after an RCU grace period, which waits for GUP-fast too, with no need for that lock: then mremap() and faults may run beside it (B29).',
    group: 'kernel',
    values: [
      { value: 'at-once', label: 'at once' },
      { value: 'rcu', label: 'after a grace period' },
    ],
    without: { value: 'at-once', what: 'the grace period before a collapsed file’s page table is freed' },
  },
  lazyCpusSkippedOnTableFree: {
    label: 'x86: collapse passes lazy CPUs over',
    what: 'The flush that takes out a page table says that leaf entries go. So a CPU in lazy TLB mode is not interrupted, and its paging-structure cache keeps the table (B30).',
    group: 'kernel',
    values: onOff('passed over', 'interrupted'),
  },
  flushWhileSwitching: {
    label: 'x86: a CPU that is switching gets the flush',
    what: 'A CPU that comes back to the mm has read tlb_gen and has not loaded the page table yet. If the flush passes it over then, it goes on with stale entries (B35).',
    group: 'kernel',
    values: onOff('gets it', 'passed over'),
    without: { value: false, what: 'the flush of CPUs that are switching' },
  },
  partialFlush: {
    label: 'x86: which flushes drop single pages',
    what: 'A CPU keeps in tlb_gen which flush of the mm it has made last, and ignores requests up to that one. So it may drop single pages only for the flush that comes next; when another has overtaken, it drops everything. No kernel drops single pages for any flush: that is there to see what goes wrong (I16).',
    group: 'kernel',
    values: [
      { value: 'each-request', label: 'each, without a count' },
      { value: 'next-generation', label: 'the next in order' },
      { value: 'any-generation', label: 'any, as if in order' },
    ],
  },
  agingFlushes: {
    label: 'x86: aging flushes the TLB',
    what: 'Before reclaim takes a page it looks whether its Accessed bit was set again. A TLB that has the page sets no bit, so up to 2014 the page was flushed as the bit was cleared. Without the flush a page in use may look unused, and be read back at once: slow, and no harm. Takes part where Accessed bits are among the accounts.',
    group: 'kernel',
    values: onOff('flushes', 'flushes nothing'),
  },
  pteClearIsExchange: {
    label: 'A PTE is cleared with an exchange',
    what: 'Walkers set Dirty without a lock. Only an atomic exchange tells whether Dirty was set up to the moment of the clear; read first and cleared then, a page that was just written counts as clean (I8). Takes part where Accessed bits are among the accounts.',
    group: 'kernel',
    values: onOff('an exchange', 'read, then cleared'),
    without: { value: false, what: 'the exchange in which a PTE is cleared' },
  },
  forkCopiesPinned: {
    label: 'fork() copies pinned pages',
    what: 'A device writes a page that is pinned for it by its physical address. Shared with a child, the page would be copied at the parent’s next write, and the device would go on writing the copy that the parent has no more. So fork() gives the child a copy at once.',
    group: 'kernel',
    values: onOff('copies them', 'shares them'),
    without: { value: false, what: 'fork()’s look whether a page is pinned' },
  },
  writeProtectSeq: {
    label: 'GUP-fast sees a fork at work',
    what: 'GUP-fast takes no lock, so it may pin a page just after fork() has seen that it is not pinned, and before it is write-protected. mm->write_protect_seq is odd meanwhile, and another after it: GUP-fast lets go then.',
    group: 'kernel',
    values: onOff('sees it', 'does not see it'),
    without: { value: false, what: 'the look of GUP-fast at write_protect_seq' },
  },
  kernelTableFree: {
    label: 'How the kernel frees page tables of its own',
    what: 'An IOMMU that walks a process’s page table walks the kernel’s half too. From 6.19 on a work item tells IOMMUs before such tables are freed (B15).',
    group: 'kernel',
    values: [
      { value: 'immediate', label: 'at once' },
      { value: 'deferred-and-notified', label: 'after telling IOMMUs' },
    ],
  },
} satisfies Cards
