/*
 * Linux munmap() and madvise(MADV_DONTNEED) on an address space that an IOMMU walks too. A scenario defines its sizes and
 * first contents and includes this file; policy.pml says how kernels differ.
 *
 * One process an actor, one option of its loop an operation. Every option is a d_step that leads back to the head of the loop, so
 * that processes have no control state: a state of Promela is a state of the machine, and a transition one operation.
 * What is not used is zero; so are scratch variables between operations. Initial lists are written out to the end: SPIN would go on
 * with their last value.
 */

#include "policy.pml"

#define NONE 0

/* ---- The machine ---- */

/* What a frame is used for. Whose it is: page + 1, or place + 1 of a table. */
#define FREE 0
#define PAGE 1
#define TABLE 2
#define OTHER 3
#define RESERVED 4

byte use[FRAMES] = USES
byte purpose[FRAMES] = PURPOSES
/* Who last wrote to it: CPU + 1, or CPUS + 1 for the device. Kept until it is handed out again. */
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
byte gathers
byte pairs

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

/* Who translates: the IOMMU for the device, and a CPU that accesses memory. Stage of a walk: the level to read, or */
#define LEAF_READ 5
#define WAITS 6
#define STOPPED 7

typedef Translator {
  byte page[TLB];
  byte frame[TLB];
  bit written[TLB];
  byte place[WALK_CACHE];
  byte table[WALK_CACHE];
  byte stage;
  byte at;
  bit write
}

#define IOMMU 0
#ifdef CPU_WRITES_PAGE
#define TRANSLATORS 2
#define WRITER 1
#else
#define TRANSLATORS 1
#endif
Translator t[TRANSLATORS]

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

/* The device: accesses made, and whether one is under way. */
byte action
bit accessing

/* The worker that answers page requests. */
#define IDLE 0
#define HANDLES 1
#define ANSWERS 2
byte worker

/* A task that unmaps: where it is, and in which flush; its cursor and its gather. */
mtype = {
  Enter, Detach, StartGather, Start, StartWait, Lock, Clear, Unlock, GoOn, EndTell, EndWait, End, EndClose, Unlink,
  UnlinkPte, UnlinkPmd, UnlinkPud, Flush, Acknowledge, Tell, TellWait, Free, FreeMore, Leave, Done
}
#define FULL_BATCH 1
#define VMA_END 2
#define LAST 3

typedef Gather {
  byte lo;
  byte hi;
  byte count;
  byte pages;
  byte frame[GATHER];
  bit is_table[GATHER];
  bit tables;
  bit all
}

mtype at[UNMAPPERS] = Enter
byte site[UNMAPPERS]
byte cursor[UNMAPPERS]
Gather g[UNMAPPERS]

/* Where there are two CPUs of the process: the other one asked for a flush. */
#if UNMAPPERS == 2
#define TWO_APP_CPUS 1
#else
#ifdef CPU_WRITES_PAGE
#define TWO_APP_CPUS 1
#else
#define TWO_APP_CPUS 0
#endif
#endif
#if TWO_APP_CPUS
bit asked[2]
#endif

#ifdef CPU_WRITES_PAGE
#define LOOKS 0
#define WALKS 1
#define FAULTS 2
#define MAPS 3
#define RETURNS 4
#define WROTE 5
byte store
#endif

byte allocated

#if TABLES_BY_RCU
byte rcu_count
byte rcu_list[FRAMES]
#endif

/* Scratch. */
byte i, j, k, n, f, d, found, entry, lo, hi
bit held, leaf, faulted, is

/* Ends every operation. */
inline rest() {
  i = 0;
  j = 0;
  k = 0;
  n = 0;
  f = 0;
  d = 0;
  found = 0;
  entry = 0;
  lo = 0;
  hi = 0;
  held = 0;
  leaf = 0;
  faulted = 0;
  is = 0
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
    held = held || (t[i].stage >= 1 && t[i].stage <= LEAF_READ && t[i].at == frame_)
  }
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

