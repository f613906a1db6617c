/*
 * A page of a process is memory of its VM. CPU 0 zaps it with madvise(MADV_DONTNEED); vCPUs read it and write it; KVM itself writes
 * it through a pfn cache; a second process takes frames. No device, so no IOMMU. A scenario defines how much of each there is.
 *
 * A model by itself: nothing of machine.pml is needed but the ways of counting. Everybody is one loop, and where it stands is a
 * variable. Frames: 0 the kernel's, 1 to 4 tables, 5 the page, the others free.
 *
 *   -DKERNEL=606 -DARM64=0, and of KVM:
 */

#ifndef ARM64
#define ARM64 0
#endif
/* arm64: the sequence is sampled before the VMA is read. */
#ifndef SEQUENCE_FIRST
#define SEQUENCE_FIRST (KERNEL >= 603)
#endif
/* A pfn cache asks for the count that is raised before caches are dropped. */
#ifndef CACHE_ASKS_FOR_ACTIVE
#define CACHE_ASKS_FOR_ACTIVE 1
#endif

#define NONE 0
#define FRAMES (6 + FREE_FRAMES)
#define FREE 0
#define PAGE 1
#define OTHER 2
#define KERNELS 3

byte use[FRAMES] = USES
byte references[FRAMES] = REFERENCES
byte writer[FRAMES]
byte free_list[FRAMES] = FREE_LIST
byte free_count = FREE_FRAMES

/* Frame + 1 that the PTE names, and whether it is dirty. The page-table lock is held by CPU 0 or by nobody. */
byte pte = 6
bit dirty = 1
bit ptl

#define I1_USED_AFTER_FREE 1
#define I4_FREED_TOO_EARLY 4
#define I10_PAIRING_BROKEN 16
#define I9_UNSOUND 32
byte damage

/* Harm is done. Where only that is asked, it is said in the step that does it. */
inline harm(rule) {
#ifdef ASK_VERDICT
  assert(false)
#else
  damage = damage | rule
#endif
}

/* ---- KVM ---- */

/* mmu_lock: whose number. vCPUs come after the CPU. */
#define CPU_HAS 1
#define VCPU_HAS(vcpu) ((vcpu) + 2)
byte mmu_lock
byte in_progress
byte seq
byte opened
/* Frame + 1. An SPTE is writable: the page is. */
byte spte
byte cache
/* I9: an invalidation has dropped the SPTE, the cache, and is not over. */
bit zapped
bit dropped

/* Who finds out about the page for KVM: vCPUs, and after them the pfn cache. */
#define CACHE VCPUS
typedef Thread {
  byte at;
  byte seq;
  byte frame;
  bit reads;
  bit outdated
}
Thread t[VCPUS + 1]

byte cpu
byte allocated
byte access[VCPUS]
byte written

#ifdef ASK_HARM
#define SCRATCH byte
#else
#define SCRATCH hidden byte
#endif
SCRATCH f, n, i

/* ---- Frames ---- */

inline put(frame_) {
  references[frame_]--;
  if
  :: references[frame_] == 0 ->
    if
    :: spte == frame_ + 1 || cache == frame_ + 1 -> damage = damage | I4_FREED_TOO_EARLY
    :: else
    fi;
    use[frame_] = FREE;
    free_list[free_count] = frame_;
    free_count++
  :: else
  fi
}

inline take_frame(what) {
  free_count--;
  n = free_list[free_count];
  free_list[free_count] = 0;
  use[n] = what;
  references[n] = 1;
  writer[n] = 0
}

inline touch(frame_, writes, who) {
  if
  :: use[frame_] != PAGE -> harm(I1_USED_AFTER_FREE)
  :: else
  fi;
  if
  :: writes -> writer[frame_] = who
  :: else
  fi
}

/* ---- What both threads do ---- */

inline reference(x) {
  f = pte - 1;
  t[x].frame = pte;
  t[x].reads = 1;
  references[f]++
}

/* A page fault for a guest: the page, if nobody has been faster. */
#define CAN_MAP (!ptl && (pte != NONE || free_count > 0))
inline map_page(writes) {
  if
  :: pte != NONE -> dirty = dirty || writes
  :: else ->
    take_frame(PAGE);
    pte = n + 1;
    dirty = writes
  fi
}

