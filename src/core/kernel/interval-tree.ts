import type { Consumer, IntervalSub } from '../consumers/consumer.ts'
import { get, type Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { itreeEnd, itreeHolder, itreeLock, itreeStart } from '../machine/mirror.ts'
import type { Setup } from '../machine/setup.ts'
import type { Need } from '../threads/footprint.ts'
import type { Label } from '../threads/program.ts'
import { holderName, type Task } from './task.ts'

/*
 * The mm's side of interval notifiers: mn_itree_invalidate() and mn_itree_inv_end(), mm/mmu_notifier.c, read as in 6.6.
 * Simplified: mm->notifier_subscriptions is there from the start.
 */

const FILE = 'mm/mmu_notifier.c'

/** spin_lock(&subscriptions->lock) */
export const itreeFree = (s: Setup): Need => ({
  on: [s.resources.openPairs],
  holds: m => itreeHolder(s.shape.itree, m) === 0,
  as: 'reads',
})

export const itreeBlocked =
  (s: Setup) =>
  (m: Machine): string =>
    `subscriptions->lock is held by ${holderName(s, itreeHolder(s.shape.itree, m))}`

/** invalidate_seq as the kernel has it, which begins with 2. */
export const itreeSeq = (s: Setup, m: Machine): number => get(m, s.shape.itree.seq, 0) + 2

const overlaps = ({ first, end }: IntervalSub, lo: number, hi: number): boolean => first < hi && end > lo

/** Its callback is called for pages [lo, hi), as long as it is in the tree. */
export const concernsSub = ({ interval }: Consumer, lo: number, hi: number): boolean =>
  interval !== undefined && overlaps(interval, lo, hi)

const subsOf = (consumers: readonly Consumer[]): readonly IntervalSub[] =>
  consumers.flatMap(c => (c.interval === undefined ? [] : [c.interval]))

/** N1: mn_itree_inv_start_range(). Nothing where nobody is in the tree; where nobody is found in it, it goes on at `none`. */
export function itreeInvalidate(t: Task, consumers: readonly Consumer[], lo: number, hi: number, none: Label): void {
  const { s, asm } = t
  const { itree } = s.shape
  const subs = subsOf(consumers)
  if (subs.length === 0) return
  asm.op({
    fn: 'mn_itree_inv_start_range',
    file: FILE,
    label: 'count one invalidation more; make invalidate_seq odd if it concerns a subscriber',
    why: 'While the sequence is odd the tree does not change, and whoever wants to read pages for a device has to sleep.',
    needs: [itreeFree(s)],
    blocked: itreeBlocked(s),
    run: (m, emit, next) => {
      const found = subs.filter(sub => overlaps(sub, lo, hi) && sub.linked(m))
      for (const sub of found) sub.touched(m, emit)
      itreeStart(itree, m, found.length > 0)
      const [seq, active, concerns] = [itreeSeq(s, m), get(m, itree.active, 0), found.length > 0]
      emit?.({ type: 'itree-started', seq, active, concerns })
      return concerns || !subs.some(sub => sub.changes) ? next : none.at
    },
    goes: subs.some(sub => sub.changes) ? ['next', none] : ['next'],
  })
}

/**
 * N4: mn_itree_inv_end(). Whoever waits for the sequence may go on; what was to be taken out of the tree is. refused: it ends a start that
 * nobody has been told of.
 */
export function itreeInvEnd(
  t: Task,
  consumers: readonly Consumer[],
  lo: number,
  hi: number,
  start: 'told' | 'refused' = 'told',
): void {
  const { s, asm } = t
  const { itree } = s.shape
  const subs = subsOf(consumers)
  if (subs.length === 0) return
  const inTwo = subs.some(sub => sub.changes)
  const after = asm.label()
  const tell = (m: Machine, last: boolean, emit?: Emit): void =>
    emit?.({ type: 'itree-ended', seq: itreeSeq(s, m), active: get(m, itree.active, 0), last })
  asm.within('mn_itree_inv_end', () => {
    asm.op({
      fn: 'mn_itree_inv_end',
      file: FILE,
      label: 'count one invalidation less; after the last one make invalidate_seq even',
      why: 'Another invalidation that still runs keeps the sequence odd, whichever pages it is about.',
      needs: [itreeFree(s)],
      blocked: itreeBlocked(s),
      run: (m, emit, next) => {
        if (start === 'told') for (const sub of subs) if (overlaps(sub, lo, hi)) sub.ended(m, lo, hi)
        const last = itreeEnd(itree, m)
        if (last && inTwo) itreeLock(itree, m, t.holder)
        tell(m, last, emit)
        return last ? next : after.at
      },
      goes: ['next', after],
    })
    if (inTwo) takeOut()
  })
  asm.place(after)

  function takeOut(): void {
    asm.op({
      fn: 'interval_tree_remove',
      file: 'include/linux/interval_tree_generic.h',
      label: 'put into the tree, or take out, what is on the deferred list; drop the lock',
      why: 'What came during the invalidation was put off until now. Who asked for a removal must not go on before this.',
      run: (m, emit, next) => {
        for (const sub of subs) sub.settle(m, emit)
        itreeLock(itree, m, 0)
        return next
      },
    })
  }
}
