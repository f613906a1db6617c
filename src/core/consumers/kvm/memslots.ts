import { rangeText } from '../../kernel/mmap-lock.ts'
import type { Task } from '../../kernel/task.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { SLOT, SLOT_NAMES, type SlotState, setSlot, slotAt, spteAt } from '../../machine/kvm.ts'
import { rangeOf } from '../../machine/setup.ts'
import type { PhaseView } from '../../threads/phase.ts'
import type { Label } from '../../threads/program.ts'
import { omitting } from '../../threads/program.ts'
import type { MemslotChange } from '../consumer.ts'
import { lockBlocked } from './notifier.ts'
import { type KvmThread, lockFree, type Vm } from './vm.ts'

const MAIN = 'virt/kvm/kvm_main.c'

/**
 * ioctl(KVM_SET_USER_MEMORY_REGION): a memslot of the VM goes, or comes. The notifier finds SPTEs by way of memslots, so no SPTE of a memslot
 * may be left when the memslot is gone. First it is marked invalid, so that no fault begins with it; then faults that have begun are
 * waited for; then its SPTEs are zapped; only then it goes.
 *
 * Kernel: kvm_set_memslot(), kvm_invalidate_memslot(), kvm_swap_active_memslots() virt/kvm/kvm_main.c; kvm_arch_flush_shadow_memslot().
 * Simplified: one CPU of the scenario changes memslots, so slots_lock is not modelled; a memslot does not move, for SPTEs are kept by page
 * of the process; synchronize_srcu() waits for every fault under way, also one that began after it.
 */
export function setMemslot(vm: Vm, threads: readonly KvmThread[], t: Task, slot: number, change: MemslotChange): void {
  const { asm } = t
  const { s, facts, k } = vm
  const { first = 0, end = 0 } = facts.memslots[slot] ?? {}
  const text = rangeText(s, first, end)
  const [found, was] =
    change === 'delete' ? ([SLOT.valid, 'no such memslot'] as const) : ([SLOT.gone, 'it is there'] as const)
  const out = asm.label()
  asm.within('kvm_set_memory_region', () => {
    asm.beginPhase(phase('enter', change === 'delete' ? 'delete memslot' : 'create memslot', 'no mmap lock'))
    asm.op({
      fn: 'kvm_set_memory_region',
      file: MAIN,
      label: m => (slotAt(k, m, slot) === found ? `${change} the memslot of ${text}` : `find nothing to do: ${was}`),
      why: 'Guest memory is what memslots say. Invalidations of the process find what concerns the guest by way of them.',
      run: (m, emit, next) => {
        emit?.({ type: 'kernel-function-entered', name: 'KVM_SET_USER_MEMORY_REGION' })
        return slotAt(k, m, slot) === found ? next : out.at
      },
      goes: ['next', out],
    })
    asm.within('kvm_set_memslot', () => {
      if (change === 'create') swap(SLOT.valid)
      else {
        asm.within('kvm_invalidate_memslot', () => {
          swap(SLOT.invalid)
          flushShadow()
        })
        asm.within('kvm_delete_memslot', () => swap(SLOT.gone))
      }
    })
    leave(out)
  })

  /** kvm_swap_active_memslots(): the new set of memslots, then nobody has the old one any more. */
  function swap(to: SlotState): void {
    const name = SLOT_NAMES[to]
    const publish = (m: Machine, emit: Emit | undefined, next: number): number => {
      setSlot(k, m, slot, to)
      emit?.({ type: 'memslot-set', consumer: facts.consumer, who: facts.name, slot: text, state: name })
      return next
    }
    const counts = (m: Machine): number => get(m, k.active, 0)
    asm.within('kvm_swap_active_memslots', () => {
      asm.beginPhase(phase(`swap ${name}`, `memslot ${name}`, 'no invalidation runs'))
      asm.op({
        fn: 'rcu_assign_pointer',
        file: MAIN,
        label: `make the memslot of ${text} ${name}`,
        why: 'Not while an invalidation is in progress: its end() must find the memslots that its start() found, or the counts do not come out even.',
        needs: [{ on: [s.resources.openPairs], holds: m => counts(m) === 0, as: 'reads' }],
        blocked: m => `mn_active_invalidate_count of ${facts.name} is ${counts(m)}`,
        run: publish,
        without: [omitting('the wait for mn_active_invalidate_count', publish)],
      })
      asm.op({
        fn: 'synchronize_srcu_expedited',
        file: MAIN,
        label: 'wait for those who may still use the memslots as they were',
        why: 'A fault that has looked the memslot up before may be about to make an SPTE for it.',
        needs: [{ on: [s.resources.openPairs], holds: m => reader(m) === undefined, as: 'reads' }],
        blocked: m => `${reader(m)?.name ?? 'somebody'} is in a read section of kvm->srcu`,
        run: (_m, _emit, next) => next,
        without: [omitting('the wait for faults that have begun')],
      })
    })
  }

  function reader(m: Machine): KvmThread | undefined {
    return threads.find(({ t: own, outside }) => !outside.has(get(m, own.pc, 0)))
  }

  function flushShadow(): void {
    asm.beginPhase(phase('zap', 'zap', 'mmu_lock'))
    asm.op({
      fn: 'kvm_arch_flush_shadow_memslot',
      file: s.policy.arch === 'arm64' ? 'arch/arm64/kvm/mmu.c' : 'arch/x86/kvm/mmu/mmu.c',
      label: `take mmu_lock, zap the SPTEs of ${text}, flush the guest’s TLBs`,
      why: 'The last moment at which these SPTEs can be found: once the memslot is gone, no invalidation looks for them.',
      needs: [lockFree(vm)],
      blocked: lockBlocked(vm),
      run: (m, emit, next) => {
        let dropped = 0
        for (let page = first; page < end; page++) {
          if (spteAt(k, m, page) === 0) continue
          set(m, k.spte, page, 0)
          dropped++
        }
        emit?.({ type: 'shadow-zapped', consumer: facts.consumer, who: facts.name, dropped, ...rangeOf(s, first, end) })
        return next
      },
      without: [omitting('the zap of the memslot’s SPTEs')],
    })
  }

  function leave(at: Label): void {
    asm.beginPhase(phase('return', 'return', 'no lock was held'))
    asm.place(at)
    asm.op({
      fn: 'kvm_vm_ioctl',
      file: MAIN,
      label: 'return to user space',
      why:
        change === 'delete'
          ? 'The guest reaches none of these pages any more, so they may be unmapped.'
          : 'Faults of the guest find the memslot.',
      run: (_m, emit, next) => {
        emit?.({ type: 'syscall-returned', name: 'KVM_SET_USER_MEMORY_REGION' })
        return next
      },
    })
  }
}

const phase = (id: string, title: string, note: string): PhaseView => ({ id, title, note, kind: 'work', amber: false })
