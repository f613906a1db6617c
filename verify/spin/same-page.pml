/*
 * Two CPUs zap with madvise(MADV_DONTNEED), one both pages, the other the second. That one was never touched; a device reads it
 * and then writes it. The gather has room for two pages. Not a shipped scenario: same-page.json.
 *
 * Pages: 0 and 1 buf, 1 not present. Tables: 0 PGD, 1 PUD, 2 PMD, 3 PTE, over both.
 * Frames: 0 the kernel's, 1 to 4 tables, 5 page 0, 6 to 10 free.
 */

#define PAGES 2
#define PLACES 4
#define LEAF(page) 3
#define FIRST_PAGE(place) 0
#define END_PAGE(place) PAGES

#define FRAMES 11
#define VMAS { 1, 1 }
#define PTES { 6, 0 }
#define DIRTIES { 1, 0 }
#define TABLES { 2, 3, 4, 5 }
#define USES { RESERVED, TABLE, TABLE, TABLE, TABLE, PAGE, FREE, FREE, FREE, FREE, FREE }
#define PURPOSES { 0, 1, 2, 3, 4, 1, 0, 0, 0, 0, 0 }
#define FREE_LIST { 10, 9, 8, 7, 6, 0, 0, 0, 0, 0, 0 }
#define FREE_COUNT 5

/* CPUs 0 and 1 unmap. There is no second process. */
#define CPUS 2
#define UNMAPPERS 2
#define MUNMAP 0
#define LO(cpu) (cpu)
#define HI(cpu) 2
#define BATCH 2
#define GATHER 5

#define ALLOCATIONS 0
#define ALLOCATES_PTE_BYTES 0

#define DEVICE_PAGE(device, action) 1
#define DEVICE_ACTIONS(device) 2
#define DEVICE_WRITES(device, action) ((action) == 1)
#define TLB 2
#define WALK_CACHE 3
#define QUEUE 4

#include "machine.pml"