inline cache_page(x, page_) {
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
  t[x].frame[k] = t[x].at;
  t[x].written[k] = t[x].write
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
inline look_up(x, page_, writes) {
  entry = 0;
  for (i : 0 .. TLB - 1) {
    if
    :: entry == 0 && t[x].page[i] == page_ + 1 && (!(writes) || t[x].written[i]) -> entry = i + 1
    :: else
    fi
  }
}

/* ---- Walks: what memory holds at that moment ---- */

#define ON_PATH(page, depth) ((depth) == 3 -> LEAF(page) : (depth))

inline end_walk(x) {
  t[x].stage = 0;
  t[x].at = 0;
  t[x].write = 0
}

/* From the deepest table that the walk cache names, else from the root. */
inline start_walk(x, page_) {
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
  t[x].stage = k;
  t[x].at = f
}

/* Reads one entry. `faulted` when it is not there: the walk is over then. */
inline walk_on(x, page_, writes) {
  d = t[x].stage - 1;
  f = t[x].at;
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
      :: found != NONE && writes -> dirty[page_] = 1
      :: else
      fi
    fi
  :: else ->
    damage = damage | I2_WALKED_AFTER_FREE;
    if
    :: forged[f] -> found = 1
    :: else
    fi
  fi;
  if
  :: found == NONE ->
    end_walk(x);
    faulted = 1
  :: found != NONE && d == 3 ->
    t[x].stage = LEAF_READ;
    t[x].at = found - 1;
    t[x].write = writes
  :: found != NONE && d < 3 ->
    n = ON_PATH(page_, d + 1);
    cache_table(x, n, found - 1);
    t[x].stage = d + 2;
    t[x].at = found - 1
  fi
}

inline fill(x, page_) {
  cache_page(x, page_);
  end_walk(x)
}

/* An access through slot `entry`. */
inline access(x, page_, writes, who) {
  f = t[x].frame[entry - 1];
  if
  :: use[f] == PAGE && purpose[f] == page_ + 1
  :: else -> damage = damage | I1_USED_AFTER_FREE
  fi;
  if
  :: writes -> writer[f] = who
  :: else
  fi
}

/* ---- Faults ---- */

/* The tables that are missing, root first, and a page. */
inline map_page(page_, writes) {
  if
  :: pte[page_] != NONE -> dirty[page_] = dirty[page_] || (writes)
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
    dirty[page_] = (writes)
  fi
}

/* Frames that a fault on the page takes, with no side effect: guards ask. */
#define MISSING(place) (table[place] == NONE)
#define FRAMES_NEEDED(page) (pte[page] != NONE -> 0 : 1 + MISSING(0) + MISSING(1) + MISSING(2) + MISSING(LEAF(page)))
#define CAN_MAP(page) (ptl[LEAF(page)] == NONE && free_count >= FRAMES_NEEDED(page))

/* ---- The driver ---- */

#define QUEUE_FULL (queued == QUEUE)
#define IN_QUEUE(slot, cpu) (queued > (slot) && queue_by[slot] == (cpu))
#define COMPLETED(cpu) (!IN_QUEUE(0, cpu) && !IN_QUEUE(1, cpu) && !IN_QUEUE(2, cpu) && !IN_QUEUE(3, cpu))
#define DRIVER_READY (!DRIVER_FLUSHES || (pasid_lock == NONE && !QUEUE_FULL))

/* Puts a command into the queue. I5: from here on the IOMMU has been told. */
inline submit(cpu, from, to, leaf_only) {
  queue_lo[queued] = from;
  queue_hi[queued] = to;
  queue_leaf[queued] = leaf_only;
  queue_by[queued] = cpu;
  queued++;
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
  }
}

inline set_root(cpu, what) {
  root = what;
  pasid_lock = cpu + 1;
  submit(cpu, 0, PAGES, 0)
}

inline finish_wait(cpu) {
  if
  :: pasid_lock == cpu + 1 -> pasid_lock = NONE
  :: else
  fi
}

