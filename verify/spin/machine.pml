/*
 * Linux munmap() and madvise(MADV_DONTNEED) on an address space that an IOMMU walks too. A scenario defines its sizes and
 * first contents and includes this file; policy.pml says how kernels differ.
 *
 * One process an actor, one d_step an operation: a transition of Promela is one operation. A task that unmaps (unmapper.pml) has
 * its place in the program and what is its own in the process; everybody else is a loop whose options lead back to its head, and
 * all that they know is in the variables here.
 * What is not used is zero. SPIN allows no if, no loop and no inline in an inline at the end of a d_step. Initial lists are written out to the end: SPIN would go on with their last value.
 */

#include "policy.pml"

#define NONE 0

/* How many pages are so, and whether some device is: guards may not loop. */
#if PAGES == 2
#define PAGES_THAT(are, x) (are(0, x) + are(1, x))
#elif PAGES == 3
#define PAGES_THAT(are, x) (are(0, x) + are(1, x) + are(2, x))
#elif PAGES == 4
#define PAGES_THAT(are, x) (are(0, x) + are(1, x) + are(2, x) + are(3, x))
#endif

#ifndef DEVICES
#define DEVICES 1
#endif
#if DEVICES == 1
#define SOME_DEVICE(is) is(0)
#elif DEVICES == 2
#define SOME_DEVICE(is) (is(0) || is(1))
#endif

/* Every device keeps a translation of its own, in an ATC of one entry, or none does. */
#ifndef ATS
#define ATS 0
#endif
#if ATS
#define COMMANDS (DEVICES + 1)
#else
#define COMMANDS 1
#endif

/* ---- The machine ---- */

/* What a frame is used for. Whose it is: page + 1, or place + 1 of a table. */
#define FREE 0
#define PAGE 1
#define TABLE 2
#define OTHER 3
#define RESERVED 4

byte use[FRAMES] = USES
byte purpose[FRAMES] = PURPOSES
/* Who last wrote to it: CPU + 1, or CPUS + device + 1. Kept until it is handed out again. */
byte writer[FRAMES]
/* Its bytes read as PTEs of frame 0. */
bit forged[FRAMES]
byte free_list[FRAMES] = FREE_LIST
byte free_count = FREE_COUNT

/* The mm. PTEs and tables hold frame + 1. All memory is writable, so a PTE has no such bit. */
bit vma[PAGES] = VMAS
byte pte[PAGES] = PTES
bit dirty[PAGES] = DIRTIES
byte table[PLACES] = TABLES
byte ptl[PLACES]
byte mmap_writer
byte mmap_readers

/* Gathers at work, and open pairs of start and end. */
#if UNMAPPERS > 1
byte gathers
byte pairs
#else
local byte gathers
local byte pairs
#endif

/* Damage that has been done, by rule. */
#define I1_USED_AFTER_FREE 1
#define I2_WALKED_AFTER_FREE 2
#define I4_FREED_TOO_EARLY 4
#define I5_NOT_COVERED 8
#define I10_PAIRING_BROKEN 16
byte damage

/* I5: cleared, and the IOMMU has not been told. Pages by the CPU that must tell. */
bit untold_page[UNMAPPERS * PAGES]
bit untold_table[PLACES]

/* Who translates: the IOMMU for all devices, and a CPU that accesses memory. TLB and walk cache. */
typedef Translator {
  byte page[TLB];
  byte frame[TLB];
  bit written[TLB];
  byte place[WALK_CACHE];
  byte table[WALK_CACHE]
}

/* A walk under way: one for each device, then that of the CPU. Stage: the level to read, or */
#define LEAF_READ 5
#define WAITS 6
#define STOPPED 7

typedef Walk {
  byte stage;
  byte at;
  bit write
}

#define IOMMU 0
#ifdef CPU_WRITES_PAGE
#define TRANSLATORS 2
#define WRITER 1
#define WALKS (DEVICES + 1)
#define WRITERS_WALK DEVICES
#else
#define TRANSLATORS 1
#define WALKS DEVICES
#endif
Translator t[TRANSLATORS]
Walk w[WALKS]

