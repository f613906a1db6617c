import type { Task } from '../../kernel/task.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import { spteAt } from '../../machine/kvm.ts'
import { rangeOf } from '../../machine/setup.ts'
import { omitting } from '../../threads/program.ts'
import { lockBlocked } from './notifier.ts'
import { lockFree, type Vm } from './vm.ts'

/**
 * kvm_mmu_notifier_release(): every SPTE goes, kvm_flush_shadow_all(). mmu_notifier_unregister() calls it first, from kvm_destroy_vm().
 * virt/kvm/kvm_main.c.
 */
export function kvmRelease(vm: Vm, t: Task): void {
  const { s, facts, k } = vm
  t.asm.within('kvm_mmu_notifier_release', () =>
    t.asm.op({
      fn: 'kvm_flush_shadow_all',
      file: 'virt/kvm/kvm_main.c',
      label: `zap all SPTEs of ${facts.name} under mmu_lock`,
      why: 'Once it is out of the list nobody zaps them any more.',
      needs: [lockFree(vm)],
      blocked: lockBlocked(vm),
      run: (m, emit, next) => {
        let dropped = 0
        for (let page = 0; page < k.spte.length; page++) {
          if (spteAt(k, m, page) === 0) continue
          set(m, k.spte, page, 0)
          dropped++
        }
        if (k.cache.length > 0) set(m, k.cache, 0, 0)
        emit?.({
          type: 'shadow-zapped',
          consumer: facts.consumer,
          who: facts.name,
          dropped,
          ...rangeOf(s, 0, k.spte.length),
        })
        return next
      },
      without: [omitting('the zap of the SPTEs')],
    }),
  )
}

/** kvm_destroy_vm(): a VM that was unregistered between a start() and its end() has counted one that it hears no more of. */
export function kvmGone({ k }: Vm, m: Machine): void {
  for (const column of [k.active, k.inProgress, k.rangeStart, k.rangeEnd])
    if (get(m, column, 0) !== 0) set(m, column, 0, 0)
}
