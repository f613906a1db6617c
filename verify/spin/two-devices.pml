/*
 * A CPU zaps three pages with madvise(MADV_DONTNEED), with room for one in the gather. Two devices with the same script read the
 * first page, then write all three in turn; a second process takes one frame. Large: bench/two-devices.json, for the benchmark.
 *
 * Pages: 0 to 2 buf. Tables: 0 PGD, 1 PUD, 2 PMD, 3 PTE, over all pages.
 * Frames: 0 the kernel's, 1 to 4 tables, 5 to 7 pages, 8 to 11 free.
 */

#define PAGES 3
#define PLACES 4
#define LEAF(page) 3
#define FIRST_PAGE(place) 0
#define END_PAGE(place) PAGES

#define FRAMES 12
#define VMAS { 1, 1, 1 }
#define PTES { 6, 7, 8 }
#define DIRTIES { 1, 1, 1 }
#define TABLES { 2, 3, 4, 5 }
#define USES { RESERVED, TABLE, TABLE, TABLE, TABLE, PAGE, PAGE, PAGE, FREE, FREE, FREE, FREE }
#define PURPOSES { 0, 1, 2, 3, 4, 1, 2, 3, 0, 0, 0, 0 }
#define FREE_LIST { 11, 10, 9, 8, 0, 0, 0, 0, 0, 0, 0, 0 }
#define FREE_COUNT 4

/* CPU 0 unmaps, CPU 1 is the second process. */
#define CPUS 2
#define UNMAPPERS 1
#define MUNMAP 0
#define LO(cpu) 0
#define HI(cpu) 3
#define BATCH 1
#define GATHER 4

#define ALLOCATIONS 1
#define ALLOCATES_PTE_BYTES 0

#define DEVICES 2
#define DEVICE_PAGE(device, action) ((action) == 0 -> 0 : (action) - 1)
#define DEVICE_ACTIONS(device) 4
#define DEVICE_WRITES(device, action) ((action) > 0)
#define TLB 4
#define WALK_CACHE 3
#define QUEUE 4

#include "machine.pml"