/* ---- A task that unmaps: c is its CPU ---- */

#define NEXT_PRESENT(c, p) ((p) >= cursor[c] && (p) >= LO(c) && (p) < HI(c) && pte[p] != NONE)

/* Sets `n` to the next page with a PTE; PAGES when there is none. */
inline next_present(c) {
  n = PAGES;
  for (i : 0 .. PAGES - 1) {
    if
    :: n == PAGES && NEXT_PRESENT(c, i) -> n = i
    :: else
    fi
  }
}

inline widen(c, page_) {
  if
  :: g[c].hi == 0 || page_ < g[c].lo -> g[c].lo = page_
  :: else
  fi;
  if
  :: page_ + 1 > g[c].hi -> g[c].hi = page_ + 1
  :: else
  fi
}

inline queue_frame(c, frame_, table_) {
  g[c].frame[g[c].count] = frame_;
  g[c].is_table[g[c].count] = table_;
  g[c].count++
}

inline begin_flush(c, where) {
  at[c] = Flush;
  site[c] = where
}

inline after_end(c) {
  if
  :: MUNMAP == 1 -> at[c] = Unlink
  :: else -> begin_flush(c, LAST)
  fi
}

inline close_pair(c) {
  if
  :: SUBSCRIBED -> at[c] = End
  :: else -> after_end(c)
  fi
}

inline go_to_end(c) {
  if
  :: DRIVER_ACTS_IN_RANGE && END_IMPLIES_INVALIDATE -> at[c] = EndTell
  :: else -> close_pair(c)
  fi
}

inline after_zap(c) {
  if
  :: MERGE_VMAS -> go_to_end(c)
  :: else -> begin_flush(c, VMA_END)
  fi
}

/* Where a flush leads. */
inline after_flush(c) {
  if
  :: site[c] == FULL_BATCH -> at[c] = Unlock
  :: site[c] == VMA_END ->
    site[c] = NONE;
    go_to_end(c)
  :: site[c] == LAST -> at[c] = Free
  fi
}

inline flush_done(c) {
  g[c].lo = 0;
  g[c].hi = 0;
  g[c].tables = 0;
  g[c].all = 0;
  after_flush(c)
}

inline tell_or_done(c) {
  if
  :: TELLS(site[c]) -> at[c] = Tell
  :: else -> flush_done(c)
  fi
}

inline wait_or_done(c) {
  if
  :: TWO_APP_CPUS -> at[c] = Acknowledge
  :: else -> flush_done(c)
  fi
}

/* The table that free_pgtables() takes next, from `level` (3 PTE, 2 PMD, 1 PUD) up: one that no VMA needs. */
inline next_unlink(c, level) {
  d = level;
  do
  :: d == 0 -> break
  :: else ->
    k = ON_PATH(LO(c), d);
    is = (table[k] != NONE);
    for (i : 0 .. PAGES - 1) {
      is = is && !(vma[i] && FIRST_PAGE(k) <= i && i < END_PAGE(k))
    }
    if
    :: is -> break
    :: else -> d--
    fi
  od;
  if
  :: d == 3 -> at[c] = UnlinkPte
  :: d == 2 -> at[c] = UnlinkPmd
  :: d == 1 -> at[c] = UnlinkPud
  :: else -> begin_flush(c, LAST)
  fi
}

inline unlink(c, level) {
  k = ON_PATH(LO(c), level);
  f = table[k] - 1;
  table[k] = NONE;
  if
  :: root == REAL -> untold_table[k] = 1
  :: else
  fi;
  queue_frame(c, f, 1);
  g[c].tables = 1;
  n = (FIRST_PAGE(k) > LO(c) -> FIRST_PAGE(k) : LO(c));
  widen(c, n)
}

