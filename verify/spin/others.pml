/*
 * Who else can move: the second process, a thread that writes, CPUs that are asked to flush, RCU.
 */

/* Frames that the second process has taken. */
byte allocated

/* It takes a frame and writes into it. */
active proctype second_process() {
  do
  :: d_step {
      allocated < ALLOCATIONS && free_count > 0 ->
      take_frame(OTHER, NONE);
      writer[n] = CPUS;
      forged[n] = ALLOCATES_PTE_BYTES;
      allocated++
    }
  od
}

#ifdef CPU_WRITES_PAGE
/* A thread of the process writes one page. Where it is: */
#define LOOKS 0
#define WALKS_FOR_ITSELF 1
#define FAULTS 2
#define MAPS 3
#define RETURNS 4
#define WROTE 5
byte store

active proctype writing_thread() {
  do
  :: d_step {
      store == LOOKS ->
      look_up(WRITER, CPU_WRITES_PAGE, 1);
      if
      :: entry != 0 -> access(WRITER, CPU_WRITES_PAGE, 1, 2)
      :: else -> start_walk(WRITER, WRITERS_WALK, CPU_WRITES_PAGE)
      fi;
      store = (entry != 0 -> WROTE : WALKS_FOR_ITSELF)
    }
  :: d_step {
      store == WALKS_FOR_ITSELF && w[WRITERS_WALK].stage < LEAF_READ ->
      walk_on(WRITER, WRITERS_WALK, CPU_WRITES_PAGE, 1);
      store = (faulted -> FAULTS : store)
    }
  :: d_step {
      store == WALKS_FOR_ITSELF && w[WRITERS_WALK].stage == LEAF_READ ->
      fill(WRITER, WRITERS_WALK, CPU_WRITES_PAGE);
      store = LOOKS
    }
  :: d_step { store == FAULTS && mmap_writer == NONE && vma[CPU_WRITES_PAGE] -> mmap_readers++; store = MAPS }
  :: d_step { store == FAULTS && mmap_writer == NONE && !vma[CPU_WRITES_PAGE] -> store = WROTE }
  :: d_step { store == MAPS && CAN_MAP(CPU_WRITES_PAGE) -> map_page(CPU_WRITES_PAGE, 1); store = RETURNS }
  :: d_step { store == RETURNS -> mmap_readers--; store = LOOKS }
  od
}
#endif

#if TWO_APP_CPUS
/* A CPU of the process answers the other's request for a flush: between instructions, not in the middle of a walk. */
active proctype interrupts() {
  do
  :: d_step { asked[0] -> asked[0] = 0 }
#ifdef CPU_WRITES_PAGE
  :: d_step {
      asked[1] && w[WRITERS_WALK].stage == 0 ->
      invalidate(WRITER, asked_lo, asked_hi, asked_leaf);
      asked[1] = 0;
      asked_lo = 0;
      asked_hi = 0;
      asked_leaf = 0
    }
#else
  :: d_step { asked[1] -> asked[1] = 0 }
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
      for (d : 0 .. FRAMES - 1) {
        if
        :: d < rcu_count ->
          f = rcu_list[d];
          rcu_list[d] = 0;
          give_back(f)
        :: else
        fi
      };
      rcu_count = 0
    }
  od
}
#endif
