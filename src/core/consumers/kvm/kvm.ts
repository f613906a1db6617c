import { get, type Machine, set } from '../../machine/cells.ts'
import { kvmHolds, SLOT, setSlot } from '../../machine/kvm.ts'
import type { Setup } from '../../machine/setup.ts'
import type { ProgramBuilder } from '../../threads/program.ts'
import type { Consumer, ConsumerThread } from '../consumer.ts'
import { waitForRegistration } from '../late.ts'
import { Steps } from '../steps.ts'
import { apicAccess } from './apic-page.ts'
import { kvmChangePte } from './change-pte.ts'
import { guestAccess } from './guest-access.ts'
import { kvmGone, kvmRelease } from './lifetime.ts'
import { setMemslot } from './memslots.ts'
import { kvmEnd, kvmRange, kvmStart } from './notifier.ts'
import { cacheAccess } from './pfn-cache.ts'
import { kvmPicture, type ThreadPicture } from './picture.ts'
import { type GuestAccess, type KvmFacts, type KvmThread, threadOf, type Vm, vmOf } from './vm.ts'

/**
 * A VM whose memory is the app's: a shadow MMU. It drops its translations in start(), and makes none before end(), so it needs no
 * callback between unmapping and freeing. virt/kvm/kvm_main.c, kvm_mmu_notifier_ops.
 */
export function kvmConsumer(s: Setup, facts: KvmFacts): Consumer {
  const vm = vmOf(s, facts)
  const threads = [...facts.vcpus.map((script, i) => vcpu(vm, i, script)), ...cacheUser(vm)]
  return {
    name: facts.name,
    subscribed: 'list',
    start: (t, call) => kvmStart(vm, t, call),
    end: (t, call) => kvmEnd(vm, t, call),
    range: (t, call) => kvmRange(vm, t, call),
    memslot: (t, region, change) =>
      setMemslot(
        vm,
        threads.map(({ picture }) => picture.v),
        t,
        facts.memslots.findIndex(slot => slot.region === region),
        change,
      ),
    changePte: (t, pte) => kvmChangePte(vm, t, pte),
    release: t => kvmRelease(vm, t),
    idle: m => threads.every(({ picture: { v, length } }) => get(m, v.t.pc, 0) >= length),
    gone: m => kvmGone(vm, m),
    begin: m => begin(vm, m),
    threads: threads.map(({ thread }) => thread),
    holds: (m, pfn) => {
      const what = kvmHolds(vm.k, m, pfn)
      return what === '' ? '' : `${what === 'SPTE' ? 'an SPTE' : `the ${what}`} of ${facts.name}`
    },
    picture: m =>
      kvmPicture(
        vm,
        threads.map(({ picture }) => picture),
        m,
      ),
  }
}

/** No vCPU has been in the guest yet: each loads the APIC-access address on its way there. */
function begin({ facts, k }: Vm, m: Machine): void {
  for (const [slot, { absent }] of facts.memslots.entries())
    if (absent && facts.slotsChange) setSlot(k, m, slot, SLOT.gone)
  for (const { reload } of k.threads) if (reload.length > 0) set(m, reload, 0, 1)
}

interface Written {
  readonly thread: ConsumerThread
  readonly picture: ThreadPicture
}

function vcpu(vm: Vm, index: number, script: readonly GuestAccess[]): Written {
  const v = threadOf(vm, index, `vCPU ${vm.facts.firstVcpu + index}`)
  return written(v, script, (asm, steps, access) =>
    access.page === vm.facts.apic ? apicAccess(v, asm, steps, access) : guestAccess(v, asm, steps, access),
  )
}

function cacheUser(vm: Vm): Written[] {
  const { cache, name, vcpus } = vm.facts
  if (cache === undefined) return []
  const v = threadOf(vm, vcpus.length, `${name} cache`)
  return [written(v, cache.script, (asm, steps, access) => cacheAccess(v, asm, steps, access))]
}

function written(
  v: KvmThread,
  script: readonly GuestAccess[],
  write: (asm: ProgramBuilder, steps: Steps, access: GuestAccess) => void,
): Written {
  const picture: ThreadPicture = { v, script, steps: new Steps(), length: 0 }
  const thread: ConsumerThread = {
    name: v.name,
    kind: 'vcpu',
    pc: v.t.pc,
    write: asm => {
      picture.steps = new Steps()
      v.outside.clear()
      if (v.facts.late) {
        v.outside.add(asm.here)
        const what = { fn: 'kvm_vm_ioctl_create_vcpu', file: 'virt/kvm/kvm_main.c', label: 'begin to run' }
        waitForRegistration(v.s, asm, v.facts.consumer, what)
      }
      for (const access of script) {
        picture.steps.nextAccess(asm)
        write(asm, picture.steps, access)
      }
      picture.length = asm.here
      v.outside.add(asm.here)
    },
    accesses: () => picture.steps.accesses(script),
  }
  return { thread, picture }
}