/* Before the first is freed: the list is put into the order of freeing, last first. */
inline arrange(c) {
  if
  :: OLDEST_FIRST && g[c].count > 1 ->
    i = 0;
    j = g[c].count - 1;
    do
    :: i < j ->
      f = g[c].frame[i];
      g[c].frame[i] = g[c].frame[j];
      g[c].frame[j] = f;
      is = g[c].is_table[i];
      g[c].is_table[i] = g[c].is_table[j];
      g[c].is_table[j] = is;
      i++;
      j--
    :: else -> break
    od
  :: else
  fi
}

inline tables_to_rcu(c) {
#if TABLES_BY_RCU
  j = 0;
  k = g[c].count;
  for (i : 0 .. GATHER - 1) {
    if
    :: i < k && g[c].is_table[i] ->
      rcu_list[rcu_count] = g[c].frame[i];
      rcu_count++
    :: i < k && !g[c].is_table[i] ->
      g[c].frame[j] = g[c].frame[i];
      j++
    :: else
    fi
  }
  g[c].count = j;
  for (i : 0 .. GATHER - 1) {
    g[c].is_table[i] = 0;
    if
    :: i >= j -> g[c].frame[i] = 0
    :: else
    fi
  }
#else
  skip
#endif
}

inline free_one(c) {
  tables_to_rcu(c);
  if
  :: g[c].count > 0 ->
    g[c].count--;
    n = g[c].count;
    f = g[c].frame[n];
    g[c].frame[n] = 0;
    g[c].is_table[n] = 0;
    give_back(f)
  :: else
  fi;
  if
  :: g[c].count > 0 -> at[c] = FreeMore
  :: else ->
    g[c].pages = 0;
    if
    :: site[c] == FULL_BATCH -> at[c] = GoOn
    :: else ->
      site[c] = NONE;
      at[c] = Leave
    fi
  fi
}

inline unlock_mm(c) {
  if
  :: mmap_writer == c + 1 -> mmap_writer = NONE
  :: else -> mmap_readers--
  fi
}