/* The IOMMU: what the PASID points at, the empty-table driver's count and lock, the queue. */
#define EMPTY 1
#define REAL 2
byte root = REAL
byte nesting
byte pasid_lock
byte queued
byte queue_lo[QUEUE]
byte queue_hi[QUEUE]
bit queue_leaf[QUEUE]
byte queue_by[QUEUE]
#if ATS
/* Device + 1 whose ATC the command is for; 0: the IOTLB. */
byte queue_device[QUEUE]

/* By device: its ATC; the Translation Completion on its way, which names a frame in the device's walk; and the Invalidate Request that
   it has to answer: CPU + 1, and pages. */
typedef Ats {
  byte page;
  byte frame;
  bit written;
  bit completion;
  byte asked_by;
  byte lo;
  byte hi
}
Ats a[DEVICES]
#define ASKED_BY(device, cpu) (a[device].asked_by == (cpu) + 1)
#if DEVICES == 1
#define ASKED_FOR(cpu) ASKED_BY(0, cpu)
#else
#define ASKED_FOR(cpu) (ASKED_BY(0, cpu) || ASKED_BY(1, cpu))
#endif
#else
#define ASKED_FOR(cpu) false
#endif

/* Where there are two CPUs of the process: the other one asked for a flush, of these pages. */
#if UNMAPPERS == 2 || defined(CPU_WRITES_PAGE)
#define TWO_APP_CPUS 1
bit asked[2]
#else
#define TWO_APP_CPUS 0
#endif
#ifdef CPU_WRITES_PAGE
byte asked_lo
byte asked_hi
bit asked_leaf
#endif

#if TABLES_BY_RCU
byte rcu_count
byte rcu_list[FRAMES]
#endif

/* Scratch: no part of a state, but where SPIN searches breadth first: there that makes more states, and no run longer or shorter. */
#ifdef ASK_HARM
#define SCRATCH byte
#else
#define SCRATCH hidden byte
#endif
SCRATCH i, j, k, n, f, d, p, found, entry, lo, hi
SCRATCH held, leaf, faulted, writes, is

/* I1 or I2 is broken. Where only that is asked, in the step that does it. */
inline harm(rule) {
#ifdef ASK_VERDICT
  assert(false)
#else
  damage = damage | rule
#endif
}

/* ---- Frames ---- */

inline take_frame(what, whose) {
  free_count--;
  n = free_list[free_count];
  free_list[free_count] = 0;
  use[n] = what;
  purpose[n] = whose;
  writer[n] = 0;
  forged[n] = 0
}

/* Somebody's entry, or walk under way, names the frame. */
inline look_for_holder(frame_) {
  held = 0;
  for (i : 0 .. TRANSLATORS - 1) {
    for (j : 0 .. TLB - 1) {
      held = held || (t[i].page[j] != NONE && t[i].frame[j] == frame_)
    }
    for (j : 0 .. WALK_CACHE - 1) {
      held = held || (t[i].place[j] != NONE && t[i].table[j] == frame_)
    }
  }
  for (i : 0 .. WALKS - 1) {
    held = held || (w[i].stage >= 1 && w[i].stage <= LEAF_READ && w[i].at == frame_)
  }
#if ATS
  for (i : 0 .. DEVICES - 1) {
    held = held || (a[i].page != NONE && a[i].frame == frame_) || (a[i].completion && w[i].at == frame_)
  }
#endif
}

inline give_back(frame_) {
  look_for_holder(frame_);
  if
  :: held -> damage = damage | I4_FREED_TOO_EARLY
  :: else
  fi;
  use[frame_] = FREE;
  purpose[frame_] = NONE;
  free_list[free_count] = frame_;
  free_count++
}

/* ---- TLBs and walk caches: oldest first ---- */

inline clear_pages_from(x) {
  do
  :: j < TLB ->
    t[x].page[j] = NONE;
    t[x].frame[j] = 0;
    t[x].written[j] = 0;
    j++
  :: else -> break
  od
}

inline move_page(x) {
  t[x].page[j] = t[x].page[i];
  t[x].frame[j] = t[x].frame[i];
  t[x].written[j] = t[x].written[i];
  j++
}

inline clear_places_from(x) {
  do
  :: j < WALK_CACHE ->
    t[x].place[j] = NONE;
    t[x].table[j] = 0;
    j++
  :: else -> break
  od
}

