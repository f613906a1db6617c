import { consumersOf, type NotifierCall } from '../consumers/consumer.ts'
import { add, type Machine } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import { setStartRefused, startRefused } from '../machine/refusals.ts'
import { holdPair, LISTED, listedAt } from '../machine/subscriptions.ts'
import type { Label } from '../threads/program.ts'
import { itreeInvEnd } from './interval-tree.ts'
import { endOfList } from './notifier-list.ts'
import { subscribed, type Task } from './task.ts'

const FILE = 'mm/mmu_notifier.c'

/**
 * The end of a start() that must not block: has anybody answered -EAGAIN? Then nothing is invalidated and the caller must not call end().
 * A refusal in the interval tree is the first, and ends the tree's invalidation at once; nobody in the list has been called. In the list
 * everybody is called, whoever refuses; since 5.12 the end() of all that have one is called then (policy.endOnFailedStart), before it was
 * not: whoever counts starts and ends had one too many (B20, rule I10).
 *
 * Kernel: mn_itree_invalidate(), mn_hlist_invalidate_range_start() mm/mmu_notifier.c, read as in 5.5 and 5.6, and the patch of
 * c2655835fd8c. As there, a refusal in the list does not end the invalidation of the tree.
 */
export function startMayFail(t: Task, call: NotifierCall, to: { readonly tree: Label; readonly refused: Label }): void {
  const { asm, s } = t
  const consumers = consumersOf(t)
  const started = asm.label()
  const counting = consumers.filter(c => c.subscribed === 'list' && c.end !== undefined)
  const unended = (m: Machine): string[] => [
    ...(subscribed(t) && s.policy.driver !== 'notifier' ? ['the IOMMU driver'] : []),
    ...counting.filter(c => listedAt(s.shape, m, s.consumers.indexOf(c)) === LISTED.in).map(c => c.name),
  ]
  asm.op({
    fn: 'mn_hlist_invalidate_range_start',
    file: FILE,
    label: m => (startRefused(s.shape, m, t.cpu) ? 'see that somebody has refused' : 'see that nobody has refused'),
    why: 'Everybody in the list has been called by now, also after the first refusal.',
    run: (m, _emit, next) => (startRefused(s.shape, m, t.cpu) ? next : started.at),
    goes: ['next', started],
  })
  if (s.policy.endOnFailedStart) asm.within('mn_hlist_invalidate_range_start', () => endOfList(t, call, () => {}))
  asm.op({
    fn: '__mmu_notifier_invalidate_range_start',
    file: FILE,
    label: 'return -EAGAIN: nothing is invalidated, and there will be no end()',
    why: 'Who was told of a start and counts it needs an end. The caller must not make it: for those who refused there was no start.',
    run: (m, emit) => {
      setStartRefused(s.shape, m, t.cpu, false)
      add(m, s.shape.openPairs, t.mm, -1)
      holdPair(s.shape, m, -1)
      const names = s.policy.endOnFailedStart ? [] : unended(m)
      if (names.length > 0) {
        noteDamage(s, m, DAMAGE.pairingBroken)
        emit?.({ type: 'pairing-broken', why: `start() of ${names.join(' and ')} was called, and end() never will be` })
      }
      return to.refused.at
    },
    goes: [to.refused],
  })
  asm.place(to.tree)
  asm.within('mn_itree_invalidate', () => itreeInvEnd(t, consumers, call.lo, call.hi, 'refused'))
  asm.op({
    fn: '__mmu_notifier_invalidate_range_start',
    file: FILE,
    label: 'return -EAGAIN: nobody in the list is called',
    why: 'The tree comes first. Its invalidation is over again, and nobody else has been told of anything.',
    run: m => {
      add(m, s.shape.openPairs, t.mm, -1)
      holdPair(s.shape, m, -1)
      return to.refused.at
    },
    goes: [to.refused],
  })
  asm.place(started)
}
