/*
 * munmap() of the only page of a page table, two devices, and a second process that takes one frame and fills it with bytes that
 * look like PTEs of the kernel's frame. Device 0 reads that page; device 1 reads its neighbour, then writes it. Not a shipped
 * scenario: two-devices-page-table.json.
 *
 * Pages: 0 buf, 1 heap. Tables: 0 PGD, 1 PUD, 2 PMD, over both; 3 the PTE table of buf, 4 that of heap.
 * Frames: 0 the kernel's, 1 to 5 tables, 6 and 7 pages, 8 free.
 */

#define PAGES 2
#define PLACES 5
#define LEAF(page) (3 + (page))
#define FIRST_PAGE(place) ((place) == 4 -> 1 : 0)
#define END_PAGE(place) ((place) == 3 -> 1 : 2)

#define FRAMES 9
#define VMAS { 1, 1 }
#define PTES { 7, 8 }
#define DIRTIES { 1, 1 }
#define TABLES { 2, 3, 4, 5, 6 }
#define USES { RESERVED, TABLE, TABLE, TABLE, TABLE, TABLE, PAGE, PAGE, FREE }
#define PURPOSES { 0, 1, 2, 3, 4, 5, 1, 2, 0 }
#define FREE_LIST { 8, 0, 0, 0, 0, 0, 0, 0, 0 }
#define FREE_COUNT 1

/* CPU 0 unmaps, CPU 1 is the second process. */
#define CPUS 2
#define UNMAPPERS 1
#define MUNMAP 1
#define LO(cpu) 0
#define HI(cpu) 1
#define BATCH 16
#define GATHER 6

#define ALLOCATIONS 1
#define ALLOCATES_PTE_BYTES 1

#define DEVICES 2
#define DEVICE_PAGE(device, action) ((device) == 1 && (action) == 0)
#define DEVICE_ACTIONS(device) ((device) + 1)
#define DEVICE_WRITES(device, action) ((action) == 1)
#define TLB 2
#define WALK_CACHE 3
#define QUEUE 4

#include "machine.pml"
