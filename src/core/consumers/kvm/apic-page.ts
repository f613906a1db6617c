import { get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { mustRetry } from '../../machine/kvm.ts'
import { pageLabel, pageVpn, toPfn } from '../../machine/setup.ts'
import type { ProgramBuilder } from '../../threads/program.ts'
import type { Steps } from '../steps.ts'
import { touch, verb } from './guest-access.ts'
import { lockBlocked } from './notifier.ts'
import { letGo, resolvePfn, sampleSeq, who } from './resolve-pfn.ts'
import { type GuestAccess, type KvmThread, lockFree } from './vm.ts'

export const APIC_STEPS = ['enter the guest', 'take the request', 'find the page', 'write the VMCS'] as const

/**
 * The guest touches its APIC-access page. The processor has the page's physical address from the VMCS, a register so to speak: no SPTE is
 * asked, and whoever unmaps the page must have every vCPU load the address anew.
 *
 * Kernel: vcpu_enter_guest(), kvm_vcpu_reload_apic_access_page() arch/x86/kvm/x86.c; vmx_set_apic_access_page_addr()
 * arch/x86/kvm/vmx/vmx.c.
 * Simplified: the access itself stands for what the processor does with that page; before 3.18 the page was pinned, here it never is.
 */
export function apicAccess(v: KvmThread, asm: ProgramBuilder, steps: Steps, access: GuestAccess): void {
  const { s, k, t } = v
  const { page, write } = access
  const enter = asm.label()
  const found = asm.label()
  const done = asm.label()
  const asked = (m: Machine): boolean => get(m, t.reload, 0) === 1

  asm.place(enter)
  steps.at(asm, 'enter the guest')
  asm.op({
    fn: 'vcpu_enter_guest',
    file: 'arch/x86/kvm/x86.c',
    label: m =>
      asked(m)
        ? 'find a request to load the APIC-access address'
        : `enter the guest, ${verb(write)} ${pageLabel(s, page)}`,
    why: 'Requests are looked for on the way into the guest. In the guest the processor uses the address as it is.',
    run: (m, emit, next) => {
      if (asked(m)) return next
      touch(v, m, page, get(m, t.apic, 0) - 1, write, 'the address in the VMCS', emit)
      return done.at
    },
    goes: ['next', done],
  })
  asm.within('kvm_vcpu_reload_apic_access_page', () => {
    steps.at(asm, 'take the request')
    asm.op({
      fn: 'kvm_check_request',
      file: 'include/linux/kvm_host.h',
      label: 'take the request: it counts as done from here on',
      why: 'The bit is cleared before the work is done, so that a new request is not lost.',
      run: (m, emit, next) => {
        set(m, t.reload, 0, 0)
        sampleSeq(v, m, emit)
        return next
      },
    })
    steps.at(asm, 'find the page')
    resolvePfn(v, asm, { page, write: true }, { found, failed: done })
    asm.place(found)
    steps.at(asm, 'write the VMCS')
    writeVmcs()
    asm.op({
      fn: 'put_page',
      file: 'include/linux/mm.h',
      label: 'drop the reference',
      why: 'The page may be moved or unmapped again: that is what the reference was given up for.',
      run: (m, emit) => {
        letGo(v, m, emit)
        return enter.at
      },
      goes: [enter],
    })
  })
  asm.place(done)

  function writeVmcs(): void {
    const retries = s.policy.hwCachedPfnReload === 'retry'
    const write_ = (m: Machine, emit?: Emit): void => {
      const pfn = get(m, t.pfn, 0) - 1
      set(m, t.apic, 0, pfn + 1)
      const at = { vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: true }
      emit?.({ type: 'shadow-entry-set', ...who(v), what: 'VMCS address', ...at })
    }
    asm.op({
      fn: 'vmx_set_apic_access_page_addr',
      file: 'arch/x86/kvm/vmx/vmx.c',
      label: retries
        ? 'under mmu_lock: write the address into the VMCS, or ask again'
        : 'write the address into the VMCS',
      why: retries
        ? 'Like an SPTE: not while an invalidation is in progress, and not after one that has come in between.'
        : 'Whether the page is about to be unmapped is not asked. A request that comes later is what this counts on.',
      ...(retries ? { needs: [lockFree(v)], blocked: lockBlocked(v) } : {}),
      run: (m, emit, next) => {
        if (retries && mustRetry(k, t, m, page)) {
          set(m, t.reload, 0, 1)
          emit?.({ type: 'shadow-fault-retried', ...who(v), vpn: pageVpn(s, page), why: 'it asks itself to reload' })
        } else write_(m, emit)
        return next
      },
    })
  }
}
