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
