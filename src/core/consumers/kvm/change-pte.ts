import type { NewPte } from '../../kernel/change-pte.ts'
import type { Task } from '../../kernel/task.ts'
import { set } from '../../machine/cells.ts'
import { mkSpte, spteAt } from '../../machine/kvm.ts'
import { pageLabel, pageVpn, toPfn } from '../../machine/setup.ts'
import { lockBlocked } from './notifier.ts'
import { concerns, lockFree, type Vm } from './vm.ts'

/**
 * kvm_mmu_notifier_change_pte(), virt/kvm/kvm_main.c, up to 6.9: an SPTE of the page is made to name the new frame, read-only, or goes where the
 * new PTE is writable. start() has zapped it before, so there is none.
 */
export function kvmChangePte(vm: Vm, t: Task, { page, pfn, writable }: NewPte): void {
  const { s, facts, k } = vm
  if (!concerns(vm, page, page + 1)) return
  const of = { consumer: facts.consumer, who: facts.name } as const
  t.asm.within('kvm_mmu_notifier_change_pte', () =>
    t.asm.op({
      fn: 'kvm_set_spte_gfn',
      file: s.policy.arch === 'arm64' ? 'arch/arm64/kvm/mmu.c' : 'arch/x86/kvm/mmu/mmu.c',
      label: m =>
        spteAt(k, m, page) === 0
          ? `find no SPTE of ${pageLabel(s, page)} to change`
          : writable(m)
            ? `drop the SPTE of ${pageLabel(s, page)}`
            : `make the SPTE of ${pageLabel(s, page)} name pfn ${pfn(m)}`,
      why: 'No SPTE is made between start() and end(), and start() leaves none. What this could do has been done.',
      needs: [lockFree(vm)],
      blocked: lockBlocked(vm),
      run: (m, emit, next) => {
        if (spteAt(k, m, page) === 0) return next
        const to = writable(m) ? 0 : mkSpte(pfn(m), false)
        set(m, k.spte, page, to)
        const vpn = pageVpn(s, page)
        if (to === 0) emit?.({ type: 'shadow-entry-dropped', ...of, what: 'SPTE', vpn })
        else emit?.({ type: 'shadow-entry-set', ...of, what: 'SPTE', vpn, pfn: toPfn(pfn(m)), writable: false })
        return next
      },
    }),
  )
}