active [UNMAPPERS] proctype unmapper() {
  do
  :: d_step {
      at[_pid] == Enter && mmap_writer == NONE && (MUNMAP == 0 || mmap_readers == 0) ->
      if
      :: MUNMAP == 1 ->
        mmap_writer = _pid + 1;
        at[_pid] = Detach
      :: else ->
        mmap_readers++;
        at[_pid] = StartGather
      fi;
      rest()
    }
  :: d_step {
      at[_pid] == Detach ->
      for (i : 0 .. PAGES - 1) {
        if
        :: LO(_pid) <= i && i < HI(_pid) -> vma[i] = 0
        :: else
        fi
      }
      if
      :: MMAP_LOCK_DOWNGRADE ->
        mmap_writer = NONE;
        mmap_readers++
      :: else
      fi;
      gathers++;
      at[_pid] = (SUBSCRIBED -> Start : Lock);
      rest()
    }
  :: d_step {
      at[_pid] == StartGather ->
      gathers++;
      at[_pid] = (SUBSCRIBED -> Start : Lock);
      rest()
    }
  :: d_step {
      at[_pid] == Start && DRIVER_READY ->
      pairs++;
      at[_pid] = Lock;
      if
      :: DRIVER == NAIVE ->
        submit(_pid, LO(_pid), HI(_pid), LEAF_ONLY);
        at[_pid] = StartWait
      :: DRIVER == EMPTY_TABLE && COUNTS_PAIRS == 1 && nesting > 0 -> nesting++
      :: DRIVER == EMPTY_TABLE && !(COUNTS_PAIRS == 1 && nesting > 0) ->
        nesting = 1;
        set_root(_pid, EMPTY);
        at[_pid] = StartWait
      :: else
      fi;
      rest()
    }
  :: d_step { at[_pid] == StartWait && COMPLETED(_pid) -> finish_wait(_pid); at[_pid] = Lock; rest() }

    /* zap_pte_range() */
  :: d_step {
      at[_pid] == Lock && (table[LEAF(LO(_pid))] == NONE || ptl[LEAF(LO(_pid))] == NONE) ->
      if
      :: table[LEAF(LO(_pid))] == NONE -> after_zap(_pid)
      :: else ->
        if
        :: cursor[_pid] < LO(_pid) -> cursor[_pid] = LO(_pid)
        :: else
        fi;
        /* I5: what somebody else has cleared and not told of is this one's too. */
        for (i : 0 .. PAGES - 1) {
          if
          :: cursor[_pid] <= i && i < HI(_pid) && pte[i] == NONE ->
            is = 0;
            for (j : 0 .. UNMAPPERS - 1) { is = is || untold_page[j * PAGES + i] }
            untold_page[_pid * PAGES + i] = is
          :: else
          fi
        }
        ptl[LEAF(LO(_pid))] = _pid + 1;
        next_present(_pid);
        at[_pid] = (n < PAGES -> Clear : Unlock)
      fi;
      rest()
    }
  :: d_step {
      at[_pid] == Clear ->
      next_present(_pid);
      f = pte[n] - 1;
      pte[n] = NONE;
      dirty[n] = 0;
      widen(_pid, n);
      if
      :: root == REAL -> untold_page[_pid * PAGES + n] = 1
      :: else
      fi;
      queue_frame(_pid, f, 0);
      g[_pid].pages++;
      cursor[_pid] = n + 1;
      next_present(_pid);
      if
      :: g[_pid].pages >= BATCH -> begin_flush(_pid, FULL_BATCH)
      :: g[_pid].pages < BATCH && n < PAGES
      :: g[_pid].pages < BATCH && n == PAGES -> at[_pid] = Unlock
      fi;
      rest()
    }
  :: d_step {
      at[_pid] == Unlock ->
      ptl[LEAF(LO(_pid))] = NONE;
      if
      :: site[_pid] == FULL_BATCH -> at[_pid] = Free
      :: else -> after_zap(_pid)
      fi;
      rest()
    }
  :: d_step {
      at[_pid] == GoOn ->
      site[_pid] = NONE;
      next_present(_pid);
      if
      :: n < PAGES -> at[_pid] = Lock
      :: else -> after_zap(_pid)
      fi;
      rest()
    }

    /* invalidate_range_end() */
  :: d_step {
      at[_pid] == EndTell && !QUEUE_FULL ->
      submit(_pid, LO(_pid), HI(_pid), LEAF_ONLY);
      at[_pid] = EndWait;
      rest()
    }
  :: d_step { at[_pid] == EndWait && COMPLETED(_pid) -> finish_wait(_pid); close_pair(_pid); rest() }
  :: d_step {
      at[_pid] == End && DRIVER_READY ->
      pairs--;
      is = 0;
      if
      :: DRIVER == NAIVE ->
        submit(_pid, LO(_pid), HI(_pid), LEAF_ONLY);
        is = 1
      :: DRIVER == EMPTY_TABLE ->
        nesting = (COUNTS_PAIRS == 1 -> nesting - 1 : 0);
        if
        :: nesting == 0 ->
          set_root(_pid, REAL);
          is = 1;
          if
          :: pairs > 0 -> damage = damage | I10_PAIRING_BROKEN
          :: else
          fi
        :: else
        fi
      :: else
      fi;
      if
      :: is -> at[_pid] = EndClose
      :: else -> after_end(_pid)
      fi;
      rest()
    }
  :: d_step { at[_pid] == EndClose && COMPLETED(_pid) -> finish_wait(_pid); after_end(_pid); rest() }

    /* free_pgtables() */
  :: d_step { at[_pid] == Unlink -> next_unlink(_pid, 3); rest() }
  :: d_step { at[_pid] == UnlinkPte -> unlink(_pid, 3); next_unlink(_pid, 2); rest() }
  :: d_step { at[_pid] == UnlinkPmd -> unlink(_pid, 2); next_unlink(_pid, 1); rest() }
  :: d_step { at[_pid] == UnlinkPud -> unlink(_pid, 1); begin_flush(_pid, LAST); rest() }

    /* tlb_flush_mmu_tlbonly() */
  :: d_step {
      at[_pid] == Flush ->
      if
      :: site[_pid] == LAST && NESTED_GATHER_FORCES_FLUSH && gathers > 1 ->
        g[_pid].all = 1;
        g[_pid].tables = 1
      :: else
      fi;
      if
      :: g[_pid].hi == 0 && !g[_pid].all ->
        if
        :: site[_pid] == LAST && g[_pid].count == 0 ->
          site[_pid] = NONE;
          at[_pid] = Leave
        :: else -> after_flush(_pid)
        fi
      :: else ->
        /* This CPU's own TLB is empty: no task here both accesses and unmaps. */
#if TWO_APP_CPUS
        asked[1 - _pid] = 1;
#endif
        if
        :: TELLS_BEFORE_CPUS_ANSWER && TELLS(site[_pid]) -> at[_pid] = Tell
        :: !(TELLS_BEFORE_CPUS_ANSWER && TELLS(site[_pid])) && TWO_APP_CPUS -> at[_pid] = Acknowledge
        :: !(TELLS_BEFORE_CPUS_ANSWER && TELLS(site[_pid])) && !TWO_APP_CPUS -> tell_or_done(_pid)
        fi
      fi;
      rest()
    }
#if TWO_APP_CPUS
  :: d_step {
      at[_pid] == Acknowledge && !asked[1 - _pid] ->
      if
      :: TELLS_BEFORE_CPUS_ANSWER -> flush_done(_pid)
      :: else -> tell_or_done(_pid)
      fi;
      rest()
    }
#endif
  :: d_step {
      at[_pid] == Tell && !QUEUE_FULL ->
      lo = g[_pid].lo;
      hi = g[_pid].hi;
      if
      :: g[_pid].all ->
        lo = 0;
        hi = (NESTED_RANGE_IS_FULL -> PAGES : 0)
      :: !g[_pid].all && !GATHER_FLUSH_NOTIFIES && !(g[_pid].tables && TABLE_FREE_NOTIFIES) -> hi = lo
      :: else
      fi;
      leaf = (LEAF_ONLY == 1 || (g[_pid].tables && !TABLE_FREE_NOTIFIES));
      if
      :: lo < hi -> submit(_pid, lo, hi, leaf)
      :: else
      fi;
      at[_pid] = TellWait;
      rest()
    }
  :: d_step {
      at[_pid] == TellWait && COMPLETED(_pid) ->
      finish_wait(_pid);
      if
      :: TELLS_BEFORE_CPUS_ANSWER -> wait_or_done(_pid)
      :: else -> flush_done(_pid)
      fi;
      rest()
    }

    /* tlb_flush_mmu_free() */
  :: d_step { at[_pid] == Free -> arrange(_pid); free_one(_pid); rest() }
  :: d_step { at[_pid] == FreeMore -> free_one(_pid); rest() }

    /* The call returns. */
  :: d_step {
      at[_pid] == Leave ->
      gathers--;
      for (i : 0 .. PAGES - 1) {
        if
        :: LO(_pid) <= i && i < HI(_pid) && untold_page[_pid * PAGES + i] ->
          untold_page[_pid * PAGES + i] = 0;
          damage = damage | I5_NOT_COVERED
        :: else
        fi
      }
      for (i : 0 .. PLACES - 1) {
        if
        :: FIRST_PAGE(i) < HI(_pid) && END_PAGE(i) > LO(_pid) && untold_table[i] ->
          untold_table[i] = 0;
          damage = damage | I5_NOT_COVERED
        :: else
        fi
      }
      cursor[_pid] = 0;
      unlock_mm(_pid);
      at[_pid] = Done;
      rest()
    }
  od
}