inline let_go(x) {
  f = t[x].frame;
  t[x].frame = NONE;
  t[x].seq = 0;
  t[x].reads = 0;
  t[x].outdated = 0;
  if
  :: f != NONE -> put(f - 1)
  :: else
  fi
}

#define MUST_RETRY(x) (in_progress > 0 || seq != t[x].seq)

/* ---- The zap ---- */

#define FLUSHES_VMA 10
#define ENDS 11
#define CPU_DONE 19

active proctype zapping_cpu() {
  do
  /* The mmap lock, which nobody takes for writing; the gather; start() is called. */
  :: d_step { cpu < 3 -> cpu++ }
  :: d_step { cpu == 3 -> opened++; cpu = 4 }
  :: d_step { cpu == 4 -> dropped = 1; cache = NONE; cpu = 5 }
  :: d_step { cpu == 5 && mmu_lock == NONE -> mmu_lock = CPU_HAS; in_progress++; cpu = 6 }
  :: d_step { cpu == 6 -> zapped = 1; spte = NONE; mmu_lock = NONE; cpu = 7 }
  /* The PTE is cleared under its lock; arm64 flushes the VMA. */
  :: d_step { cpu == 7 -> ptl = 1; cpu = 8 }
  :: d_step { cpu == 8 -> pte = NONE; dirty = 0; cpu = 9 }
  :: d_step { cpu == 9 -> ptl = 0; cpu = (ARM64 -> FLUSHES_VMA : ENDS) }
  :: d_step { cpu == FLUSHES_VMA -> cpu = ENDS }
  /* end() is called. */
  :: d_step { cpu == ENDS -> cpu = 12 }
  :: d_step {
      cpu == 12 && mmu_lock == NONE ->
      mmu_lock = CPU_HAS;
      zapped = 0;
      for (i : 0 .. VCPUS) { t[i].outdated = t[i].outdated || t[i].reads };
      seq++;
      cpu = 13
    }
  :: d_step { cpu == 13 -> in_progress--; mmu_lock = NONE; cpu = 14 }
  :: d_step { cpu == 14 -> opened--; dropped = 0; cpu = 15 }
  /* The last flush, the free, the return. */
  :: d_step { cpu == 15 -> cpu = 16 }
  :: d_step { cpu == 16 -> put(5); cpu = 17 }
  :: d_step { cpu == 17 -> cpu = CPU_DONE }
  od
}

active proctype second_process() {
  do
  :: d_step { allocated < ALLOCATIONS && free_count > 0 -> take_frame(OTHER); writer[n] = 2; allocated++ }
  od
}

/* ---- The guest ---- */

#define IN_GUEST 0
#define SAMPLES 1
#define ASKS_FIRST 2
#define LOOKS 3
#define LOCKS_MM 4
#define FAULTS 5
#define ASKS_AGAIN 6
#define CHECKS 7
#define MAPS 8
#define RELEASES 9
#define LOOKS_UP_VMA 10

#if ARM64
#define AFTER_EXIT (SEQUENCE_FIRST -> SAMPLES : LOOKS_UP_VMA)
#define AFTER_SAMPLE (SEQUENCE_FIRST -> LOOKS_UP_VMA : LOOKS)
#define AFTER_VMA (SEQUENCE_FIRST -> LOOKS : SAMPLES)
#define AFTER_LOOK CHECKS
#else
#define AFTER_EXIT SAMPLES
#define AFTER_SAMPLE ASKS_FIRST
#define AFTER_VMA LOOKS
#define AFTER_LOOK ASKS_AGAIN
#endif

#define VCPU (_pid - 2)
#define V t[VCPU].at
#define MADE access[VCPU]

