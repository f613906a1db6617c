import { known } from '../base/assert.ts'
import { KERNEL_IDS, type KernelId } from '../runs/settings.ts'
import type { Policy, SwitchId } from './policy.ts'

/** From this kernel on the switch stands at `value`, until a later line of the same switch. */
export interface Change<Value> {
  /** The first kernel of KERNEL_IDS that has it. The release itself, where it lies between two of them, is in the note. */
  readonly since: KernelId
  readonly value: Value
  /** Short id and how it is known. [c]: read at that commit. [id]: id and title seen, not the code. Null: no commit, or none known. */
  readonly commit: string | null
  readonly note: string
}

/** Switches of architectures, drivers and hardware: presetOf() sets them, no kernel version does. */
type TimelessId =
  | 'cachesPermissionMiss'
  | 'mergeVmas'
  | 'emptyTableNesting'
  | 'drainsWalks'
  | 'invalidateOrder'
  | 'invalidateKind'
  | 'readRetry'
export type HistoricId = Exclude<SwitchId, TimelessId>

/** One line: as it was in the first kernel with notifiers. */
const at2627 = <Value>(value: Value, note: string): Change<Value> => ({ since: '2.6.27', value, commit: null, note })

/** What each kernel-side switch was, oldest first. To add a switch: its lines here, its field in policy.ts, its card in switches.ts. */
export const HISTORY: { readonly [Id in HistoricId]: readonly Change<Policy[Id]>[] } = {
  configMmuNotifier: [at2627(true, 'Every kernel here is built with it; it can be left out.')],
  rangeCallback: [
    at2627(false, 'start and end, and single pages: nothing between unmapping and freeing.'),
    {
      since: '3.19',
      value: true,
      commit: null,
      note: 'invalidate_range, third patch of the series; its id is not verified.',
    },
  ],
  gatherFlushNotifies: [
    at2627(false, 'The gather’s flush is for CPUs only.'),
    {
      since: '3.19-2of3',
      value: true,
      commit: '34ee645e83b6 [c]',
      note: 'It calls the notifier, which is still empty.',
    },
  ],
  tableFreeNotifies: [
    at2627(false, 'No callback at all between end() and the free of page tables.'),
    { since: '3.19-2of3', value: true, commit: '34ee645e83b6 [c]', note: 'The last flush covers page tables too.' },
  ],
  endImpliesInvalidate: [
    at2627(false, 'There is nothing that end() could call.'),
    { since: '3.19', value: true, commit: null, note: 'Third patch of the series; its id is not verified.' },
    {
      since: '6.6',
      value: false,
      commit: 'ec8832d007cb [id]',
      note: 'end() calls its own callbacks only; 6.12 source agrees.',
    },
  ],
  onlyEnd: [
    at2627(false, 'There is one kind of end().'),
    {
      since: '4.15',
      value: true,
      commit: '4645b9fe84bf [id]',
      note: 'Copy on write and the split of a huge page do not tell twice; 6.1 source agrees.',
    },
    {
      since: '6.6',
      value: false,
      commit: 'ec8832d007cb [id]',
      note: 'Gone, as no end() tells secondary TLBs any more; 6.12 source agrees.',
    },
  ],
  clearFlushNotifies: [
    at2627(
      false,
      'From 3.7 on nothing is called under the page-table lock. Before it was invalidate_page, which is not modelled.',
    ),
    {
      since: '3.19',
      value: true,
      commit: null,
      note: 'ptep_clear_flush_notify() calls invalidate_range; third patch of the series, its id is not verified.',
    },
    {
      since: '6.6',
      value: false,
      commit: 'ec8832d007cb [id]',
      note: 'The macro is gone: ptep_clear_flush() notifies, as every flush of the architectures does; 6.12 source agrees.',
    },
  ],
  cowChecksFlushPending: [
    {
      since: '2.6.27',
      value: true,
      commit: '6ce64428d620 [id]',
      note: '5.12; its text was read. There is no write-protection by userfaultfd before 5.7, and such pages are copied since 09854ba94c6a, 5.9: the bug lies between two kernels here. 6.12 source agrees.',
    },
  ],
  archFlushNotifies: [
    at2627(false, 'The architectures know nothing of secondary TLBs.'),
    {
      since: '6.6',
      value: true,
      commit: '6bbd42e2df8f [id]',
      note: 'Their TLB flushes call the notifier; 6.12 source agrees.',
    },
  ],
  endVmaFlushNotifies: [
    at2627(
      false,
      'Up to 4.18 the generic tlb_end_vma() flushed and forgot the range. Mechanism not verified in source.',
    ),
    { since: '4.19', value: true, commit: 'fd1102f0aade [id]', note: 'The range is kept for the notifier.' },
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
  stackGrowthLock: [
    at2627('read', 'expand_stack() in the fault, under the read lock and a lock of the VMA.'),
    {
      since: '6.6',
      value: 'write',
      commit: '8d7071af8907 [id]',
      note: '6.5: lock_mm_and_find_vma() takes the mmap lock for writing first, so munmap() may downgrade below a stack too.',
    },
  ],
  intervalNotifiers: [
    at2627(false, 'Drivers have start and end, for the whole mm.'),
    { since: '5.5', value: true, commit: '99cb252f5e68 [id]', note: '5.5: an interval tree; 6.6 source agrees.' },
  ],
  deferredRemoveWait: [
    at2627('seq-changed', 'There are no interval notifiers before 5.5; those of 5.5 wait for another sequence.'),
    {
      since: '6.1',
      value: 'seq-released',
      commit: '319561669a59 [c]',
      note: '5.18: the sequence is read under the lock; 6.6 source agrees.',
    },
  ],
  driverFlushBeforePut: [
    at2627(false, 'As i915 was; since when such a GPU could be used so is not verified.'),
    {
      since: '6.1',
      value: true,
      commit: '7938d61591d3 [id]',
      note: '5.17: i915 flushes the GPU’s TLB before it releases pages; later patches of that code agree.',
    },
  ],
  seqSampledAt: [
    at2627('after', 'arm64 and RISC-V, as long as they have had KVM. The mechanism is not verified in source.'),
    {
      since: '6.6',
      value: 'before-VMA-lookup',
      commit: '13ec9308a857 [id]',
      note: '6.3: arm64 samples while it holds the mmap lock for the VMA; RISC-V likewise.',
    },
  ],
  pfnCacheRetryCounter: [
    {
      since: '2.6.27',
      value: 'mn_active_invalidate_count',
      commit: '58cd407ca4c6 [id]',
      note: '5.19. There is no such cache before 5.17; in 5.17 and 5.18, between two kernels here, it looked at the other count. Both numbers are not verified; 6.12 source agrees.',
    },
  ],
  hwCachedPfnReload: [
    at2627(
      'never',
      'Range callbacks ask for no reload. The page was pinned before 3.18; then invalidate_page, up to 4.12, asked for one.',
    ),
    {
      since: '4.15',
      value: 'start',
      commit: 'b1394e745b94 [id]',
      note: 'start() asks for it: in time for nothing, as the page is still mapped.',
    },
    {
      since: '6.1',
      value: 'range',
      commit: 'e649b3f0188f [id]',
      note: '5.8: invalidate_range asks for it, after the PTE was cleared.',
    },
    {
      since: '6.6',
      value: 'retry',
      commit: '0a8a5f2c8c26 [id]',
      note: '6.5, with 878940b33d76: start() asks for it again, and the load looks at count and sequence.',
    },
  ],
  pfnMapRefPolicy: [
    at2627('assume-refcounted', 'Every frame with a struct page is taken to be counted.'),
    {
      since: '6.1',
      value: 'require-get-unless-zero',
      commit: 'f8be156be163 [id]',
      note: '5.13: a fault on a frame whose count is 0 fails.',
    },
  ],
  collapseNotifies: [
    at2627(
      false,
      'Files are collapsed since 4.8 (f3f0e1d2150b), with a flush of the CPUs and no word to anybody else. Older kernels collapse none.',
    ),
    { since: '6.1', value: true, commit: 'f268f6cf875f [id]', note: 'start and end around it; 6.1 source agrees.' },
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
      commit: null,
      note: 'pte_free_defer(), with the mmap lock held for reading; 6.12 source agrees. That it began with 6.6 is not verified.',
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
  // arm64 has always freed them by RCU: presetOf().
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
  mremapFlush: [
    at2627(
      'after-unlock',
      '3.2 to 4.8: one flush at the end, 7b6efc2bc4f1 [id]. Before 3.2 one IPI a page, which is not modelled.',
    ),
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
  invalidatePagePlacement: [
    at2627('under-ptl', 'ptep_clear_flush_notify(): callbacks must not sleep.'),
    {
      since: '3.7',
      value: 'after-ptl',
      commit: null,
      note: 'Callbacks may sleep: 2ec74c3 [id]. Under the lock again in 4.11 and 4.12: c7ab0d2fdc84 [id].',
    },
    {
      since: '4.13',
      value: 'none',
      commit: '5f32b265400d [id]',
      note: 'invalidate_page is removed, merge ea25c4317946; its users have start and end.',
    },
  ],
  rmapRangeCall: [
    at2627('every-page', 'Up to 4.12 by invalidate_page, in 4.13 and 4.14 by invalidate_range.'),
    {
      since: '4.15',
      value: 'anon-only',
      commit: '0f10851ea475 [c]',
      note: 'Pages of files are left to end(); 6.1 source agrees.',
    },
    {
      since: '6.6',
      value: 'every-page',
      commit: '6bbd42e2df8f [id]',
      note: 'By the flush, or by what puts it off; 6.12 source agrees.',
    },
  ],
  upgradeNotifies: [
    at2627(false, 'The flush in ptep_set_access_flags() is for CPUs only.'),
    {
      since: '6.6',
      value: true,
      commit: '6bbd42e2df8f [id]',
      note: 'The flush tells secondary TLBs, as all flushes do; arch/arm64/mm/fault.c of 6.12 agrees.',
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
  oomReaperTells: [
    at2627(
      'left-alone',
      '4.14 to 4.18, unless all subscribers never block: not verified. What 4.6 to 4.13 did is not either.',
    ),
    {
      since: '4.19',
      value: 'told',
      commit: '93065ac753e4 [id]',
      note: 'start() may answer -EAGAIN; 6.12 source agrees.',
    },
  ],
  mprotectFlush: [
    at2627('range', 'flush_tlb_range() after the walk and after end(); not verified in source.'),
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
  kernelTableFree: [
    at2627('immediate', 'Flushed from the CPUs, then freed; no IOMMU hears of it.'),
    {
      since: '6.19',
      value: 'deferred-and-notified',
      commit: '5ba2f0a15564 [c]',
      note: 'A work item frees them, after e37d5a2d60a3 [id] has told every SVA mm. The number 6.19 is not verified.',
    },
  ],
}

const HISTORIC_IDS = Object.keys(HISTORY) as readonly HistoricId[]

/** The line that holds in a kernel: the last one that began with it or before. */
export function changeAt<Id extends HistoricId>(id: Id, kernel: KernelId): Change<Policy[Id]> {
  const now = KERNEL_IDS.indexOf(kernel)
  const line = HISTORY[id].findLast(change => KERNEL_IDS.indexOf(change.since) <= now)
  return known(line, `${id} in ${kernel}`)
}

/** All kernel-side switches of a kernel. */
export const historicValues = (kernel: KernelId): Pick<Policy, HistoricId> =>
  Object.fromEntries(HISTORIC_IDS.map(id => [id, changeAt(id, kernel).value])) as Pick<Policy, HistoricId>