/* ---- The others ---- */

#define WRITES DEVICE_WRITES(action)

/* The device: look up, walk, fill, and again. */
active proctype device() {
  do
  :: d_step {
      action < DEVICE_ACTIONS && t[IOMMU].stage == 0 ->
      look_up(IOMMU, DEVICE_PAGE, WRITES);
      if
      :: entry != 0 ->
        access(IOMMU, DEVICE_PAGE, WRITES, CPUS + 1);
        action++;
        accessing = 0
      :: entry == 0 && root == REAL ->
        accessing = 1;
        start_walk(IOMMU, DEVICE_PAGE)
      :: entry == 0 && root != REAL ->
        accessing = 1;
        t[IOMMU].stage = WAITS
      fi;
      rest()
    }
  :: d_step {
      t[IOMMU].stage >= 1 && t[IOMMU].stage < LEAF_READ ->
      walk_on(IOMMU, DEVICE_PAGE, WRITES);
      if
      :: faulted -> t[IOMMU].stage = WAITS
      :: else
      fi;
      rest()
    }
  :: d_step { t[IOMMU].stage == LEAF_READ -> fill(IOMMU, DEVICE_PAGE); rest() }
  od
}

/* Walks that the command at the head of the queue concerns: to its pages, or about to read a table over them. */
#define CONCERNS_PAGE (queue_lo[0] <= DEVICE_PAGE && DEVICE_PAGE < queue_hi[0])
#define NEXT_TABLE ON_PATH(DEVICE_PAGE, t[IOMMU].stage - 1)
#define CONCERNS_TABLE (!queue_leaf[0] && t[IOMMU].stage < LEAF_READ && FIRST_PAGE(NEXT_TABLE) < queue_hi[0] && END_PAGE(NEXT_TABLE) > queue_lo[0])
#define MUST_DRAIN (DRAINS_WALKS == 1 && t[IOMMU].stage >= 1 && t[IOMMU].stage <= LEAF_READ && (CONCERNS_PAGE || CONCERNS_TABLE))

