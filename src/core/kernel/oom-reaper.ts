import { consumersOf } from '../consumers/consumer.ts'
import { REVOKED } from '../machine/promises.ts'
import { missReap, REAP_TRIES, reapAgain, reapDone, reapMissed, reapTries } from '../machine/refusals.ts'
import type { Label } from '../threads/program.ts'
import { mmapUnlock } from './mmap-lock.ts'
import { tlbGatherMmu } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import { mmOf, setCursor, subscribed, type Task } from './task.ts'
import { decTlbFlushPending, tlbFinishMmu } from './tlb-finish.ts'
import { unmapVmas } from './unmap-vmas.ts'

const FILE = 'mm/oom_kill.c'

/**
 * The OOM reaper: a kernel thread that frees the anonymous memory of a process that is being killed, while threads of it may still run.
 *
 * Kernel: __oom_reap_task_mm() mm/oom_kill.c, from 4.6 on. Up to 4.14 one gather over all addresses, from 4.15 on one for each VMA
 * (policy.oomReaperGather); up to 4.18 an mm that somebody has subscribed to is left alone (policy.oomReaperTells).
 * It must not block: where start() is refused the VMA is left out, and all of it tried again after 100 ms, until it gives up.
 * Simplified: the lock is waited for, where the kernel tries ten times; two tries in all, where it has ten; MMF_UNSTABLE is not kept, so a
 * fault after it gets a new page.
 */
export function oomReap(task: Task): void {
  const { first, end } = mmOf(task)
  const one = task.s.policy.oomReaperGather === 'one-for-all'
  // unmap_page_range() is called directly: there is no tlb_end_vma().
  const s = { ...task.s, policy: { ...task.s.policy, mergeVmas: true } }
  const t: Task = { ...task, s, range: [first, end], ...(one ? { fullmm: true } : {}) }
  const { asm } = t
  const vmas = s.regions.filter(r => r.mm === t.mm && r.kind === 'anon')
  const heard = subscribed(t) || consumersOf(t).length > 0
  const alone = heard && s.policy.oomReaperTells === 'left-alone'
  const mayMiss = !alone && !one && vmas.length > 0 && consumersOf(t).some(c => c.refuses)
  const again = asm.label()
  asm.within('oom_reap_task_mm', () => {
    asm.place(again)
    enter(t, 'oom_reaper', first, end, 'read')
    if (alone) leaveAlone(t)
    else if (one) {
      beginGather(t, 'begin one gather for all addresses')
      for (const vma of vmas) unmapVmas(t, vma.first, vma.end)
      tlbFinishMmu(t)
    } else {
      for (const [i, vma] of vmas.entries()) {
        if (i > 0) nextVma(t)
        reapVma({ ...t, range: [vma.first, vma.end] })
      }
    }
    if (mayMiss) tryAgain(t, again)
    const gathers = !alone && vmas.length > 0
    leave(t, 'oom_reaper', first, end, { gathers, writes: false, lock: 'read', promises: () => REVOKED.nothing })
  })
}

/** A gather and a start/end pair of its own. */
function reapVma(t: Task): void {
  const { asm, s } = t
  const [lo, hi] = t.range
  const [refused, done] = [asm.label(), asm.label()]
  const mayMiss = consumersOf(t).some(c => c.refuses)
  beginGather(t, 'begin to gather, for this VMA')
  invalidateRangeStart(t, 'CLEAR', lo, hi, { refused })
  unmapVmas(t, lo, hi)
  invalidateRangeEnd(t, 'CLEAR', lo, hi)
  tlbFinishMmu(t)
  if (!mayMiss) {
    asm.place(refused)
    return
  }
  asm.op({
    fn: '__oom_reap_task_mm',
    file: FILE,
    label: 'be done with this VMA',
    why: 'What it had is free, and nothing waits for a flush.',
    run: () => done.at,
    goes: [done],
  })
  asm.place(refused)
  asm.op({
    fn: '__oom_reap_task_mm',
    file: FILE,
    label: 'leave this VMA out: start() was refused',
    why: 'Nothing was unmapped, so there is nothing to flush.',
    run: (m, _emit, next) => {
      missReap(s.shape, m, t.cpu)
      return next
    },
  })
  asm.place(done)
}

/** oom_reap_task(): the lock is dropped, and everything tried again; or it gives up. */
function tryAgain(t: Task, again: Label): void {
  const { s } = t
  const { shape } = s
  t.asm.op({
    fn: 'oom_reap_task',
    file: FILE,
    label: m =>
      !reapMissed(shape, m, t.cpu)
        ? 'see that nothing was left out'
        : reapTries(shape, m, t.cpu) + 1 < REAP_TRIES
          ? 'sleep for 100 ms, and try again'
          : 'give up',
    why: 'Who refused may be able to by then. If not, the process has to die without the reaper’s help.',
    run: (m, emit, next) => {
      if (!reapMissed(shape, m, t.cpu)) {
        reapDone(shape, m, t.cpu)
        return next
      }
      const more = reapAgain(shape, m, t.cpu)
      emit?.({ type: 'reap-put-off', givesUp: !more })
      if (!more) return next
      decTlbFlushPending(t, m)
      setCursor(t, m, 0)
      mmapUnlock(s, m, t.holder, t.mm)
      emit?.({ type: 'mmap-lock-released' })
      return again.at
    },
    goes: ['next', again],
  })
}

function beginGather(t: Task, label: string): void {
  t.asm.op({
    fn: 'tlb_gather_mmu',
    file: 'mm/mmu_gather.c',
    label,
    why: 'The process is being killed and is not dead: its threads may run until they notice.',
    run: (m, emit, next) => {
      tlbGatherMmu(t, m, emit)
      return next
    },
  })
}

/** Between two VMAs: the gather of the one before is over. */
function nextVma(t: Task): void {
  t.asm.op({
    fn: '__oom_reap_task_mm',
    file: FILE,
    label: 'go on with the next VMA',
    why: 'Nothing of the VMA before is waiting for a flush any more.',
    run: (m, _emit, next) => {
      decTlbFlushPending(t, m)
      setCursor(t, m, 0)
      return next
    },
  })
}

function leaveAlone(t: Task): void {
  t.asm.op({
    fn: '__oom_reap_task_mm',
    file: FILE,
    label: 'find subscribers, and leave the process alone',
    why: 'A callback might sleep, and might wait for memory: the reaper is there because there is none.',
    run: (_m, _emit, next) => next,
  })
}
