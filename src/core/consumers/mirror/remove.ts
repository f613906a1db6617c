import { itreeBlocked, itreeFree } from '../../kernel/interval-tree.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import { itreeHolder, itreeInvalidating, SUB, subAt } from '../../machine/mirror.ts'
import type { ProgramBuilder } from '../../threads/program.ts'
import type { Steps } from '../steps.ts'
import { dropEntries, lockBlocked, lockFree, type Mirror, who } from './device.ts'

export const REMOVE_STEPS = ['stop the device', 'remove', 'wait', 'free'] as const

/**
 * The driver gives the mirror up: it takes the device's translations away, removes its subscription and frees it. While an invalidation
 * runs the tree must not change, so the removal is put off until its end, and the driver has to wait for that (B21).
 *
 * Kernel: mmu_interval_notifier_remove(), mm/mmu_notifier.c, read as in 6.6; before it like ib_umem_odp_release(),
 * drivers/infiniband/core/umem_odp.c.
 */
export function removeMirror(v: Mirror, asm: ProgramBuilder, steps: Steps): void {
  const { s, facts, k, t } = v
  if (!s.policy.intervalNotifiers || !s.policy.configMmuNotifier) return
  const { itree } = s.shape
  const free = asm.label()
  const released = s.policy.deferredRemoveWait === 'seq-released'
  const changed = (m: Machine): boolean => get(m, itree.seq, 0) + 2 !== get(m, t.seq, 0)

  steps.at(asm, 'stop the device')
  asm.op({
    fn: facts.kind === 'odp' ? 'ib_umem_odp_unmap_dma_pages' : 'driver teardown',
    file: facts.kind === 'odp' ? 'drivers/infiniband/core/umem_odp.c' : 'driver',
    label: `under ${v.lockName}: clear all device PTEs, flush the device’s TLB`,
    why: 'The device is done with these pages. Nothing of it may be left when nobody hears of invalidations any more.',
    needs: [lockFree(v)],
    blocked: lockBlocked(v),
    run: (m, emit, next) => {
      const dropped = dropEntries(k.pte, m, facts.first, facts.end)
      dropEntries(k.tlb, m, facts.first, facts.end)
      emit?.({ type: 'device-ptes-cleared', ...who(v), dropped })
      return next
    },
  })
  asm.within('mmu_interval_notifier_remove', () => {
    steps.at(asm, 'remove')
    asm.op({
      fn: 'mmu_interval_notifier_remove',
      file: 'mm/mmu_notifier.c',
      label: m =>
        itreeInvalidating(itree, m) && subAt(k, m) !== SUB.deferredIn
          ? 'put the subscription on the deferred list'
          : 'take the subscription out of the tree',
      why: 'Invalidations walk the tree without its lock. So it does not change while one of them runs.',
      needs: [itreeFree(s)],
      blocked: itreeBlocked(s),
      run: (m, emit, next) => {
        // One that is still to be put in is only taken off the list.
        const deferred = itreeInvalidating(itree, m) && subAt(k, m) !== SUB.deferredIn
        set(m, k.sub, 0, deferred ? SUB.deferred : SUB.out)
        if (deferred) set(m, t.seq, 0, get(m, itree.seq, 0) + 2)
        emit?.({ type: 'interval-removed', ...who(v), deferred })
        return deferred ? next : free.at
      },
      goes: ['next', free],
    })
    steps.at(asm, 'wait')
    asm.op({
      fn: released ? 'mmu_interval_seq_released' : 'wait_event',
      file: 'mm/mmu_notifier.c',
      label: released
        ? 'see, under the lock, that invalidate_seq is another'
        : 'see, without the lock, that invalidate_seq is another',
      why: released
        ? 'Who raises the sequence keeps the lock until the deferred list is done. With the lock, another number means that it is.'
        : 'The sequence is raised before the deferred list is done. Read without the lock, another number comes too early.',
      needs: [
        {
          on: [s.resources.openPairs],
          holds: m => changed(m) && (!released || itreeHolder(itree, m) === 0),
          as: 'reads',
        },
      ],
      blocked: m =>
        changed(m) ? itreeBlocked(s)(m) : `it sleeps until invalidate_seq is not ${get(m, t.seq, 0)} any more`,
      run: (m, _emit, next) => {
        set(m, t.seq, 0, 0)
        return next
      },
    })
  })
  asm.place(free)
  steps.at(asm, 'free')
  asm.op({
    fn: 'kfree',
    file: 'driver',
    label: 'free the subscription',
    why: 'After mmu_interval_notifier_remove() has returned no callback runs and none will: the memory is the driver’s again.',
    run: (m, emit, next) => {
      set(m, k.sub, 0, subAt(k, m) === SUB.out ? SUB.freed : SUB.freedDeferred)
      emit?.({ type: 'subscription-freed', ...who(v) })
      return next
    },
  })
}
