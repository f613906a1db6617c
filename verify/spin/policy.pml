/*
 * In what kernels, drivers and hardware differ. Given with -D:
 *
 *   KERNEL   318, 319, 415, 601, 606
 *   DRIVER   NAIVE, EMPTY_TABLE, NOTIFIER
 *   ARM64    0 x86, 1 arm64
 *
 * Everything below follows from these, unless it is given with -D too.
 */

#define NAIVE 1
#define EMPTY_TABLE 2
#define NOTIFIER 3

#ifndef ARM64
#define ARM64 0
#endif

/* CONFIG_MMU_NOTIFIER. Without it nobody can subscribe, and start and end are empty. */
#ifndef CONFIG_MMU_NOTIFIER
#define CONFIG_MMU_NOTIFIER 1
#endif

/* Somebody can subscribe to pages that are unmapped and not yet freed. */
#ifndef RANGE_CALLBACK
#define RANGE_CALLBACK (KERNEL >= 319)
#endif

/* The gather's flush tells secondary TLBs of pages, and of page tables. */
#ifndef GATHER_FLUSH_NOTIFIES
#define GATHER_FLUSH_NOTIFIES (KERNEL >= 319)
#endif
#ifndef TABLE_FREE_NOTIFIES
#define TABLE_FREE_NOTIFIES (KERNEL >= 319)
#endif

/* end() calls invalidate_range first. */
#ifndef END_IMPLIES_INVALIDATE
#define END_IMPLIES_INVALIDATE (KERNEL >= 319 && KERNEL < 606)
#endif

/* The flush of the architecture calls the notifier: on arm64 before it waits for the CPUs. */
#ifndef ARCH_FLUSH_NOTIFIES
#define ARCH_FLUSH_NOTIFIES (KERNEL >= 606)
#endif

/* arm64: that flush passes an empty range on, which the driver takes for everything. */
#ifndef RANGE_EMPTIED
#define RANGE_EMPTIED (ARM64 == 1 && KERNEL >= 606)
#endif

/* tlb_end_vma() tells secondary TLBs, where it flushes at all. */
#ifndef END_VMA_FLUSH_NOTIFIES
#define END_VMA_FLUSH_NOTIFIES (KERNEL >= 419)
#endif
#ifndef MERGE_VMAS
#define MERGE_VMAS (ARM64 == 0)
#endif

/* With a second gather at work tlb_finish_mmu() flushes everything, and tells of everything or of nothing. */
#ifndef NESTED_GATHER_FORCES_FLUSH
#define NESTED_GATHER_FORCES_FLUSH (KERNEL >= 413)
#endif
#ifndef NESTED_RANGE_IS_FULL
#define NESTED_RANGE_IS_FULL ((KERNEL >= 413 && KERNEL < 502) || KERNEL >= 606)
#endif

/* munmap() goes on with the read lock. No region of these scenarios is a stack, so what lies above does not matter. */
#ifndef MMAP_LOCK_DOWNGRADE
#define MMAP_LOCK_DOWNGRADE (KERNEL >= 420)
#endif

#ifndef TABLES_BY_RCU
#define TABLES_BY_RCU (ARM64 == 1)
#endif

/* A batch is freed in the order in which it was filled, or the newest first. */
#ifndef OLDEST_FIRST
#define OLDEST_FIRST (KERNEL >= 606)
#endif

/* The empty-table driver counts pairs, or remembers that there is one. */
#ifndef COUNTS_PAIRS
#define COUNTS_PAIRS 1
#endif

/* The IOMMU's invalidate waits for walks, and keeps the walk cache. */
#ifndef DRAINS_WALKS
#define DRAINS_WALKS 1
#endif
#ifndef LEAF_ONLY
#define LEAF_ONLY 0
#endif

/* Of one flush, the commands for the ATCs come before that for the IOTLB. */
#ifndef ATC_FIRST
#define ATC_FIRST 0
#endif

/* What follows. */
#define SUBSCRIBED (CONFIG_MMU_NOTIFIER == 1)
#define DRIVER_FLUSHES (SUBSCRIBED && DRIVER != NOTIFIER)
#define DRIVER_ACTS_IN_RANGE (SUBSCRIBED && RANGE_CALLBACK && DRIVER == NOTIFIER)
#define TELLS_AT_FLUSH (DRIVER_ACTS_IN_RANGE && (GATHER_FLUSH_NOTIFIES || TABLE_FREE_NOTIFIES))
#define TELLS_AT_VMA_END (DRIVER_ACTS_IN_RANGE && END_VMA_FLUSH_NOTIFIES)
#define TELLS_BEFORE_CPUS_ANSWER (ARM64 == 1 && ARCH_FLUSH_NOTIFIES)
