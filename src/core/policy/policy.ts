import type { Arch, DriverKind, KernelId, SwitchValue } from '../runs/settings.ts'

/**
 * Everything in which kernels, drivers and hardware of this story differ. One preset per kernel (presets.ts), from
 * the history of each field (history.ts); each can be set alone. Names follow the policy vector of the field's reference: see docs/kernel-map.md.
 */
export interface Policy {
  /** A name, for words only: two kernels whose other fields agree have the same runs. */
  readonly kernel: KernelId
  readonly arch: Arch
  readonly driver: DriverKind

  /** CONFIG_MMU_NOTIFIER. Off: every hook is an empty function and no driver can subscribe. */
  readonly configMmuNotifier: boolean
  /** struct mmu_notifier_ops has invalidate_range (3.19) or arch_invalidate_secondary_tlbs (6.6). */
  readonly rangeCallback: boolean
  /** tlb_flush_mmu_tlbonly() tells secondary TLBs about the pages it flushed. */
  readonly gatherFlushNotifies: boolean
  /** … and about page-table pages, with no start/end around it. */
  readonly tableFreeNotifies: boolean
  /** mmu_notifier_invalidate_range_end() first calls invalidate_range over the whole range. */
  readonly endImpliesInvalidate: boolean
  /** Some ends, after a page was replaced, are mmu_notifier_invalidate_range_only_end(): they do not (4.15 to 6.5). */
  readonly onlyEnd: boolean
  /** ptep_clear_flush_notify() tells secondary TLBs between the clear and the set, where a page is replaced by another (B12). */
  readonly clearFlushNotifies: boolean
  /** A copy on write first flushes the page when a flush of a userfaultfd is pending (B31). */
  readonly cowChecksFlushPending: boolean
  /** set_pte_at_notify() calls change_pte() of subscribers before it sets a PTE (2.6.32 to 6.9). */
  readonly changePte: boolean
  /** The architecture's TLB flush calls the hook itself (6.6), instead of generic code after it. */
  readonly archFlushNotifies: boolean
  /** tlb_end_vma() tells secondary TLBs when it flushes (B05). */
  readonly endVmaFlushNotifies: boolean
  /** When zap_pte_range() must flush, for a full batch or a dirty page of a file: under the page-table lock; or after it, and for a full batch only. */
  readonly forcedFlush: 'after-ptl' | 'under-ptl'
  /** tlb_finish_mmu() flushes everything when another gather is at work on this mm (B24). */
  readonly nestedGatherForcesFlush: boolean
  /** What such a forced flush tells the notifier (B09). */
  readonly nestedRangeEncoding: 'empty' | 'full'
  /** munmap() downgrades the mmap lock before it unmaps: never, unless the next VMA grows down, or always. */
  readonly mmapLockDowngrade: 'never' | 'unless-grows' | 'always'
  /** The lock under which the fault of a stack moves the start of its VMA (B27). */
  readonly stackGrowthLock: 'read' | 'write'
  /** hugetlb: unsharing a page table flushes what was reached through it, before the lock of the file is dropped (B28). */
  readonly unshareRecordsRange: boolean
  /** hugetlb: unsharing a page table waits for GUP-fast in it, by IPI (the second bug of B28). */
  readonly unshareSyncsWalkers: boolean
  /** Page-table pages are freed with the data pages, or after an RCU grace period. */
  readonly tableFree: 'with-pages' | 'rcu'
  /** A full batch of page tables is invalidated before it is handed to RCU (B06). */
  readonly tableBatchInvalidatesFirst: boolean
  /** Tables of an mm with one user are freed at once, before any flush (B06). */
  readonly singleUserTableShortcut: boolean
  /** Order in which a batch returns its pages to the allocator. */
  readonly batchFreeOrder: 'lifo' | 'fifo'
  /** tlb_end_vma() does nothing: one flush serves all VMAs (CONFIG_MMU_GATHER_MERGE_VMAS). */
  readonly mergeVmas: boolean
  /** mremap() moves a page table whole when the range covers it, by its PMD entry. */
  readonly mremapMovesTables: boolean
  /** … and looks at the entry again once it holds the PMD locks (B29). */
  readonly moveRechecksPmd: boolean
  /** When mremap() flushes the old address: after both page-table locks are dropped, under them if a dirty page moved, under them if any did (B07). */
  readonly mremapFlush: 'after-unlock' | 'under-ptl-if-dirty' | 'under-ptl'
  /** Unmapping through the reverse map puts the flush of the CPUs off, for many pages at once: on which architectures. */
  readonly unmapFlushDeferred: 'never' | 'x86' | 'x86-and-arm64'
  /** Migration does so too. */
  readonly migrationDefersFlush: boolean
  /** Who changes PTEs first looks whether such a flush is owed (B23). */
  readonly batchedPendingCheck: boolean
  /** What it does then on arm64: a barrier, or a flush of the mm (B25). */
  readonly batchedPendingAction: 'barrier' | 'flush-mm'
  /** Where mmu_notifier_invalidate_page() is called when a page is unmapped through the reverse map; none: there is a start/end pair (B34). */
  readonly invalidatePagePlacement: 'under-ptl' | 'after-ptl' | 'none'
  /** Of which pages such an unmap calls invalidate_range under the page-table lock. */
  readonly rmapRangeCall: 'every-page' | 'anon-only'
  /** The OOM reaper gathers all VMAs at once, as if the mm were dead, or each by itself (B26). */
  readonly oomReaperGather: 'one-for-all' | 'per-vma'
  /** What the OOM reaper does with an mm that somebody has subscribed to. */
  readonly oomReaperTells: 'left-alone' | 'told'
  /** start() that must not block was refused: those that have an end() get it (B20). */
  readonly endOnFailedStart: boolean
  /** How mprotect() flushes what it changed: flush_tlb_range() over all of it, before end() or after it, or through a gather that knows which entries shrank. */
  readonly mprotectFlush: 'range-in-pair' | 'range' | 'gather'
  /** munmap() flushes at the end of a VMA of VM_PFNMAP, before the reverse map forgets it (B22). */
  readonly pfnmapFlushBeforeUnlink: boolean

