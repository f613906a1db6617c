import { at2627, type Changes } from './change.ts'

/** The history of switches: page tables and those who walk them. */
export const TABLE_HISTORY = {
  unshareRecordsRange: [
    at2627(true, 'The whole range was flushed after the loop. Mechanism not verified in source.'),
    {
      since: '3.7',
      value: false,
      commit: null,
      note: '3.6: huge pages go through the gather, and unsharing records nothing. The commit that began it is not verified.',
    },
    {
      since: '6.1',
      value: true,
      commit: 'a4a118f2eead [id]',
      note: '5.16: the range is recorded, and flushed before the lock of the file is dropped.',
    },
  ],
  unshareSyncsWalkers: [
    at2627(false, 'Nobody waits for GUP-fast there.'),
    {
      since: '6.19',
      value: true,
      commit: '1013af4f585f [id]',
      note: '2025: tlb_remove_table_sync_one() once the entry is cleared. Its release is not verified. Where the flush of 5.16 is an IPI, that waits too.',
    },
  ],
  collapseSyncsWalkers: [
    at2627(false, 'Collapse came with 2.6.38 (ba76149f47d8) and relied on the flush to interrupt every CPU.'),
    { since: '6.1', value: true, commit: '2ba99c5e0881 [id]', note: 'An IPI that does nothing; 6.1 source agrees.' },
  ],
  collapseTableFree: [
    at2627('at-once', 'pte_free() right after the flush.'),
    {
      since: '6.6',
      value: 'rcu',
      commit: '1d65b771bc08 [id]',
      note: 'pte_free_defer(); who collapses one range holds the mmap lock for reading, who takes tables out through the file asks for none. Its patch was read, 6.12 source agrees; that it is 6.6 is not verified.',
    },
  ],
  lazyCpusSkippedOnTableFree: [
    at2627(
      true,
      'flush_tlb_range() of x86 says that no table is freed. When lazy CPUs were first left out is not verified.',
    ),
    { since: '6.19', value: false, commit: '3ef938c35035 [id]', note: '6.15: it says that tables may be freed.' },
  ],
  flushWhileSwitching: [
    at2627(true, 'An IPI goes to every CPU in mm_cpumask(), whatever it has loaded.'),
    {
      since: '6.14',
      value: false,
      commit: '209954cbc7d0 [id]',
      note: 'CPUs leave mm_cpumask() lazily, so one that has another mm loaded is passed over; in later 6.1, 6.6 and 6.12 stable too.',
    },
    {
      since: '6.19',
      value: true,
      commit: 'fea4e317f9e7 [id]',
      note: '6.15: a CPU that is about to switch is interrupted. Order mended once more in 2025.',
    },
  ],
  partialFlush: [
    at2627('each-request', 'A CPU drops what each request names, and keeps no count.'),
    {
      since: '4.15',
      value: 'next-generation',
      commit: 'b0579ade7cd8 [id]',
      note: '4.14, which is not verified: flush_tlb_func() compares generations; its text was read in several kernels since.',
    },
  ],
  agingFlushes: [
    at2627(true, 'ptep_clear_flush_young() flushes the page where its bit was set.'),
    {
      since: '3.18',
      value: false,
      commit: 'b13b1d2d8692 [c]',
      note: '2014, in 3.14 stable too: x86 clears the bit and flushes nothing.',
    },
  ],
  pteClearIsExchange: [at2627(true, 'ptep_get_and_clear() is an exchange, in every kernel.')],
  forkCopiesPinned: [
    at2627(
      false,
      'Parent and child share it like any other page. FOLL_PIN itself came with 5.6, which is not verified.',
    ),
    {
      since: '6.1',
      value: true,
      commit: '70e806e4e645 [id]',
      note: '5.9: a page that may be pinned is copied for the child at once; the number 5.9 is not verified.',
    },
  ],
  writeProtectSeq: [
    at2627(false, 'GUP-fast may pin a page between the look of fork() and its write-protection.'),
    {
      since: '6.1',
      value: true,
      commit: '57efa1fe5957 [id]',
      note: '5.11, which is not verified: GUP-fast that pins gives up when fork() has been at work meanwhile; 6.12 source agrees.',
    },
  ],
  tableBatchInvalidatesFirst: [
    at2627(false, 'A full batch of tables goes to RCU as it is; source of 3.19 read.'),
    { since: '4.19', value: true, commit: '706a1ea65e6f [id]', note: 'The merge of the rework: invalidate first.' },
  ],
  singleUserTableShortcut: [
    at2627(
      true,
      'With one user of the mm there can be no software walk beside it, it was argued; source of 3.19 read.',
    ),
    { since: '4.19', value: false, commit: '706a1ea65e6f [id]', note: 'The same merge: no short cut for one user.' },
  ],
  // arm64 frees them by RCU from 3.18 on: presetOf().
  tableFree: [
    at2627('with-pages', 'x86: with the data pages, unless paravirtualised.'),
    {
      since: '6.14',
      value: 'rcu',
      commit: '718b13861d22 [id]',
      note: 'x86: all user page tables by RCU. The number 6.14 is not verified.',
    },
  ],
  // arm64 flushed walk caches before it queued each table: presetOf().
  batchFreeOrder: [
    at2627('lifo', 'As recorded on 6.1; older kernels not verified.'),
    {
      since: '6.6',
      value: 'fifo',
      commit: null,
      note: 'As recorded on 6.12; when it began is not verified. See docs/adr/0008.',
    },
  ],
  mremapMovesTables: [
    at2627(false, 'Page by page.'),
    {
      since: '5.5',
      value: true,
      commit: '2c91bd4a4e2e [id]',
      note: '5.0 on x86. When arm64 followed is not verified, nor the number 5.0.',
    },
  ],
  moveRechecksPmd: [
    at2627(
      false,
      'Nothing comes of it where whoever takes a page table out holds the mmap lock: up to 6.5. Before 5.0 no table is moved.',
    ),
    {
      since: '6.14',
      value: true,
      commit: '6fa1066fc5d0 [c]',
      note: '6.12: under the locks it looks whether the entry still names a page table.',
    },
  ],
  kernelTableFree: [
    at2627('immediate', 'Flushed from the CPUs, then freed; no IOMMU hears of it.'),
    {
      since: '6.19',
      value: 'deferred-and-notified',
      commit: '5ba2f0a15564 [c]',
      note: 'A work item frees them, after e37d5a2d60a3 [id] has told every SVA mm. The number 6.19 is not verified.',
    },
  ],
} satisfies Changes