active proctype iommu() {
  do
  :: d_step {
      queued > 0 && !MUST_DRAIN ->
      invalidate(IOMMU, queue_lo[0], queue_hi[0], queue_leaf[0]);
      queued--;
      for (i : 0 .. QUEUE - 1) {
        if
        :: i < queued ->
          queue_lo[i] = queue_lo[i + 1];
          queue_hi[i] = queue_hi[i + 1];
          queue_leaf[i] = queue_leaf[i + 1];
          queue_by[i] = queue_by[i + 1]
        :: else ->
          queue_lo[i] = 0;
          queue_hi[i] = 0;
          queue_leaf[i] = 0;
          queue_by[i] = 0
        fi
      };
      rest()
    }
  od
}

#define EVADES (DRIVER == EMPTY_TABLE && nesting > 0)

active proctype fault_worker() {
  do
  :: d_step {
      worker == IDLE && t[IOMMU].stage == WAITS && (EVADES || mmap_writer == NONE) ->
      if
      :: EVADES -> t[IOMMU].stage = 0
      :: !EVADES && !vma[DEVICE_PAGE] -> t[IOMMU].stage = STOPPED
      :: !EVADES && vma[DEVICE_PAGE] ->
        mmap_readers++;
        worker = HANDLES
      fi;
      rest()
    }
  :: d_step { worker == HANDLES && CAN_MAP(DEVICE_PAGE) -> map_page(DEVICE_PAGE, WRITES); worker = ANSWERS; rest() }
  :: d_step { worker == ANSWERS -> mmap_readers--; t[IOMMU].stage = 0; worker = IDLE; rest() }
  od
}

/* The second process takes a frame and writes into it. */
active proctype second_process() {
  do
  :: d_step {
      allocated < ALLOCATIONS && free_count > 0 ->
      take_frame(OTHER, NONE);
      writer[n] = CPUS;
      forged[n] = ALLOCATES_PTE_BYTES;
      allocated++;
      rest()
    }
  od
}