inline move_place(x) {
  t[x].place[j] = t[x].place[i];
  t[x].table[j] = t[x].table[i];
  j++
}

/* Pages [from, to) leave the TLB; unless only leaves go, tables over them leave the walk cache. */
inline invalidate(x, from, to, leaf_only) {
  j = 0;
  for (i : 0 .. TLB - 1) {
    if
    :: t[x].page[i] != NONE && (t[x].page[i] - 1 < from || t[x].page[i] - 1 >= to) -> move_page(x)
    :: else
    fi
  }
  clear_pages_from(x);
  if
  :: leaf_only
  :: else ->
    j = 0;
    for (i : 0 .. WALK_CACHE - 1) {
      if
      :: t[x].place[i] != NONE && (END_PAGE(t[x].place[i] - 1) <= from || FIRST_PAGE(t[x].place[i] - 1) >= to) -> move_place(x)
      :: else
      fi
    }
    clear_places_from(x)
  fi
}

/* What walk y found. */
inline cache_page(x, y, page_) {
  j = 0;
  for (i : 0 .. TLB - 1) {
    if
    :: t[x].page[i] != NONE && t[x].page[i] != page_ + 1 -> move_page(x)
    :: else
    fi
  }
  if
  :: j == TLB ->
    j = 0;
    for (i : 1 .. TLB - 1) { move_page(x) }
  :: else
  fi;
  k = j;
  clear_pages_from(x);
  t[x].page[k] = page_ + 1;
  t[x].frame[k] = w[y].at;
  t[x].written[k] = w[y].write
}

inline cache_table(x, place_, frame_) {
  j = 0;
  for (i : 0 .. WALK_CACHE - 1) {
    if
    :: t[x].place[i] != NONE && t[x].place[i] != place_ + 1 -> move_place(x)
    :: else
    fi
  }
  if
  :: j == WALK_CACHE ->
    j = 0;
    for (i : 1 .. WALK_CACHE - 1) { move_place(x) }
  :: else
  fi;
  k = j;
  clear_places_from(x);
  t[x].place[k] = place_ + 1;
  t[x].table[k] = frame_
}

/* Sets `entry` to the slot + 1 of a translation that serves; a write needs one that was made by a write. */
inline look_up(x, page_, writes_) {
  entry = 0;
  for (i : 0 .. TLB - 1) {
    if
    :: entry == 0 && t[x].page[i] == page_ + 1 && (!writes_ || t[x].written[i]) -> entry = i + 1
    :: else
    fi
  }
}

/* ---- Walks: what memory holds at that moment. Walk y, through the caches of x ---- */

#define ON_PATH(page, depth) ((depth) == 3 -> LEAF(page) : (depth))

inline end_walk(y) {
  w[y].stage = 0;
  w[y].at = 0;
  w[y].write = 0
}

/* From the deepest table that the walk cache names, else from the root. */
inline start_walk(x, y, page_) {
  k = 1;
  f = table[0] - 1;
  for (d : 1 .. 3) {
    for (i : 0 .. WALK_CACHE - 1) {
      if
      :: t[x].place[i] == ON_PATH(page_, d) + 1 ->
        k = d + 1;
        f = t[x].table[i]
      :: else
      fi
    }
  }
  w[y].stage = k;
  w[y].at = f
}

/* Reads one entry. `faulted` when it is not there: the walk is over then. */
inline walk_on(x, y, page_, writes_) {
  d = w[y].stage - 1;
  f = w[y].at;
  k = ON_PATH(page_, d);
  found = NONE;
  faulted = 0;
  if
  :: use[f] == TABLE && purpose[f] == k + 1 ->
    if
    :: table[k] != f + 1
    :: table[k] == f + 1 && d < 3 -> found = table[ON_PATH(page_, d + 1)]
    :: table[k] == f + 1 && d == 3 ->
      found = pte[page_];
      if
      :: found != NONE && writes_ -> dirty[page_] = 1
      :: else
      fi
    fi
  :: else ->
    harm(I2_WALKED_AFTER_FREE);
    if
    :: forged[f] -> found = 1
    :: else
    fi
  fi;
  if
  :: found == NONE ->
    end_walk(y);
    faulted = 1
  :: found != NONE && d == 3 ->
    w[y].stage = LEAF_READ;
    w[y].at = found - 1;
    w[y].write = writes_
  :: found != NONE && d < 3 ->
    n = ON_PATH(page_, d + 1);
    cache_table(x, n, found - 1);
    w[y].stage = d + 2;
    w[y].at = found - 1
  fi
}

