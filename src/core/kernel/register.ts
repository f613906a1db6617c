import type { Consumer } from '../consumers/consumer.ts'
import type { Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { LISTED, listedAt, noPairHeld, setListed, srcuQuiet } from '../machine/subscriptions.ts'
import type { PhaseView } from '../threads/phase.ts'
import { omitting } from '../threads/program.ts'
import { enter, leave } from './operation.ts'
import { mmOf, type Task } from './task.ts'

/*
 * Subscribers in the list come and go while invalidations run. mm/mmu_notifier.c, read as in 3.6; from 3.7 on with SRCU in place of RCU, as in
 * mails and trees of later years.
 */

const FILE = 'mm/mmu_notifier.c'

/**
 * mmu_notifier_register(): with the mmap lock and every lock of the reverse map nobody is between a start() and its end(), so nobody who
 * comes is told of an end() without its start (rule I10).
 *
 * Simplified: locks of the reverse map are not kept one by one; to take them all is to wait until no pair is under way. What it adds is
 * seen at once.
 */
export function registerSubscriber(t: Task, c: Consumer): void {
  const { asm, s } = t
  const { first, end } = mmOf(t)
  const i = s.consumers.indexOf(c)
  const add = (m: Machine, emit: Emit | undefined, next: number): number => {
    setListed(s.shape, m, i, LISTED.in)
    emit?.({ type: 'subscriber-listed', consumer: i, who: c.name })
    return next
  }
  asm.within('mmu_notifier_register', () => {
    enter(t, 'mmu_notifier_register', first, end, 'write')
    asm.beginPhase(phase('register', 'all locks of the mm'))
    asm.op({
      fn: 'mm_take_all_locks',
      file: 'mm/mmap.c',
      label: `take all locks of the reverse map, add ${c.name} to the list, drop them`,
      why: 'Pairs are made under the mmap lock or a lock of the reverse map. Who has them all knows that none is under way.',
      needs: [{ on: [s.resources.openPairs], holds: m => noPairHeld(s.shape, m), as: 'reads' }],
      blocked: () => 'a pair is under way, and its caller has a lock of the reverse map',
      run: add,
      without: [omitting('mm_take_all_locks()', add)],
    })
    leave(t, 'mmu_notifier_register', first, end, { gathers: false, writes: true, lock: 'write' })
  })
}

/**
 * mmu_notifier_unregister(): release(), out of the list, and then a grace period: when it returns no callback runs any more, and the
 * driver frees the subscription (rule I13).
 */
export function unregisterSubscriber(t: Task, c: Consumer): void {
  const { asm, s } = t
  asm.within('mmu_notifier_unregister', () => {
    release(t, c)
    unlist(t, c, LISTED.out)
    asm.op({
      fn: 'synchronize_srcu',
      file: 'kernel/rcu/srcutree.c',
      label: 'wait until nobody walks the list',
      why: 'Somebody may have found it there before it was taken out, and be in a callback of it.',
      needs: [{ on: [s.resources.openPairs], holds: m => srcuQuiet(s.shape, m), as: 'reads' }],
      blocked: () => 'somebody walks the list',
      run: (_m, _emit, next) => next,
      without: [omitting('synchronize_srcu()')],
    })
  })
  asm.op({
    fn: 'kfree',
    file: 'driver',
    label: `free ${c.name}`,
    why: 'After mmu_notifier_unregister() has returned nothing of the mm leads to it.',
    run: (m, emit, next) => {
      free(t, c, m, emit)
      return next
    },
  })
  asm.endPhases()
}

/**
 * mmu_notifier_put(), from 5.4 on: the last user takes it out of the list, and a callback of SRCU frees it later. release() is not called:
 * the driver has stopped its device before. Older kernels here unregister instead.
 *
 * Simplified: there is one user.
 */
export function putSubscriber(t: Task, c: Consumer): void {
  if (!t.s.policy.notifierPut) {
    unregisterSubscriber(t, c)
    return
  }
  release(t, c)
  t.asm.within('mmu_notifier_put', () => unlist(t, c, LISTED.put))
  t.asm.endPhases()
}

/** The end of its grace period: mmu_notifier_free_rcu(), mm/mmu_notifier.c, or the free after unregister(). */
export function free({ s }: Pick<Task, 's'>, c: Consumer, m: Machine, emit?: Emit): void {
  const i = s.consumers.indexOf(c)
  setListed(s.shape, m, i, LISTED.freed)
  c.gone?.(m)
  emit?.({ type: 'subscription-freed', consumer: i, who: c.name })
}

function release(t: Task, c: Consumer): void {
  const { asm, s } = t
  const i = s.consumers.indexOf(c)
  asm.beginPhase(phase('unregister', 'release'))
  asm.op({
    fn: 'mmu_notifier_unregister',
    file: FILE,
    label: `begin to give ${c.name} up`,
    why: 'Whoever uses it has let go of it. Callbacks may still run, and new ones begin.',
    needs: [
      {
        on: [s.resources.openPairs],
        holds: m => listedAt(s.shape, m, i) === LISTED.in && (c.idle?.(m) ?? true),
        as: 'reads',
      },
    ],
    blocked: m =>
      listedAt(s.shape, m, i) === LISTED.in ? `${c.name} is still in use` : `${c.name} has not subscribed yet`,
    run: (_m, _emit, next) => next,
  })
  c.release?.(t)
}

function unlist(t: Task, c: Consumer, to: number): void {
  const { s, asm } = t
  const i = s.consumers.indexOf(c)
  asm.op({
    fn: 'hlist_del_init_rcu',
    file: 'include/linux/rculist.h',
    label: `take ${c.name} out of the list`,
    why: 'Who comes to the list from here on does not find it. Who has found it goes on.',
    run: (m, emit, next) => {
      setListed(s.shape, m, i, to)
      emit?.({ type: 'subscriber-unlisted', consumer: i, who: c.name })
      return next
    },
  })
}

const phase = (title: string, note: string): PhaseView => ({ id: title, title, note, kind: 'work', amber: false })