#ifdef CPU_WRITES_PAGE
/* A thread of the process writes one page. */
active proctype writing_thread() {
  do
  :: d_step {
      store == LOOKS ->
      look_up(WRITER, CPU_WRITES_PAGE, 1);
      if
      :: entry != 0 ->
        access(WRITER, CPU_WRITES_PAGE, 1, 2);
        store = WROTE
      :: else ->
        start_walk(WRITER, CPU_WRITES_PAGE);
        store = WALKS
      fi;
      rest()
    }
  :: d_step {
      store == WALKS && t[WRITER].stage < LEAF_READ ->
      walk_on(WRITER, CPU_WRITES_PAGE, 1);
      if
      :: faulted -> store = FAULTS
      :: else
      fi;
      rest()
    }
  :: d_step { store == WALKS && t[WRITER].stage == LEAF_READ -> fill(WRITER, CPU_WRITES_PAGE); store = LOOKS; rest() }
  :: d_step {
      store == FAULTS && mmap_writer == NONE ->
      if
      :: vma[CPU_WRITES_PAGE] ->
        mmap_readers++;
        store = MAPS
      :: else -> store = WROTE
      fi;
      rest()
    }
  :: d_step { store == MAPS && CAN_MAP(CPU_WRITES_PAGE) -> map_page(CPU_WRITES_PAGE, 1); store = RETURNS; rest() }
  :: d_step { store == RETURNS -> mmap_readers--; store = LOOKS; rest() }
  od
}
#endif

#if TWO_APP_CPUS
/* A CPU of the process answers the other's request for a flush: between instructions, not in the middle of a walk. */
active proctype interrupts() {
  do
  :: d_step { asked[0] -> asked[0] = 0; rest() }
#ifdef CPU_WRITES_PAGE
  :: d_step {
      asked[1] && t[WRITER].stage == 0 ->
      lo = (g[0].all -> 0 : g[0].lo);
      hi = (g[0].all -> PAGES : g[0].hi);
      leaf = (ARM64 == 1 && !g[0].tables);
      invalidate(WRITER, lo, hi, leaf);
      asked[1] = 0;
      rest()
    }
#else
  :: d_step { asked[1] -> asked[1] = 0; rest() }
#endif
  od
}
#endif

#if TABLES_BY_RCU
/* A grace period is over. */
active proctype rcu() {
  do
  :: d_step {
      rcu_count > 0 ->
      k = rcu_count;
      rcu_count = 0;
      for (d : 0 .. FRAMES - 1) {
        if
        :: d < k ->
          f = rcu_list[d];
          rcu_list[d] = 0;
          give_back(f)
        :: else
        fi
      };
      rest()
    }
  od
}
#endif

/* ---- What is asked ---- */

#if UNMAPPERS == 2
#define ALL_RETURNED (at[0] == Done && at[1] == Done)
#else
#define ALL_RETURNED (at[0] == Done)
#endif
#ifdef CPU_WRITES_PAGE
#define HAS_WRITTEN (store == WROTE)
#else
#define HAS_WRITTEN true
#endif
#define EVERYBODY_DONE (ALL_RETURNED && HAS_WRITTEN && allocated == ALLOCATIONS && queued == 0 && (action == DEVICE_ACTIONS || t[IOMMU].stage == STOPPED))

#ifdef ASK_DEADLOCK
/* Nobody can move, and somebody is not done. */
active proctype nobody_stuck() {
  do
  :: timeout && !(EVERYBODY_DONE) -> assert(false)
  od
}
#endif

#ifdef ASK_HARM
/* I1 or I2 is broken. */
active proctype nobody_harmed() {
  do
  :: (damage & (I1_USED_AFTER_FREE | I2_WALKED_AFTER_FREE)) != 0 -> assert(false)
  od
}
#endif

#ifdef ASK_RULES
/* Which rules can be broken: those whose print is reached. */
active proctype rules() {
  do
  :: (damage & I1_USED_AFTER_FREE) != 0 -> printf("I1")
  :: (damage & I2_WALKED_AFTER_FREE) != 0 -> printf("I2")
  :: (damage & I4_FREED_TOO_EARLY) != 0 -> printf("I4")
  :: (damage & I5_NOT_COVERED) != 0 -> printf("I5")
  :: (damage & I10_PAIRING_BROKEN) != 0 -> printf("I10")
  od
}
#endif
