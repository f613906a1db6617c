import type { Task } from './task.ts'

/**
 * mm_users, as far as it is known before the run: tasks that run in the mm, and threads of VMs, which are threads of the process. A CPU
 * in lazy TLB mode holds mm_count, and so does a driver that has subscribed.
 * Simplified: the I/O page fault worker takes mm_users for as long as it handles a fault, and is not counted.
 */
const mmUsers = ({ s, mm }: Task): number =>
  s.cpus.filter(cpu => cpu.mm === mm && !cpu.lazy).length +
  (mm === 0 ? s.consumers.reduce((sum, c) => sum + c.threads.length, 0) : 0)

/** tlb_remove_table() up to 4.18, mm/memory.c: with fewer than two users nobody else is thought to walk, and the table is freed on the spot. */
export const freesTablesAtOnce = (t: Task): boolean =>
  t.s.policy.tableFree === 'rcu' && t.s.policy.singleUserTableShortcut && mmUsers(t) < 2
