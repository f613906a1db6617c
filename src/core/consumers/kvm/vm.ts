import { known } from '../../base/assert.ts'
import type { Machine } from '../../machine/cells.ts'
import { get } from '../../machine/cells.ts'
import { DAMAGE, noteDamage } from '../../machine/damage.ts'
import type { Emit, Translator } from '../../machine/event.ts'
import { type KvmColumns, type KvmThreadColumns, SLOT, slotAt } from '../../machine/kvm.ts'
import { pageVpn, type Setup, toPfn } from '../../machine/setup.ts'
import type { Need } from '../../threads/footprint.ts'

/** One VM as its scenario has it, with names resolved to page indices. */
export interface KvmFacts {
  readonly name: string
  /** Its number among the consumers, and among the VMs. */
  readonly consumer: number
  readonly vm: number
  /** Threads of consumers before its own, and vCPUs of VMs before it. */
  readonly firstThread: number
  readonly firstVcpu: number
  /** Guest pages from `gfn` on are pages [first, end) of the process. */
  readonly memslots: readonly MemslotFacts[]
  /** Somebody changes them. */
  readonly slotsChange: boolean
  /** It subscribes in the course of the run. */
  readonly late: boolean
  /** By vCPU: what its guest does. */
  readonly vcpus: readonly (readonly GuestAccess[])[]
  /** Page that its gfn_to_pfn_cache is for, and what KVM does through it. */
  readonly cache?: { readonly page: number; readonly script: readonly GuestAccess[] }
  /** Page behind the APIC-access page. */
  readonly apic?: number
}

export interface MemslotFacts {
  readonly region: string
  readonly gfn: number
  readonly first: number
  readonly end: number
  /** It is not there before somebody creates it. */
  readonly absent: boolean
}

export interface GuestAccess {
  readonly page: number
  readonly write: boolean
}

/** A VM, while its programs are written. */
export interface Vm {
  readonly s: Setup
  readonly facts: KvmFacts
  readonly k: KvmColumns
  readonly by: Translator
}

export const vmOf = (s: Setup, facts: KvmFacts): Vm => ({
  s,
  facts,
  k: known(s.shape.kvms[facts.vm], facts.name),
  by: { kind: 'consumer', index: facts.consumer },
})

/** One thread of it, while its program is written. */
export interface KvmThread extends Vm {
  /** `vCPU 0` */
  readonly name: string
  readonly t: KvmThreadColumns
  /** What lock columns hold when it holds the lock, and `writer` of a frame that it wrote. */
  readonly holder: number
  readonly writer: number
  /** Places in its program at which it is in no read section of kvm->srcu: in the guest. */
  readonly outside: Set<number>
}

export function threadOf(vm: Vm, index: number, name: string): KvmThread {
  const { s, facts, k } = vm
  const number = facts.firstThread + index
  return {
    ...vm,
    name,
    t: known(k.threads[index], name),
    holder: s.cpus.length + 2 + number,
    writer: s.cpus.length + s.devices.length + 1 + number,
    outside: new Set(),
  }
}

export const lockFree = ({ s, k }: Vm): Need => ({
  on: [s.resources.openPairs],
  holds: m => get(m, k.lock, 0) === 0,
  as: 'reads',
})

/** A memslot, or the APIC-access page, lies in pages [lo, hi). */
export const concerns = ({ facts }: Vm, lo: number, hi: number): boolean =>
  facts.memslots.some(slot => slot.first < hi && slot.end > lo) || apicIn(facts, lo, hi)

/** What kvm_handle_hva_range() finds now: a memslot that is there, valid or not. Memslots that stay are found anyway. */
export const concernsNow = ({ facts, k }: Vm, m: Machine, lo: number, hi: number): boolean =>
  !facts.slotsChange ||
  facts.memslots.some((slot, i) => slot.first < hi && slot.end > lo && slotAt(k, m, i) !== SLOT.gone)

export const apicIn = ({ apic }: KvmFacts, lo: number, hi: number): boolean =>
  apic !== undefined && apic >= lo && apic < hi

/** I9: the entry is made from what was read of the mm before an invalidation that is over, or that has passed it by and is not. */
export function judgeSoundness(
  { s, facts }: Vm,
  t: KvmThreadColumns,
  m: Machine,
  entry: { readonly what: string; readonly page: number; readonly pfn: number; readonly passedBy: boolean },
  emit?: Emit,
): void {
  if (!entry.passedBy && get(m, t.outdated, 0) === 0) return
  noteDamage(s, m, DAMAGE.unsoundEntry)
  emit?.({
    type: 'entry-unsound',
    consumer: facts.consumer,
    who: facts.name,
    what: entry.what,
    vpn: pageVpn(s, entry.page),
    pfn: toPfn(entry.pfn),
  })
}
