/*
 * What is asked, by macro: one thing a run.
 */

#ifdef CPU_WRITES_PAGE
#define HAS_WRITTEN (store == WROTE)
#else
#define HAS_WRITTEN true
#endif
#define DEVICE_ACTIVE(device) (action[device] < DEVICE_ACTIONS(device) && w[device].stage != STOPPED)
#define TASKS_DONE (returned == UNMAPPERS && HAS_WRITTEN && allocated == ALLOCATIONS)
#define EVERYBODY_DONE (TASKS_DONE && queued == 0 && !SOME_DEVICE(DEVICE_ACTIVE))

#if defined(ASK_DEADLOCK) || defined(ASK_VERDICT)
/* Nobody can move, and somebody is not done. */
active proctype nobody_stuck() {
  do
  :: timeout && !EVERYBODY_DONE -> assert(false)
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
#if ATS
/* A device has an Invalidate Request to answer, and the IOTLB's command of the same flush, for some of the same pages, is still to come. */
#define SAME_FLUSH(slot, device) (IN_QUEUE(slot, a[device].asked_by - 1) && queue_device[slot] == 0)
#define STILL_TO_COME(slot, device) (SAME_FLUSH(slot, device) && queue_lo[slot] < a[device].hi && queue_hi[slot] > a[device].lo)
#define ASKED_TOO_EARLY(device) (a[device].asked_by != NONE && (STILL_TO_COME(0, device) || STILL_TO_COME(1, device) || \
  STILL_TO_COME(2, device) || STILL_TO_COME(3, device)))
#define ATC_BEFORE_IOTLB SOME_DEVICE(ASKED_TOO_EARLY)
#else
#define ATC_BEFORE_IOTLB false
#endif

/* Which rules can be broken: those whose print is reached. */
active proctype rules() {
  do
  :: (damage & I1_USED_AFTER_FREE) != 0 -> printf("I1")
  :: (damage & I2_WALKED_AFTER_FREE) != 0 -> printf("I2")
  :: (damage & I4_FREED_TOO_EARLY) != 0 -> printf("I4")
  :: (damage & I5_NOT_COVERED) != 0 -> printf("I5")
  :: (damage & I10_PAIRING_BROKEN) != 0 -> printf("I10")
  :: ATC_BEFORE_IOTLB -> printf("I11")
  od
}
#endif
