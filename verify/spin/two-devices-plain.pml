/*
 * As munmap-plain, with two devices that read and write the first page in turn, 24 accesses each. Large:
 * bench/two-devices-plain.json, for the benchmark.
 *
 * Pages: 0 and 1 buf, 2 and 3 heap. Tables: 0 PGD, 1 PUD, 2 PMD, 3 PTE, over all pages.
 * Frames: 0 the kernel's, 1 to 4 tables, 5 to 8 pages, 9 to 13 free.
 */

#define PAGES 4
#define PLACES 4
#define LEAF(page) 3
#define FIRST_PAGE(place) 0
#define END_PAGE(place) PAGES

#define FRAMES 14
#define VMAS { 1, 1, 1, 1 }
#define PTES { 6, 7, 8, 9 }
#define DIRTIES { 1, 1, 1, 1 }
#define TABLES { 2, 3, 4, 5 }
#define USES { RESERVED, TABLE, TABLE, TABLE, TABLE, PAGE, PAGE, PAGE, PAGE, FREE, FREE, FREE, FREE, FREE }
#define PURPOSES { 0, 1, 2, 3, 4, 1, 2, 3, 4, 0, 0, 0, 0, 0 }
#define FREE_LIST { 13, 12, 11, 10, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
#define FREE_COUNT 5

/* CPU 0 unmaps, CPU 1 writes one page, CPU 2 is the second process. */
#define CPUS 3
#define UNMAPPERS 1
#define MUNMAP 1
#define LO(cpu) 0
#define HI(cpu) 2
#define BATCH 16
#define GATHER 7
#define CPU_WRITES_PAGE 1

#define ALLOCATIONS 1
#define ALLOCATES_PTE_BYTES 0

#define DEVICES 2
#define DEVICE_PAGE(device, action) 0
#define DEVICE_ACTIONS(device) 24
#define DEVICE_WRITES(device, action) ((action) % 2 == 1)
#define TLB 4
#define WALK_CACHE 3
#define QUEUE 4

#include "machine.pml"