  /** KVM: when mmu_invalidate_seq is sampled, before or after the VMA is looked up (B17). arm64, RISC-V. */
  readonly seqSampledAt: 'before-VMA-lookup' | 'after'
  /** KVM: by which count a refresh of a pfn cache sees an invalidation (B18). */
  readonly pfnCacheRetryCounter: 'in_progress' | 'mn_active_invalidate_count'
  /** KVM: when vCPUs are asked to load the APIC-access address anew (B16). retry: in start(), and the load itself may start over. */
  readonly hwCachedPfnReload: 'never' | 'start' | 'range' | 'retry'
  /** KVM: what it does with frames of VM_PFNMAP mappings (B19). */
  readonly pfnMapRefPolicy: 'assume-refcounted' | 'require-get-unless-zero'

  /** arm64: the flush in ptep_set_access_flags(), when a fault raises a permission, tells secondary TLBs (B13). */
  readonly upgradeNotifies: boolean
  /** khugepaged calls start and end when it takes out the page table of a file or shmem range (B10). */
  readonly collapseNotifies: boolean
  /** fork() copies a page that is pinned for DMA at once, and leaves it to its owner. */
  readonly forkCopiesPinned: boolean
  /** … and GUP-fast sees in mm->write_protect_seq that a fork is at work. */
  readonly writeProtectSeq: boolean
  /** x86: a page whose Accessed bit is cleared before reclaim is flushed. arm64 always does. */
  readonly agingFlushes: boolean
  /** Unmapping through the reverse map clears a PTE with an atomic exchange, so that it knows the last Dirty. */
  readonly pteClearIsExchange: boolean
  /** khugepaged waits for GUP-fast with an IPI before a page table that it took out is freed or kept (B11). */
  readonly collapseSyncsWalkers: boolean
  /** What becomes of a page table that khugepaged took out from under a file: freed at once, or by RCU. */
  readonly collapseTableFree: 'at-once' | 'rcu'
  /** x86: pmdp_collapse_flush() passes its flush off as one of leaf entries, so lazy CPUs are not interrupted (B30). */
  readonly lazyCpusSkippedOnTableFree: boolean
  /** x86: which flushes drop only the pages that they name: each (up to 4.13), the next one in order, or any (I16). */
  readonly partialFlush: 'each-request' | 'next-generation' | 'any-generation'
  /** x86: a flush is sent to a CPU that is about to switch to the mm (B35). */
  readonly flushWhileSwitching: boolean
  /** Page tables of the kernel itself are freed at once, or by a work item that tells IOMMUs first (B15). */
  readonly kernelTableFree: 'immediate' | 'deferred-and-notified'

