/*
 * munmap(), or madvise(MADV_DONTNEED), by the CPU whose number is the process's. Its place in the program is the place of the
 * process; its cursor and its gather are its own. Where an operation may lead to different places there is an option for each,
 * so that going there takes no step. #if: what this kernel, this driver does not do is not there.
 * SPIN allows no label before a d_step, but before an if with one option.
 */

typedef Gather {
  byte lo;
  byte hi;
  byte count;
  byte pages;
  byte tables_queued;
  byte frame[GATHER];
  bit is_table[GATHER];
  bit tables;
  bit all
}

/* How many have returned. */
byte returned

/* Where the gather is flushed. */
#define FULL_BATCH 1
#define VMA_END 2
#define LAST 3

/* ---- The range ---- */

#define PTL ptl[LEAF(LO(_pid))]
#define PTE_TABLE table[LEAF(LO(_pid))]

/* Pages from the cursor on that have a PTE. */
#define PRESENT(page, cpu) ((page) >= cursor && (page) >= LO(cpu) && (page) < HI(cpu) && pte[page] != NONE)
#define PAGES_PRESENT PAGES_THAT(PRESENT, _pid)

/* Takes the page-table lock. */
inline begin_zap() {
  if
  :: cursor < LO(_pid) -> cursor = LO(_pid)
  :: else
  fi;
  /* I5: what somebody else has cleared and not told of is this one's too. */
  for (i : 0 .. PAGES - 1) {
    if
    :: cursor <= i && i < HI(_pid) && pte[i] == NONE ->
      is = 0;
      for (j : 0 .. UNMAPPERS - 1) { is = is || untold_page[j * PAGES + i] }
      untold_page[_pid * PAGES + i] = is
    :: else
    fi
  }
  PTL = _pid + 1
}

inline widen(page_) {
  if
  :: g.hi == 0 || page_ < g.lo -> g.lo = page_
  :: else
  fi;
  g.hi = (page_ + 1 > g.hi -> page_ + 1 : g.hi)
}

/* The next page. */
inline clear_pte() {
  n = PAGES;
  for (i : 0 .. PAGES - 1) {
    if
    :: n == PAGES && PRESENT(i, _pid) -> n = i
    :: else
    fi
  }
  f = pte[n] - 1;
  pte[n] = NONE;
  dirty[n] = 0;
  widen(n);
  if
  :: root == REAL -> untold_page[_pid * PAGES + n] = 1
  :: else
  fi;
  g.frame[g.count] = f;
  g.count++;
  g.pages++;
  cursor = n + 1
}

/* ---- Tables ---- */

/* free_pgtables() takes the table over the range, by level (3 PTE, 2 PMD, 1 PUD), when no VMA needs it. */
#define NEEDS(page, place) (vma[page] && FIRST_PAGE(place) <= (page) && (page) < END_PAGE(place))
#define PLACE(level) ON_PATH(LO(_pid), level)
#define GOES(level) (table[PLACE(level)] != NONE && PAGES_THAT(NEEDS, PLACE(level)) == 0)

inline unlink(level) {
  k = PLACE(level);
  f = table[k] - 1;
  table[k] = NONE;
  if
  :: root == REAL -> untold_table[k] = 1
  :: else
  fi;
  g.frame[g.count] = f;
  g.is_table[g.count] = 1;
  g.count++;
  g.tables_queued++;
  n = (FIRST_PAGE(k) > LO(_pid) -> FIRST_PAGE(k) : LO(_pid));
  widen(n);
  g.tables = 1
}

/* ---- The gather ---- */

inline flush_done() {
  g.lo = 0;
  g.hi = 0;
  g.tables = 0;
  g.all = 0
}

/* Tells secondary TLBs what the gather has collected. */
inline tell() {
  lo = (g.all -> 0 : g.lo);
  hi = (g.all -> (NESTED_RANGE_IS_FULL -> PAGES : 0) : g.hi);
  leaf = (LEAF_ONLY == 1 || (g.tables && !TABLE_FREE_NOTIFIES));
  is = (g.all || GATHER_FLUSH_NOTIFIES || (g.tables && TABLE_FREE_NOTIFIES));
#if RANGE_EMPTIED
  if
  :: lo < hi ->
    lo = 0;
    hi = PAGES
  :: else
  fi;
#endif
  if
  :: is && lo < hi -> submit(_pid, lo, hi, leaf)
  :: else
  fi;
  skip
}

/* The list is put into the order of freeing, last first. */
inline arrange() {
  if
  :: OLDEST_FIRST && g.count > 1 ->
    i = 0;
    j = g.count - 1;
    do
    :: i < j ->
      f = g.frame[i];
      g.frame[i] = g.frame[j];
      g.frame[j] = f;
      is = g.is_table[i];
      g.is_table[i] = g.is_table[j];
      g.is_table[j] = is;
      i++;
      j--
    :: else -> break
    od
  :: else
  fi
}

inline tables_to_rcu() {
#if TABLES_BY_RCU
  j = 0;
  k = g.count;
  for (i : 0 .. GATHER - 1) {
    if
    :: i < k && g.is_table[i] ->
      rcu_list[rcu_count] = g.frame[i];
      rcu_count++
    :: i < k && !g.is_table[i] ->
      g.frame[j] = g.frame[i];
      j++
    :: else
    fi
  }
  g.count = j;
  g.tables_queued = 0;
  for (i : 0 .. GATHER - 1) {
    g.is_table[i] = 0;
    if
    :: i >= j -> g.frame[i] = 0
    :: else
    fi
  }
#else
  skip
#endif
}

