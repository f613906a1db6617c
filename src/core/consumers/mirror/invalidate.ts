import { itreeSeq } from '../../kernel/interval-tree.ts'
import type { Task } from '../../kernel/task.ts'
import { add, get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { isLinked } from '../../machine/mirror.ts'
import { type Label, omitting } from '../../threads/program.ts'
import type { NotifierCall } from '../consumer.ts'
import { dropEntries, judgeSubscription, lockBlocked, type Mirror, who } from './device.ts'

/**
 * N2: ops->invalidate(), called once for every subscription in the tree that overlaps. Under its own lock the driver notes the
 * sequence and takes its translations away. mmu_interval_set_seq(), include/linux/mmu_notifier.h; mlx5_ib_invalidate_range(),
 * drivers/infiniband/hw/mlx5/odp.c; Documentation/mm/hmm.rst.
 */
export function mirrorInvalidate(v: Mirror, t: Task, { lo, hi, nonblock }: NotifierCall): void {
  const { asm } = t
  const { s, facts, k } = v
  if (nonblock !== undefined) {
    refuse(v, t, nonblock)
    return
  }
  const [first, end] = [Math.max(lo, facts.first), Math.min(hi, facts.end)]
  const after = asm.label()
  const fn = facts.kind === 'odp' ? 'mlx5_ib_invalidate_range' : 'invalidate'
  const file = facts.kind === 'odp' ? 'drivers/infiniband/hw/mlx5/odp.c' : 'driver'

  asm.within(fn, () => {
    const begin = (m: Machine, tells: boolean, emit?: Emit): void => {
      judgeSubscription(v, m, 'mn_itree_invalidate()', emit)
      set(m, k.lock, 0, t.holder)
      for (let page = first; page < end; page++) add(m, k.told, page, 1)
      if (!tells) return
      set(m, k.seq, 0, get(m, s.shape.itree.seq, 0) + 1)
      emit?.({ type: 'interval-told', ...who(v), seq: itreeSeq(s, m) })
    }
    const ready = (m: Machine): boolean => !isLinked(k, m) || get(m, k.lock, 0) === 0
    asm.op({
      fn: 'mmu_interval_set_seq',
      file: 'include/linux/mmu_notifier.h',
      label: m =>
        isLinked(k, m)
          ? `take ${v.lockName} of ${facts.name}, note invalidate_seq`
          : `${facts.name} is not in the tree`,
      why: 'From here on nobody makes a device PTE from what was read before: under this lock they compare, and start over.',
      needs: [{ on: [s.resources.openPairs], holds: ready, as: 'reads' }],
      blocked: lockBlocked(v),
      run: (m, emit, next) => {
        if (!isLinked(k, m)) return after.at
        begin(m, true, emit)
        return next
      },
      without: [
        omitting(
          'the new sequence of the subscription',
          (m, emit, next) => {
            if (!isLinked(k, m)) return after.at
            begin(m, false, emit)
            return next
          },
          { ready },
        ),
      ],
      goes: ['next', after],
    })
    asm.op({
      fn,
      file,
      label: `clear the device PTEs of ${facts.name}`,
      why: 'The pages are still mapped in the process. It is early, and early enough: no device PTE can come back before the end of the pair.',
      run: (m, emit, next) => {
        const dropped = dropEntries(k.pte, m, first, end)
        emit?.({ type: 'device-ptes-cleared', ...who(v), dropped })
        return next
      },
      without: [omitting('the clearing of the device PTEs')],
    })
    asm.op({
      fn,
      file,
      label: `flush the device’s TLB, drop ${v.lockName}`,
      why: 'The device keeps what it has read of its page table. After this it has to ask the driver.',
      run: (m, emit, next) => {
        const dropped = dropEntries(k.tlb, m, first, end)
        set(m, k.lock, 0, 0)
        emit?.({ type: 'device-tlb-flushed', ...who(v), dropped })
        return next
      },
      without: [
        omitting('the flush of the device’s TLB', (m, _emit, next) => {
          set(m, k.lock, 0, 0)
          return next
        }),
      ],
    })
  })
  asm.place(after)
}

/** It would have to sleep for its lock and for the device: it answers false, and the caller is told -EAGAIN. */
function refuse(v: Mirror, { asm }: Task, nonblock: Label): void {
  const { facts, k } = v
  const fn = facts.kind === 'odp' ? 'mlx5_ib_invalidate_range' : 'invalidate'
  asm.op({
    fn,
    file: facts.kind === 'odp' ? 'drivers/infiniband/hw/mlx5/odp.c' : 'driver',
    label: m => (isLinked(k, m) ? `answer false: ${v.lockName} is a mutex` : `${facts.name} is not in the tree`),
    why: 'The caller said that it must not block. A driver that cannot do without can only refuse.',
    run: (m, emit, next) => {
      judgeSubscription(v, m, 'mn_itree_invalidate()', emit)
      if (!isLinked(k, m)) return next
      emit?.({ type: 'start-refused', ...who(v) })
      return nonblock.at
    },
    goes: ['next', nonblock],
  })
}
