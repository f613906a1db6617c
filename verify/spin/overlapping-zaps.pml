/*
 * Two CPUs zap one page each with madvise(MADV_DONTNEED), a device writes the second page twice, and a second process takes one
 * frame. The gather has room for one page.
 *
 * Pages: 0 and 1 buf. Tables: 0 PGD, 1 PUD, 2 PMD, 3 PTE, over both.
 * Frames: 0 the kernel's, 1 to 4 tables, 5 and 6 pages, 7 to 10 free.
 */

#define PAGES 2
#define PLACES 4
#define LEAF(page) 3
#define FIRST_PAGE(place) 0
#define END_PAGE(place) PAGES

#define FRAMES 11
#define VMAS { 1, 1 }
#define PTES { 6, 7 }
#define DIRTIES { 1, 1 }
#define TABLES { 2, 3, 4, 5 }
#define USES { RESERVED, TABLE, TABLE, TABLE, TABLE, PAGE, PAGE, FREE, FREE, FREE, FREE }
#define PURPOSES { 0, 1, 2, 3, 4, 1, 2, 0, 0, 0, 0 }
#define FREE_LIST { 10, 9, 8, 7, 0, 0, 0, 0, 0, 0, 0 }
#define FREE_COUNT 4

/* CPUs 0 and 1 unmap, CPU 2 is the second process. */
#define CPUS 3
#define UNMAPPERS 2
#define MUNMAP 0
#define LO(cpu) (cpu)
#define HI(cpu) ((cpu) + 1)
#define BATCH 1
#define GATHER 4

#define ALLOCATIONS 1
#define ALLOCATES_PTE_BYTES 0

#define DEVICE_PAGE(device, action) 1
#define DEVICE_ACTIONS(device) 2
#define DEVICE_WRITES(device, action) 1
#define TLB 2
#define WALK_CACHE 3
#define QUEUE 4

#include "machine.pml"
