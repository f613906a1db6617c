import { assert } from '../base/assert.ts'
import { nearest } from '../base/nearest.ts'
import { failed, type Parsed, type Problem, parsed } from '../base/problem.ts'
import type { SwitchValue } from '../runs/settings.ts'
import type { Policy, SwitchId, SwitchValues } from './policy.ts'

/** What a reader sees of one switch. Bug numbers are those of docs/kernel-map.md. */
export interface Switch<Value extends SwitchValue = SwitchValue> {
  readonly id: SwitchId
  readonly label: string
  readonly what: string
  readonly group: 'kernel' | 'driver' | 'hardware' | 'scenario'
  readonly values: readonly { readonly value: Value; readonly label: string }[]
  /** The value at which it protects least, and what is left out there. Absent where no value only leaves out. */
  readonly without?: { readonly value: Value; readonly what: string }
}

const onOff = (on: string, off: string) =>
  [
    { value: true, label: on },
    { value: false, label: off },
  ] as const

/** One card for each field of the policy that can be set alone: leave one out and this does not compile. */
const cards: { readonly [Id in SwitchId]: Omit<Switch<Policy[Id]>, 'id'> } = {
  configMmuNotifier: {
    label: 'CONFIG_MMU_NOTIFIER',
    what: 'Builds the notifiers into the kernel. Without them every hook is an empty function, and no driver hears anything.',
    group: 'kernel',
    values: onOff('built in', 'left out'),
  },
  rangeCallback: {
    label: 'A callback for unmapped, not yet freed pages',
    what: 'Drivers can register invalidate_range (3.19), later arch_invalidate_secondary_tlbs (6.6). Before, they had start and end only (B01).',
    group: 'kernel',
    values: onOff('there is one', 'none'),
  },
  gatherFlushNotifies: {
    label: 'The gather’s flush tells secondary TLBs',
    what: 'tlb_flush_mmu_tlbonly() calls the notifier after the CPUs were flushed and before pages are freed. Without it a forced flush frees pages that a device still reaches (B01).',
    group: 'kernel',
    values: onOff('tells them', 'CPUs only'),
  },
  tableFreeNotifies: {
    label: 'Freed page tables are announced',
    what: 'The last flush of munmap() also tells secondary TLBs of page-table pages, which go outside every start/end pair. Without it an IOMMU may walk a freed table (B02).',
    group: 'kernel',
    values: onOff('announced', 'in silence'),
  },
  endImpliesInvalidate: {
    label: 'end() invalidates first',
    what: 'invalidate_range_end() calls invalidate_range over the whole range before its own callbacks, from 3.19 to 6.5. It hides flushes that were forgotten inside the pair (B05, B09).',
    group: 'kernel',
    values: onOff('yes', 'no'),
  },
  onlyEnd: {
    label: 'After copy on write, end() does not invalidate',
    what: 'Where a page was replaced and secondary TLBs were told between clear and set, end() need not tell them again. From 4.15 to 6.5 such paths called an end() that does not; later ends tell nothing anyway.',
    group: 'kernel',
    values: onOff('not again', 'once more'),
  },
  clearFlushNotifies: {
    label: 'Replacing a page tells secondary TLBs at once',
    what: 'ptep_clear_flush_notify(), from 3.19 to 6.5: copy on write tells secondary TLBs after the PTE was cleared and before it names the new page. Told only in end(), a device may read a new value and then an older one (B12). From 6.6 on the architecture’s flush tells them there.',
    group: 'kernel',
    values: onOff('between clear and set', 'not there'),
  },
  cowChecksFlushPending: {
    label: 'Copy on write looks for a pending flush',
    what: 'A userfaultfd clears write bits and flushes later. Before a page of such a region is copied, TLBs must have let go of the old entry, or a write comes after the copy and is lost (B31).',
    group: 'kernel',
    values: onOff('flushes first', 'copies at once'),
    without: { value: false, what: 'the flush before a copy on write, where one is pending' },
  },
  archFlushNotifies: {
    label: 'The architecture’s flush notifies',
    what: 'From 6.6 on the architecture’s own TLB flush calls the notifier, instead of generic code after it. On arm64 that is before the CPUs’ flush has completed.',
    group: 'kernel',
    values: onOff('from the flush', 'from generic code'),
  },
  endVmaFlushNotifies: {
    label: 'The flush at the end of a VMA notifies',
    what: 'When tlb_end_vma() flushes, it tells secondary TLBs too. Up to 4.18 it flushed the CPUs and forgot the range (B05).',
    group: 'kernel',
    values: onOff('tells them', 'CPUs only'),
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
  mergeVmas: {
    label: 'One flush serves all VMAs',
    what: 'tlb_end_vma() leaves the flush to the end of the whole operation, as on x86 (CONFIG_MMU_GATHER_MERGE_VMAS). Otherwise each VMA is flushed by itself, inside the pair.',
    group: 'kernel',
    values: onOff('one for all', 'one for each'),
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
  invalidatePagePlacement: {
    label: 'Where invalidate_page is called',
    what: 'Up to 4.12 one page that was unmapped through the reverse map was told of by invalidate_page: under the page-table lock up to 3.6 and in 4.11 and 4.12, after it in between. From 4.13 on there is a start/end pair (B34).',
    group: 'kernel',
    values: [
      { value: 'under-ptl', label: 'under the lock' },
      { value: 'after-ptl', label: 'after the lock' },
      { value: 'none', label: 'not at all: start and end' },
    ],
  },
  rmapRangeCall: {
    label: 'Reclaim tells of pages of files at once',
    what: 'From 4.13 on invalidate_range is called under the page-table lock for each page that is unmapped through the reverse map; from 4.15 to 6.5 for anonymous pages only, and pages of files are left to end(). From 6.6 on the flush tells of all.',
    group: 'kernel',
    values: [
      { value: 'every-page', label: 'of every page' },
      { value: 'anon-only', label: 'of anonymous pages' },
    ],
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
  oomReaperTells: {
    label: 'The OOM reaper and subscribers',
    what: 'Up to 4.18 the OOM reaper left a process alone that somebody had subscribed to. From 4.19 on start() may refuse where it must not block, so it calls start and end.',
    group: 'kernel',
    values: [
      { value: 'left-alone', label: 'left alone' },
      { value: 'told', label: 'start and end' },
    ],
  },
  mprotectFlush: {
    label: 'How mprotect() flushes',
    what: 'Up to 5.18 flush_tlb_range() over all pages of the call, whatever was changed. Then a gather, which on x86 leaves entries alone that were not present or keep their write bit (pte_needs_flush). Both come after end(). With the gather, dirty pages become writable at once where writing is allowed.',
    group: 'kernel',
    values: [
      { value: 'range', label: 'the whole range' },
      { value: 'gather', label: 'through a gather' },
    ],
  },
  pfnmapFlushBeforeUnlink: {
    label: 'A driver’s mapping is flushed before it is forgotten',
    what: 'munmap() flushes at the end of a VMA whose frames a driver mapped by number. Without it, the driver finds no mapping any more and frees frames that TLBs still reach (B22).',
    group: 'kernel',
    values: onOff('flushed first', 'left for later'),
  },
  intervalNotifiers: {
    label: 'Interval notifiers',
    what: 'Since 5.5 a driver can ask to hear of some pages only, and gets a sequence to compare: the tree of mmu_interval_notifier. Without it, drivers that mirror pages that way cannot.',
    group: 'kernel',
    values: onOff('there are', 'none'),
  },
  deferredRemoveWait: {
    label: 'What the removal of an interval notifier waits for',
    what: 'During an invalidation the tree must not change, so a removal is put off to its end. Up to 5.17 it waited for another sequence without the lock, and could return before it had been carried out (B21).',
    group: 'kernel',
    values: [
      { value: 'seq-changed', label: 'another sequence' },
      { value: 'seq-released', label: 'another, under the lock' },
    ],
  },
  readRetry: {
    label: 'A mirror asks before it makes a device PTE',
    what: 'mmu_interval_read_retry(): under its lock the driver asks whether it was told of an invalidation since it looked for the page. One that does not makes device PTEs that nobody will take away.',
    group: 'driver',
    values: [
      { value: 'checked', label: 'it asks' },
      { value: 'skipped', label: 'it does not' },
    ],
    without: { value: 'skipped', what: 'the driver’s question whether an invalidation has come in between' },
  },
  driverFlushBeforePut: {
    label: 'A GPU driver flushes before it gives pages back',
    what: 'A driver that holds pages by reference gives them back itself, and nobody else flushes the GPU’s TLB. Up to 5.16 i915 did not (B32).',
    group: 'driver',
    values: onOff('flushes first', 'does not flush'),
    without: { value: false, what: 'the flush of the GPU’s TLB before its pages are given back' },
  },
  seqSampledAt: {
    label: 'KVM on arm64: when the sequence is sampled',
    what: 'A fault of a guest remembers mmu_invalidate_seq, to see later whether what it has read of the mm is still true. Up to 6.2 it looked at the VMA first (B17).',
    group: 'kernel',
    values: [
      { value: 'before-VMA-lookup', label: 'before the VMA is read' },
      { value: 'after', label: 'after the VMA is read' },
    ],
  },
  pfnCacheRetryCounter: {
    label: 'KVM: what a refresh of a pfn cache looks at',
    what: 'mn_active_invalidate_count is raised before pfn caches are dropped, mmu_invalidate_in_progress only after it. A refresh that comes in between must see the first (B18).',
    group: 'kernel',
    values: [
      { value: 'in_progress', label: 'mmu_invalidate_in_progress' },
      { value: 'mn_active_invalidate_count', label: 'mn_active_invalidate_count' },
    ],
  },
  hwCachedPfnReload: {
    label: 'KVM: when the APIC-access address is loaded anew',
    what: 'The processor has the physical address of the APIC-access page from the VMCS, and keeps it like a TLB entry. Asked for in start(), it is loaded again while the old page is still mapped (B16).',
    group: 'kernel',
    values: [
      { value: 'never', label: 'never' },
      { value: 'start', label: 'asked for in start()' },
      { value: 'range', label: 'asked for in invalidate_range' },
      { value: 'retry', label: 'in start(), with retry' },
    ],
    without: { value: 'never', what: 'the request to load the APIC-access address anew' },
  },
  pfnMapRefPolicy: {
    label: 'KVM: frames of VM_PFNMAP mappings',
    what: 'KVM follows the PTEs of mappings that a driver made by frame number. Up to 5.12 it took and dropped a reference as if those frames had a count that means something (B19).',
    group: 'kernel',
    values: [
      { value: 'assume-refcounted', label: 'taken to be counted' },
      { value: 'require-get-unless-zero', label: 'refused when their count is 0' },
    ],
    without: { value: 'assume-refcounted', what: 'the test whether a frame has a reference count at all' },
  },
  upgradeNotifies: {
    label: 'arm64: a raised permission is announced',
    what: 'A write fault that makes a PTE writable flushes the page on arm64, and from 6.6 on that flush tells secondary TLBs. Before, an SMMU could keep that the page is read-only, for ever (B13).',
    group: 'kernel',
    values: onOff('announced', 'CPUs only'),
    without: { value: false, what: 'the announcement of a raised permission' },
  },
  collapseNotifies: {
    label: 'Collapse of file pages is announced',
    what: 'khugepaged calls start and end when it takes out the page table of a file or shmem range. Up to 6.0 it flushed the CPUs and told nobody (B10).',
    group: 'kernel',
    values: onOff('start and end', 'nobody is told'),
    without: { value: false, what: 'start and end around the collapse of file pages' },
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
    what: 'At once, or after an RCU grace period, which waits for GUP-fast too.',
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
  kernelTableFree: {
    label: 'How the kernel frees page tables of its own',
    what: 'An IOMMU that walks a process’s page table walks the kernel’s half too. From 6.19 on a work item tells IOMMUs before such tables are freed (B15).',
    group: 'kernel',
    values: [
      { value: 'immediate', label: 'at once' },
      { value: 'deferred-and-notified', label: 'after telling IOMMUs' },
    ],
  },
  emptyTableNesting: {
    label: 'How the empty-table driver nests',
    what: 'Whether it counts overlapping start/end pairs. One that remembers a single pair puts the real page table back at the first end() (B03).',
    group: 'driver',
    values: [
      { value: 'boolean', label: 'remembers one' },
      { value: 'counter', label: 'counts them' },
    ],
    without: { value: 'boolean', what: 'the count of overlapping pairs' },
  },
  drainsWalks: {
    label: 'The IOMMU drains walks',
    what: 'An invalidate waits for page walks that are under way. Otherwise such a walk can cache, after the invalidate, what it had read before.',
    group: 'hardware',
    values: onOff('waits for them', 'does not wait'),
    without: { value: false, what: 'the wait of an invalidate for walks under way' },
  },
  cachesPermissionMiss: {
    label: 'The IOMMU keeps that a page is read-only',
    what: 'An SMMU may answer a write from an entry that says read-only, with a fault and without another walk. IOMMUs of x86 walk again (B13).',
    group: 'hardware',
    values: onOff('keeps it', 'walks again'),
  },
  invalidateOrder: {
    label: 'IOTLB before ATC',
    what: 'A device with ATS has a cache of its own. If it is flushed before the IOTLB, the device can ask again at once and be answered from the stale IOTLB entry (B33).',
    group: 'driver',
    values: [
      { value: 'iotlb-first', label: 'IOTLB first' },
      { value: 'atc-first', label: 'ATC first' },
    ],
  },
  invalidateKind: {
    label: 'What an invalidate drops',
    what: 'Leaf entries only, or the walk cache of the range too. An IOMMU that keeps its walk cache can walk a freed page table (B02).',
    group: 'hardware',
    values: [
      { value: 'non-leaf', label: 'the walk cache too' },
      { value: 'leaf', label: 'leaf entries only' },
    ],
    without: { value: 'leaf', what: 'the walk cache in what an invalidate drops' },
  },
}

export const SWITCH_IDS = Object.keys(cards) as readonly SwitchId[]

/** All switches, in the order in which they are shown. */
export const SWITCHES: readonly Switch[] = SWITCH_IDS.map(id => ({ id, ...cards[id] }))

export const isSwitchId = (id: string): id is SwitchId => Object.hasOwn(cards, id)

/** The values that a switch can stand at. */
export const switchValues = (id: SwitchId): readonly SwitchValue[] => cards[id].values.map(v => v.value)

/** The policy with these switches flipped. Values must have been read by `parseSwitches` or come from a checked scenario. */
export function applySwitches(policy: Policy, values: SwitchValues): Policy {
  const flipped: Record<string, SwitchValue> = {}
  for (const id of SWITCH_IDS) {
    const value = Object.hasOwn(values, id) ? values[id] : undefined
    if (value === undefined) continue
    assert(switchValues(id).includes(value), `${id} can be ${String(value)}`)
    flipped[id] = value
  }
  return { ...policy, ...flipped }
}

/** One switch as a link writes it: `true`, `false` or a word. */
export function parseSwitch(
  id: string,
  text: string,
  where = `switches.${id}`,
): Parsed<{ readonly id: SwitchId; readonly value: SwitchValue }> {
  if (!isSwitchId(id)) {
    const meant = nearest(id, SWITCH_IDS)
    const mend = meant === undefined ? `Switches are ${SWITCH_IDS.join(', ')}.` : `Did you mean “${meant}”?`
    return failed({ at: where, message: `there is no switch “${short(id)}”`, mend })
  }
  const values = switchValues(id)
  const value = values.find(v => String(v) === text)
  if (value !== undefined) return parsed({ id, value })
  const words = values.map(String)
  const meant = nearest(text, words)
  const mend = meant === undefined ? `Write ${words.join(' or ')}.` : `Did you mean “${meant}”?`
  return failed({ at: where, message: `${id} cannot be “${short(text)}”`, mend })
}

/** All switches of a link: those that can be read, and what is wrong with the others. */
export function parseSwitches(
  texts: Readonly<Record<string, string>>,
  where = 'switches',
): { readonly values: SwitchValues; readonly problems: readonly Problem[] } {
  const values: Partial<Record<SwitchId, SwitchValue>> = {}
  const problems: Problem[] = []
  for (const [id, text] of Object.entries(texts)) {
    const read = parseSwitch(id, text, `${where}.${short(id)}`)
    if (read.ok) values[read.value.id] = read.value.value
    else problems.push(...read.problems)
  }
  return { values, problems }
}

const short = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 39)}…`)
