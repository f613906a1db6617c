/*
 * tlb_flush_mmu_tlbonly() of the gather, at one of three places: SITE. On arm64, since the flush of the architecture calls the
 * notifier, secondary TLBs are told before the CPUs have answered. The last step forgets the range.
 */

#if SITE == LAST && NESTED_GATHER_FORCES_FLUSH
#define FORCED (gathers > 1)
#else
#define FORCED false
#endif
#if SITE == VMA_END
#define TELLS TELLS_AT_VMA_END
#else
#define TELLS TELLS_AT_FLUSH
#endif

if
#if SITE == LAST
:: d_step { g.hi == 0 && !FORCED && g.count == 0 -> skip }; goto leave
:: d_step { g.hi == 0 && !FORCED && g.count > 0 -> skip }
#else
:: d_step { g.hi == 0 -> skip }
#endif
:: d_step {
    g.hi > 0 || FORCED ->
    if
    :: FORCED ->
      g.all = 1;
      g.tables = 1
    :: else
    fi;
    /* This CPU's own TLB is empty: no task here both accesses and unmaps. */
#if TWO_APP_CPUS
    asked[1 - _pid] = 1;
#ifdef CPU_WRITES_PAGE
    asked_lo = (g.all -> 0 : g.lo);
    asked_hi = (g.all -> PAGES : g.hi);
    asked_leaf = (ARM64 == 1 && !g.tables);
#endif
#endif
#if !TWO_APP_CPUS && !TELLS
    flush_done()
#else
    skip
#endif
  };
#if TWO_APP_CPUS && !(TELLS && TELLS_BEFORE_CPUS_ANSWER)
  d_step {
    !asked[1 - _pid] ->
#if TELLS
    skip
#else
    flush_done()
#endif
  };
#endif
#if TELLS
  d_step { !QUEUE_FULL -> tell() };
#if TWO_APP_CPUS && TELLS_BEFORE_CPUS_ANSWER
  wait_for_queue(_pid);
  d_step { !asked[1 - _pid] -> flush_done() };
#else
  d_step { COMPLETED(_pid) -> flush_done() };
#endif
#endif
fi;

#undef FORCED
#undef TELLS