inline fill(x, y, page_) {
  cache_page(x, y, page_);
  end_walk(y);
  skip
}

/* An access through slot `entry`. */
inline access(x, page_, writes_, who) {
  f = t[x].frame[entry - 1];
  touch(page_, writes_, who)
}

/* An access to frame `f`. */
inline touch(page_, writes_, who) {
  if
  :: use[f] == PAGE && purpose[f] == page_ + 1
  :: else -> harm(I1_USED_AFTER_FREE)
  fi;
  if
  :: writes_ -> writer[f] = who
  :: else
  fi
}

/* ---- Faults ---- */

/* The tables that are missing, root first, and a page. */
inline map_page(page_, writes_) {
  if
  :: pte[page_] != NONE -> dirty[page_] = dirty[page_] || writes_
  :: else ->
    for (d : 0 .. 3) {
      k = ON_PATH(page_, d);
      if
      :: table[k] == NONE ->
        take_frame(TABLE, k + 1);
        table[k] = n + 1
      :: else
      fi
    }
    take_frame(PAGE, page_ + 1);
    pte[page_] = n + 1;
    dirty[page_] = writes_
  fi
}

/* Frames that a fault on the page takes, with no side effect: guards ask. */
#define MISSING(place) (table[place] == NONE)
#define FRAMES_NEEDED(page) (pte[page] != NONE -> 0 : 1 + MISSING(0) + MISSING(1) + MISSING(2) + MISSING(LEAF(page)))
#define CAN_MAP(page) (ptl[LEAF(page)] == NONE && free_count >= FRAMES_NEEDED(page))

/* ---- The driver ---- */

#define QUEUE_FULL (queued + COMMANDS > QUEUE)
#define IN_QUEUE(slot, cpu) (queued > (slot) && queue_by[slot] == (cpu))
#define EXECUTED(cpu) (!IN_QUEUE(0, cpu) && !IN_QUEUE(1, cpu) && !IN_QUEUE(2, cpu) && !IN_QUEUE(3, cpu))
#define COMPLETED(cpu) (EXECUTED(cpu) && !ASKED_FOR(cpu))
#define DRIVER_READY (!DRIVER_FLUSHES || (pasid_lock == NONE && !QUEUE_FULL))

/* Puts the commands of a flush into the queue. I5: from here on the IOMMU has been told. */
inline submit(cpu, from, to, leaf_only) {
  for (i : 0 .. COMMANDS - 1) {
    queue_lo[queued + i] = from;
    queue_hi[queued + i] = to;
    queue_leaf[queued + i] = leaf_only;
    queue_by[queued + i] = cpu;
#if ATS
    queue_device[queued + i] = (ATC_FIRST == 0 -> i : (i + 1 == COMMANDS -> 0 : i + 1))
#endif
  };
  for (i : 0 .. UNMAPPERS - 1) {
    for (j : 0 .. PAGES - 1) {
      if
      :: from <= j && j < to -> untold_page[i * PAGES + j] = 0
      :: else
      fi
    }
  }
  for (i : 0 .. PLACES - 1) {
    if
    :: !(leaf_only) && FIRST_PAGE(i) < to && END_PAGE(i) > from -> untold_table[i] = 0
    :: else
    fi
  };
  queued = queued + COMMANDS
}

inline set_root(cpu, what) {
  root = what;
  pasid_lock = cpu + 1;
  submit(cpu, 0, PAGES, 0)
}

/* The driver waits for its command, and lets go of the PASID. */
inline wait_for_queue(cpu) {
  d_step {
    COMPLETED(cpu) ->
    pasid_lock = (pasid_lock == cpu + 1 -> NONE : pasid_lock)
  }
}

#include "unmapper.pml"
#include "device.pml"
#include "others.pml"
#include "asks.pml"