/* Each reads the page and writes it in turn. */
active [VCPUS] proctype vcpu() {
  do
  :: d_step {
      V == IN_GUEST && MADE < ACCESSES && spte != NONE ->
      f = spte - 1;
      touch(f, MADE % 2, VCPU + 3);
      MADE++
    }
  :: d_step { V == IN_GUEST && MADE < ACCESSES && spte == NONE -> V = AFTER_EXIT }
  :: d_step { V == SAMPLES -> t[VCPU].seq = seq; V = AFTER_SAMPLE }
  :: d_step { V == LOOKS_UP_VMA -> t[VCPU].reads = 1; V = AFTER_VMA }
  :: d_step { V == ASKS_FIRST && MUST_RETRY(VCPU) -> let_go(VCPU); V = IN_GUEST }
  :: d_step { V == ASKS_FIRST && !MUST_RETRY(VCPU) -> V = LOOKS }
  :: d_step { V == LOOKS && pte != NONE -> reference(VCPU); V = AFTER_LOOK }
  :: d_step { V == LOOKS && pte == NONE -> V = LOCKS_MM }
  :: d_step { V == LOCKS_MM -> V = FAULTS }
  :: d_step { V == FAULTS && CAN_MAP -> map_page(MADE % 2); reference(VCPU); V = AFTER_LOOK }
  :: d_step { V == ASKS_AGAIN && MUST_RETRY(VCPU) -> let_go(VCPU); V = IN_GUEST }
  :: d_step { V == ASKS_AGAIN && !MUST_RETRY(VCPU) -> V = CHECKS }
  :: d_step { V == CHECKS && mmu_lock == NONE -> mmu_lock = VCPU_HAS(VCPU); V = (MUST_RETRY(VCPU) -> RELEASES : MAPS) }
  :: d_step {
      V == MAPS ->
      spte = t[VCPU].frame;
      if
      :: zapped || t[VCPU].outdated -> harm(I9_UNSOUND)
      :: else
      fi;
      V = RELEASES
    }
  :: d_step { V == RELEASES -> mmu_lock = NONE; let_go(VCPU); V = IN_GUEST }
  od
}

/* ---- The pfn cache ---- */

#define UNUSED 0
#define REFRESHES 1
#define USED 7
#define C t[CACHE].at
#define COUNT (CACHE_ASKS_FOR_ACTIVE -> opened : in_progress)
#define CACHE_RETRIES (COUNT > 0 || seq != t[CACHE].seq)

/* KVM writes the page, as often as it is to. */
active proctype pfn_cache() {
  do
  :: d_step {
      C == UNUSED && cache != NONE ->
      f = cache - 1;
      touch(f, 1, VCPUS + 3);
      written++;
      C = (written == CACHE_WRITES -> USED : UNUSED)
    }
  :: d_step { C == UNUSED && cache == NONE -> C = REFRESHES }
  :: d_step { C == REFRESHES -> t[CACHE].seq = seq; C = LOOKS }
  :: d_step { C == LOOKS && pte != NONE -> reference(CACHE); C = CHECKS + 2 }
  :: d_step { C == LOOKS && pte == NONE -> C = LOCKS_MM }
  :: d_step { C == LOCKS_MM -> C = FAULTS }
  :: d_step { C == FAULTS && CAN_MAP -> map_page(1); reference(CACHE); C = CHECKS + 2 }
  :: d_step { C == CHECKS + 2 && CACHE_RETRIES -> let_go(CACHE); C = REFRESHES }
  :: d_step {
      C == CHECKS + 2 && !CACHE_RETRIES ->
      cache = t[CACHE].frame;
      if
      :: dropped || t[CACHE].outdated -> harm(I9_UNSOUND)
      :: else
      fi;
      C = RELEASES + 2
    }
  :: d_step { C == RELEASES + 2 -> let_go(CACHE); C = UNUSED }
  od
}

/* ---- What is asked: one thing a run ---- */

#define GUEST_DONE(vcpu) (access[vcpu] == ACCESSES && t[vcpu].at == IN_GUEST)
#if VCPUS == 1
#define GUESTS_DONE GUEST_DONE(0)
#else
#define GUESTS_DONE (GUEST_DONE(0) && GUEST_DONE(1))
#endif
#define EVERYBODY_DONE (cpu == CPU_DONE && allocated == ALLOCATIONS && GUESTS_DONE && C == USED)

#if defined(ASK_DEADLOCK) || defined(ASK_VERDICT)
active proctype nobody_stuck() {
  do
  :: timeout && !EVERYBODY_DONE -> assert(false)
  od
}
#endif

#ifdef ASK_HARM
active proctype nobody_harmed() {
  do
  :: (damage & I1_USED_AFTER_FREE) != 0 -> assert(false)
  od
}
#endif

#ifdef ASK_RULES
active proctype rules() {
  do
  :: (damage & I1_USED_AFTER_FREE) != 0 -> printf("I1")
  :: (damage & I4_FREED_TOO_EARLY) != 0 -> printf("I4")
  :: (damage & I9_UNSOUND) != 0 -> printf("I9")
  :: (damage & I10_PAIRING_BROKEN) != 0 -> printf("I10")
  od
}
#endif