  /** The mm has an interval tree of notifiers: mmu_interval_notifier_insert() (5.5). Without it, drivers that need it cannot mirror. */
  readonly intervalNotifiers: boolean
  /** mmu_notifier_put(): who gives a subscriber up need not wait; it is freed after a grace period (5.4). */
  readonly notifierPut: boolean
  /** What mmu_interval_notifier_remove() waits for when its removal was put off: another sequence, or another under the lock (B21). */
  readonly deferredRemoveWait: 'seq-changed' | 'seq-released'
  /** Mirror: under its lock the driver asks whether an invalidation has come in between. */
  readonly readRetry: 'checked' | 'skipped'
  /** GPU that holds pages by reference: its driver flushes the GPU's TLB before it gives them back (B32). */
  readonly driverFlushBeforePut: boolean

  /** empty-table driver: does it count overlapping pairs, or only remember one (B03)? */
  readonly emptyTableNesting: 'boolean' | 'counter'

  /** IOMMU: an invalidate waits for walks in flight. */
  readonly drainsWalks: boolean
  /** IOMMU driver: which of the two it flushes first, the IOTLB or the ATCs of devices (B33). */
  readonly invalidateOrder: 'iotlb-first' | 'atc-first'
  /** IOMMU driver: what an unbind waits for before the PASID may be another's: its entries and its page requests, the entries, or nothing. */
  readonly pasidDrain: 'full' | 'entries' | 'none'
  /** IOMMU: what its invalidate drops. leaf: the walk cache is kept (IH=1, PDE=0). */
  readonly invalidateKind: 'non-leaf' | 'leaf'
  /** IOMMU driver: whose commands it sends. plain: nobody's, each for exactly the pages that are told. */
  readonly commands: 'plain' | 'vtd' | 'amd' | 'smmuv3'
  /** VT-d driver: a block of pages at a time, the IOTLB's command and the Dev-TLB's each with a wait of its own, or one batch with one wait. */
  readonly vtdFlush: 'by-block' | 'batched'
  /** AMD driver: how it names more than one page. */
  readonly amdRange: 'everything' | 'power-of-two'
  /** IOMMU driver: it waits for the IOTLB before it sends the ATCs their commands. as-driver: as its commands have it. */
  readonly waitBetween: 'as-driver' | 'always' | 'never'
  /** IOMMU driver: what it does when a device does not answer an Invalidate Request. as-driver: as its commands have it. */
  readonly atcTimeout: 'as-driver' | 'retry' | 'carry-on'
  /** IOMMU: its queue executes commands in the order in which they came, or in any between two waits. */
  readonly queueOrder: 'in-order' | 'any-order'
  /** arm64: the range that its range flush tells secondary TLBs: that of the flush, or an empty one, which the SMMU driver takes for everything (B14). */
  readonly rangeArgument: 'exact' | 'empty-means-all'
  /** IOMMU: an entry that says read-only answers a write by itself, without another walk. */
  readonly cachesPermissionMiss: boolean
}

/** Fields that a reader may flip. */
export type SwitchId = Exclude<keyof Policy, 'kernel' | 'arch' | 'driver'>

export type SwitchValues = Readonly<Partial<Record<SwitchId, SwitchValue>>>