inline free_one() {
  if
  :: g.count > 0 ->
    g.count--;
    n = g.count;
    f = g.frame[n];
    g.frame[n] = 0;
    g.tables_queued = g.tables_queued - g.is_table[n];
    g.is_table[n] = 0;
    give_back(f)
  :: else
  fi;
  g.pages = (g.count > 0 -> g.pages : 0)
}

#if TABLES_BY_RCU
#define TO_FREE (g.count - g.tables_queued)
#else
#define TO_FREE g.count
#endif

/* tlb_flush_mmu_free(): a frame a step. */
inline free_all() {
  if
  :: d_step { TO_FREE > 1 -> arrange(); tables_to_rcu(); free_one() };
    do
    :: d_step { g.count > 1 -> free_one() }
    :: d_step { g.count == 1 -> free_one() }; break
    od
  :: d_step { TO_FREE <= 1 -> arrange(); tables_to_rcu(); free_one() }
  fi
}

/* ---- The call ---- */

active [UNMAPPERS] proctype unmapper() {
  byte cursor;
  Gather g;

#if MUNMAP
  d_step { mmap_writer == NONE && mmap_readers == 0 -> mmap_writer = _pid + 1 };
  d_step {
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
    gathers++
  };
#else
  d_step { mmap_writer == NONE -> mmap_readers++ };
  gathers++;
#endif

  /* invalidate_range_start() */
#if SUBSCRIBED
#if DRIVER == NOTIFIER
  pairs++;
#elif DRIVER == NAIVE
  d_step { DRIVER_READY -> pairs++; submit(_pid, LO(_pid), HI(_pid), LEAF_ONLY) };
  wait_for_queue(_pid);
#else
  if
  :: d_step { DRIVER_READY && COUNTS_PAIRS == 1 && nesting > 0 -> pairs++; nesting++ }
  :: d_step { DRIVER_READY && !(COUNTS_PAIRS == 1 && nesting > 0) -> pairs++; nesting = 1; set_root(_pid, EMPTY) };
    wait_for_queue(_pid)
  fi;
#endif
#endif

  /* zap_pte_range() */
lock:
  if
  :: d_step { PTE_TABLE == NONE -> skip }; goto zapped
  :: d_step { PTE_TABLE != NONE && PTL == NONE && PAGES_PRESENT == 0 -> begin_zap() }; goto unlock
  :: d_step { PTE_TABLE != NONE && PTL == NONE && PAGES_PRESENT > 0 -> begin_zap() }
  fi;
  do
  :: d_step { g.pages + 1 < BATCH && PAGES_PRESENT > 1 -> clear_pte() }
  :: d_step { g.pages + 1 < BATCH && PAGES_PRESENT == 1 -> clear_pte() }; goto unlock
  :: d_step { g.pages + 1 >= BATCH -> clear_pte() }; break
  od;

  /* The batch is full. */
#define SITE FULL_BATCH
#include "flush.pml"
#undef SITE
  PTL = NONE;
  free_all();
  if
  :: d_step { PAGES_PRESENT > 0 -> skip }; goto lock
  :: d_step { PAGES_PRESENT == 0 -> skip }; goto zapped
  fi;

unlock:
  PTL = NONE;
zapped:
#if !MERGE_VMAS
  /* tlb_end_vma() */
#define SITE VMA_END
#include "flush.pml"
#undef SITE
#endif

  /* invalidate_range_end() */
#if DRIVER_ACTS_IN_RANGE && END_IMPLIES_INVALIDATE
  if
  :: d_step { !QUEUE_FULL -> submit(_pid, LO(_pid), HI(_pid), LEAF_ONLY) }
  fi;
  wait_for_queue(_pid);
#endif
#if SUBSCRIBED
#if DRIVER == NOTIFIER
  pairs--;
#elif DRIVER == NAIVE
  if
  :: d_step { DRIVER_READY -> pairs--; submit(_pid, LO(_pid), HI(_pid), LEAF_ONLY) }
  fi;
  wait_for_queue(_pid);
#else
  if
  :: d_step { DRIVER_READY && COUNTS_PAIRS == 1 && nesting > 1 -> pairs--; nesting-- }
  :: d_step {
      DRIVER_READY && !(COUNTS_PAIRS == 1 && nesting > 1) ->
      pairs--;
      if
      :: pairs > 0 -> damage = damage | I10_PAIRING_BROKEN
      :: else
      fi;
      nesting = 0;
      set_root(_pid, REAL)
    };
    wait_for_queue(_pid)
  fi;
#endif
#endif

  /* free_pgtables() */
#if MUNMAP
  if
  :: d_step { GOES(3) -> skip }
  :: d_step { !GOES(3) && GOES(2) -> skip }; goto pmd
  :: d_step { !GOES(3) && !GOES(2) && GOES(1) -> skip }; goto pud
  :: d_step { !GOES(3) && !GOES(2) && !GOES(1) -> skip }; goto unlinked
  fi;
  if
  :: d_step { GOES(2) -> unlink(3) }
  :: d_step { !GOES(2) && GOES(1) -> unlink(3) }; goto pud
  :: d_step { !GOES(2) && !GOES(1) -> unlink(3) }; goto unlinked
  fi;
pmd:
  if
  :: d_step { GOES(1) -> unlink(2) }
  :: d_step { !GOES(1) -> unlink(2) }; goto unlinked
  fi;
pud:
  if
  :: d_step { unlink(1) }
  fi;
unlinked:
#endif

  /* tlb_finish_mmu() */
#define SITE LAST
#include "flush.pml"
#undef SITE
  free_all();

  /* The call returns. */
leave:
  if
  :: d_step {
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
      cursor = 0;
      if
      :: mmap_writer == _pid + 1 -> mmap_writer = NONE
      :: else -> mmap_readers--
      fi;
      returned++
    }
  fi;
  false
}
