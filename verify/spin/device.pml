/*
 * Devices, the IOMMU that they share, and the worker that answers their page requests.
 */

/* By device: accesses made, and whether one is under way. */
byte action[DEVICES]
bit accessing[DEVICES]

#define PAGE_OF(device) DEVICE_PAGE(device, action[device])
#define WRITES(device) DEVICE_WRITES(device, action[device])

/* Devices come after the tasks that unmap. */
#define ME (_pid - UNMAPPERS)

/* Look up, walk, fill, and again. */
active [DEVICES] proctype device() {
  do
  :: d_step {
      w[ME].stage == 0 && action[ME] < DEVICE_ACTIONS(ME) ->
      p = PAGE_OF(ME);
      writes = WRITES(ME);
      look_up(IOMMU, p, writes);
      if
      :: entry != 0 ->
        access(IOMMU, p, writes, CPUS + ME + 1);
        action[ME]++
      :: entry == 0 && root == REAL -> start_walk(IOMMU, ME, p)
      :: entry == 0 && root != REAL -> w[ME].stage = WAITS
      fi;
      accessing[ME] = (entry == 0)
    }
  :: d_step {
      w[ME].stage >= 1 && w[ME].stage < LEAF_READ ->
      p = PAGE_OF(ME);
      writes = WRITES(ME);
      walk_on(IOMMU, ME, p, writes);
      w[ME].stage = (faulted -> WAITS : w[ME].stage)
    }
  :: d_step { w[ME].stage == LEAF_READ -> p = PAGE_OF(ME); fill(IOMMU, ME, p) }
  od
}

/* Walks that the command at the head of the queue concerns: to its pages, or about to read a table over them. */
#define CONCERNS_PAGE(device) (queue_lo[0] <= PAGE_OF(device) && PAGE_OF(device) < queue_hi[0])
#define NEXT_TABLE(device) ON_PATH(PAGE_OF(device), w[device].stage - 1)
#define OVER_ITS_PAGES(place) (FIRST_PAGE(place) < queue_hi[0] && END_PAGE(place) > queue_lo[0])
#define CONCERNS_TABLE(device) (!queue_leaf[0] && w[device].stage < LEAF_READ && OVER_ITS_PAGES(NEXT_TABLE(device)))
#define WALKS_ON(device) (w[device].stage >= 1 && w[device].stage <= LEAF_READ)
#define CONCERNED(device) (WALKS_ON(device) && (CONCERNS_PAGE(device) || CONCERNS_TABLE(device)))
#define MUST_DRAIN (DRAINS_WALKS == 1 && SOME_DEVICE(CONCERNED))

active proctype iommu() {
  do
  :: d_step {
      queued > 0 && !MUST_DRAIN ->
      invalidate(IOMMU, queue_lo[0], queue_hi[0], queue_leaf[0]);
      for (i : 0 .. QUEUE - 1) {
        if
        :: i + 1 < queued ->
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
      queued--
    }
  od
}

/* Where the worker is, and for which device. Of those that wait it takes any. */
#define IDLE 0
#define HANDLES 1
#define ANSWERS 2
byte worker
byte serves

#define ASKS(device) (worker == IDLE && w[device].stage == WAITS)
#define EVADES (DRIVER == EMPTY_TABLE && nesting > 0)
#define LOOKS_FOR_VMA (!EVADES && mmap_writer == NONE)

inline take_request(device_) {
  if
  :: d_step { ASKS(device_) && EVADES -> w[device_].stage = 0 }
  :: d_step { ASKS(device_) && LOOKS_FOR_VMA && !vma[PAGE_OF(device_)] -> w[device_].stage = STOPPED }
  :: d_step {
      ASKS(device_) && LOOKS_FOR_VMA && vma[PAGE_OF(device_)] ->
      mmap_readers++;
      serves = device_;
      worker = HANDLES
    }
  fi
}

active proctype fault_worker() {
  do
  :: take_request(0)
#if DEVICES > 1
  :: take_request(1)
#endif
  :: d_step {
      worker == HANDLES && CAN_MAP(PAGE_OF(serves)) ->
      p = PAGE_OF(serves);
      writes = WRITES(serves);
      map_page(p, writes);
      worker = ANSWERS
    }
  :: d_step {
      worker == ANSWERS ->
      mmap_readers--;
      w[serves].stage = 0;
      serves = 0;
      worker = IDLE
    }
  od
}
