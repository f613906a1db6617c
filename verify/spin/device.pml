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

#if ATS
#define COMPLETION(device) (a[device].completion)
#define IN_ATC(device) (a[device].page == PAGE_OF(device) + 1 && (!WRITES(device) || a[device].written))
#else
#define COMPLETION(device) false
#define IN_ATC(device) false
#endif
#define LOOKS_UP(device) (w[device].stage == 0 && action[device] < DEVICE_ACTIONS(device))

/* Look up, walk, fill, and again. With ATS the ATC first; what the IOTLB has comes into it as a completion, a step later. */
active [DEVICES] proctype device() {
  do
#if ATS
  :: d_step {
      LOOKS_UP(ME) && COMPLETION(ME) ->
      a[ME].page = PAGE_OF(ME) + 1;
      a[ME].frame = w[ME].at;
      a[ME].written = w[ME].write;
      a[ME].completion = 0;
      end_walk(ME);
      skip
    }
  :: d_step {
      LOOKS_UP(ME) && !COMPLETION(ME) && IN_ATC(ME) ->
      p = PAGE_OF(ME);
      writes = WRITES(ME);
      f = a[ME].frame;
      touch(p, writes, CPUS + ME + 1);
      action[ME]++;
      accessing[ME] = 0
    }
#endif
  :: d_step {
      LOOKS_UP(ME) && !COMPLETION(ME) && !IN_ATC(ME) ->
      p = PAGE_OF(ME);
      writes = WRITES(ME);
      look_up(IOMMU, p, writes);
      if
#if ATS
      :: entry != 0 ->
        w[ME].at = t[IOMMU].frame[entry - 1];
        w[ME].write = t[IOMMU].written[entry - 1];
        a[ME].completion = 1;
        entry = 0
#else
      :: entry != 0 ->
        access(IOMMU, p, writes, CPUS + ME + 1);
        action[ME]++
#endif
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
#if ATS
/* A device answers one Invalidate Request after the other. */
#define MUST_WAIT (queue_device[0] == 0 -> MUST_DRAIN : a[queue_device[0] - 1].asked_by != NONE)
#else
#define MUST_WAIT MUST_DRAIN
#endif

active proctype iommu() {
  do
  :: d_step {
      queued > 0 && !MUST_WAIT ->
#if ATS
      n = queue_device[0];
      if
      :: n > 0 ->
        a[n - 1].asked_by = queue_by[0] + 1;
        a[n - 1].lo = queue_lo[0];
        a[n - 1].hi = queue_hi[0]
      :: else -> invalidate(IOMMU, queue_lo[0], queue_hi[0], queue_leaf[0])
      fi;
#else
      invalidate(IOMMU, queue_lo[0], queue_hi[0], queue_leaf[0]);
#endif
      for (i : 0 .. QUEUE - 1) {
        if
        :: i + 1 < queued ->
          queue_lo[i] = queue_lo[i + 1];
          queue_hi[i] = queue_hi[i + 1];
          queue_leaf[i] = queue_leaf[i + 1];
          queue_by[i] = queue_by[i + 1];
#if ATS
          queue_device[i] = queue_device[i + 1]
#endif
        :: else ->
          queue_lo[i] = 0;
          queue_hi[i] = 0;
          queue_leaf[i] = 0;
          queue_by[i] = 0;
#if ATS
          queue_device[i] = 0
#endif
        fi
      };
      queued--
    }
  od
}

#if ATS
/* The other half of a device: drops what the request names, a completion on its way too, and answers. */
#define NAMED(device, page) (a[device].lo <= (page) && (page) < a[device].hi)
inline answer(device_) {
  if
  :: a[device_].page != NONE && NAMED(device_, a[device_].page - 1) ->
    a[device_].page = NONE;
    a[device_].frame = 0;
    a[device_].written = 0
  :: else
  fi;
  if
  :: a[device_].completion && NAMED(device_, PAGE_OF(device_)) ->
    a[device_].completion = 0;
    end_walk(device_)
  :: else
  fi;
  a[device_].asked_by = NONE;
  a[device_].lo = 0;
  a[device_].hi = 0
}

active proctype atcs() {
  do
  :: d_step { a[0].asked_by != NONE -> answer(0) }
#if DEVICES > 1
  :: d_step { a[1].asked_by != NONE -> answer(1) }
#endif
  od
}
#endif

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
