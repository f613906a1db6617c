import { consumersOf } from '../consumers/consumer.ts'
import type { Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { pageVpn } from '../machine/setup.ts'
import type { OpSpec } from '../threads/program.ts'
import { walkList } from './notifier-list.ts'
import { subscribed, type Task } from './task.ts'

/** A new entry for a page, as change_pte() gets it. */
export interface NewPte {
  readonly page: number
  readonly pfn: (m: Machine) => number
  readonly writable: (m: Machine) => boolean
}

/**
 * set_pte_at_notify(), up to 6.9: before a PTE is set that names another page, or allows less, change_pte() of those in the list is called, so
 * that they may change their entry likewise. It was made for KVM and KSM; since start() takes the old entry away it finds nothing to change.
 * From 6.10 on it is set_pte_at(). `op` sets the PTE.
 *
 * Kernel: include/linux/mmu_notifier.h, __mmu_notifier_change_pte() mm/mmu_notifier.c.
 * Simplified: IOMMU drivers do not act on it. AMD IOMMUv2 up to 3.18 and VT-d from 4.4 on flushed the page in it: on top of an empty page
 * table the one, of invalidate_range the other.
 */
export function setPteAtNotify(t: Task, pte: NewPte, op: Omit<OpSpec, 'fn'>): void {
  const { asm, s } = t
  const consumers = consumersOf(t)
  if (!s.policy.changePte || (!subscribed(t) && consumers.length === 0)) {
    asm.op({ ...op, fn: 'set_pte_at' })
    return
  }
  const tell = (emit?: Emit): void => emit?.({ type: 'pte-change-notified', vpn: pageVpn(s, pte.page) })
  const acts = consumers.some(c => c.changePte !== undefined)
  if (acts) {
    asm.op({
      fn: 'mmu_notifier_change_pte',
      file: 'include/linux/mmu_notifier.h',
      label: 'call change_pte of every subscriber in the list',
      why: 'Whoever has an entry of his own for the page could make it name the new one. After start() nobody should have any.',
      run: (_m, emit, next) => {
        tell(emit)
        return next
      },
    })
    walkList(t, '__mmu_notifier_change_pte', c => c.changePte?.(t, pte))
  }
  asm.op({
    ...op,
    fn: 'set_pte_at_notify',
    run: (m, emit, next) => {
      if (!acts) tell(emit)
      return op.run(m, emit, next)
    },
  })
}
