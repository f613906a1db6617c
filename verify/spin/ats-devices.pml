/*
 * munmap() of two pages with room for one in the gather, two devices with an ATC of one entry each that write and read the first page
 * in turn, 48 accesses each, and a second process that takes one frame. The twin of bench/ats-devices.json.
 *
 * Pages: 0 and 1 buf, 2 heap. Tables: 0 PGD, 1 PUD, 2 PMD, 3 PTE, over all pages.
 * Frames: 0 the kernel's, 1 to 4 tables, 5 to 7 pages, 8 to 10 free.
 */

#define PAGES 3
#define PLACES 4
#define LEAF(page) 3
#define FIRST_PAGE(place) 0
#define END_PAGE(place) PAGES

#define FRAMES 11
#define VMAS { 1, 1, 1 }
#define PTES { 6, 7, 8 }
#define DIRTIES { 1, 1, 1 }
#define TABLES { 2, 3, 4, 5 }
#define USES { RESERVED, TABLE, TABLE, TABLE, TABLE, PAGE, PAGE, PAGE, FREE, FREE, FREE }
#define PURPOSES { 0, 1, 2, 3, 4, 1, 2, 3, 0, 0, 0 }
#define FREE_LIST { 10, 9, 8, 0, 0, 0, 0, 0, 0, 0, 0 }
#define FREE_COUNT 3

/* CPU 0 unmaps, CPU 1 is the second process. */
#define CPUS 2
#define UNMAPPERS 1
#define MUNMAP 1
#define LO(cpu) 0
#define HI(cpu) 2
#define BATCH 1
#define GATHER 5

#define ALLOCATIONS 1
#define ALLOCATES_PTE_BYTES 0

#define DEVICES 2
#define ATS 1
#define DEVICE_PAGE(device, action) 0
#define DEVICE_ACTIONS(device) 48
#define DEVICE_WRITES(device, action) ((action) % 2 == 0)
#define TLB 2
#define WALK_CACHE 3
#define QUEUE 4

#include "machine.pml"
