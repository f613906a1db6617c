import { assert } from '../base/assert.ts'
import { add, type Column, get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { threadsIn } from './features.ts'

/*
 * struct kvm, struct kvm_vcpu and struct gfn_to_pfn_cache, what of them has to do with the mm of the process that runs the VM.
 * include/linux/kvm_host.h. Nothing else indexes these columns.
 */

/** One VM. */
export interface KvmSizes {
  /** Those who run its code, vCPUs first: how long their programs are. */
  readonly threads: readonly number[]
  readonly vcpus: number
  /** It has a gfn_to_pfn_cache. */
  readonly cache: boolean
  /** Its vCPUs have the address of an APIC-access page in their VMCS. */
  readonly apic: boolean
  /** Memslots that may go and come; 0 where none does. */
  readonly slots: number
  /** Invalidations that any one run can make: how far the sequence and the counts can count. */
  readonly ends: number
}

export interface KvmColumns {
  /** Holder of kvm->mmu_lock, as in other lock columns. */
  readonly lock: Column
  /** mmu_invalidate_in_progress, mmu_invalidate_seq, mn_active_invalidate_count. */
  readonly inProgress: Column
  readonly seq: Column
  readonly active: Column
  /** mmu_invalidate_range_start and _end, as pages: from the least to the most of all that is in progress. 0, 0 when nothing is. */
  readonly rangeStart: Column
  readonly rangeEnd: Column
  /** By page: 0 none, else (pfn + 1) << 1 | writable. */
  readonly spte: Column
  /** gfn_to_pfn_cache: 0 not valid, else pfn + 1. */
  readonly cache: Column
  /** By page: invalidations that have dropped its SPTE, or the cache, and are not over. For rule I9; KVM knows nothing of them. */
  readonly zapped: Column
  readonly dropped: Column
  /** By memslot: SLOT. Empty where memslots stay as they are. */
  readonly slots: Column
  readonly threads: readonly KvmThreadColumns[]
}

export interface KvmThreadColumns {
  readonly pc: Column
  /** The sequence as it was sampled. */
  readonly seq: Column
  /** Page found for a fault, with a reference held: pfn + 1, 0 none; and whether it may be written. */
  readonly pfn: Column
  readonly writable: Column
  /** Page + 1 of which the fault has read something in the mm, 0 none; and whether an invalidation of it has ended since. For rule I9. */
  readonly reading: Column
  readonly outdated: Column
  /** VMCS: the APIC-access address, pfn + 1; and KVM_REQ_APIC_PAGE_RELOAD. */
  readonly apic: Column
  readonly reload: Column
}

export const kvmColumns = (b: LayoutBuilder, { features, pages, cpus, frames, pfnBits }: FeatureSizes) => ({
  kvms: features.kvms.map((vm, v): KvmColumns => {
    b.region()
    const column = (name: string, length: number, max: number): Column => b.column(`kvm${v} ${name}`, length, max)
    const cache = vm.cache ? 1 : 0
    const vmColumns = {
      lock: column('mmu_lock', 1, cpus.length + 1 + threadsIn(features)),
      inProgress: column('in_progress', 1, vm.ends),
      seq: column('seq', 1, vm.ends),
      active: column('active', 1, vm.ends),
      rangeStart: column('range_start', 1, pages.length),
      rangeEnd: column('range_end', 1, pages.length),
      spte: column('spte', pages.length, 2 ** (pfnBits + 1) - 1),
      cache: column('cache', cache, frames),
      zapped: column('zapped', pages.length, vm.ends),
      dropped: column('dropped', cache, vm.ends),
      slots: column('memslots', vm.slots, 2),
    }
    // Words of their own: a search keeps each thread apart from what it shares.
    const threads = vm.threads.map((length, t): KvmThreadColumns => {
      b.region()
      const own = (name: string, max: number, count = 1): Column => column(`thread${t} ${name}`, count, max)
      const apic = vm.apic && t < vm.vcpus ? 1 : 0
      return {
        pc: own('pc', length),
        seq: own('seq', vm.ends),
        pfn: own('pfn', frames),
        writable: own('writable', 1),
        reading: own('reading', pages.length),
        outdated: own('outdated', 1),
        apic: own('apic', frames, apic),
        reload: own('reload', 1, apic),
      }
    })
    b.region()
    return { ...vmColumns, threads }
  }),
})

/** A memslot: invalid is KVM_MEMSLOT_INVALID, that of one about to go. */
export const SLOT = { valid: 0, invalid: 1, gone: 2 } as const
export type SlotState = (typeof SLOT)[keyof typeof SLOT]
export const SLOT_NAMES = { [SLOT.valid]: 'valid', [SLOT.invalid]: 'invalid', [SLOT.gone]: 'gone' } as const
export const slotAt = (k: KvmColumns, m: Machine, slot: number): SlotState =>
  k.slots.length === 0 ? SLOT.valid : (get(m, k.slots, slot) as SlotState)
export const setSlot = (k: KvmColumns, m: Machine, slot: number, state: SlotState): void => set(m, k.slots, slot, state)

export const mkSpte = (pfn: number, writable: boolean): number => ((pfn + 1) << 1) | (writable ? 1 : 0)
export const sptePfn = (spte: number): number => (spte >>> 1) - 1
export const spteWritable = (spte: number): boolean => (spte & 1) === 1
export const spteAt = (k: KvmColumns, m: Machine, page: number): number => get(m, k.spte, page)

/** The SPTE lets the guest do that. */
export const spteAllows = (spte: number, write: boolean): boolean => spte !== 0 && (!write || spteWritable(spte))

/** Frame that the pfn cache names, -1 when it is not valid. */
export const cachedPfn = (k: KvmColumns, m: Machine): number => (k.cache.length === 0 ? -1 : get(m, k.cache, 0) - 1)

/** Frame that the VMCS of this thread names and the guest can use: none while a reload is asked for. -1 when there is none. */
export function apicPfn(k: KvmThreadColumns, m: Machine): number {
  return k.apic.length === 0 || get(m, k.reload, 0) === 1 ? -1 : get(m, k.apic, 0) - 1
}

/** One more invalidation is in progress: the range grows to take it in. kvm_mmu_invalidate_begin(), virt/kvm/kvm_main.c */
export function invalidateBegin(k: KvmColumns, m: Machine, lo: number, hi: number): void {
  const first = get(m, k.inProgress, 0) === 0
  add(m, k.inProgress, 0, 1)
  set(m, k.rangeStart, 0, first ? lo : Math.min(lo, get(m, k.rangeStart, 0)))
  set(m, k.rangeEnd, 0, first ? hi : Math.max(hi, get(m, k.rangeEnd, 0)))
}

/** The sequence counts one end more. It must never come back to a value that somebody may have sampled. */
export function bumpSeq(k: KvmColumns, m: Machine): void {
  const seq = get(m, k.seq, 0) + 1
  assert(seq <= k.seq.mask, 'mmu_invalidate_seq has room for every end()')
  set(m, k.seq, 0, seq)
}

/** False when none was in progress. With the last one the range is forgotten: nobody asks for it any more. */
export function invalidateEnd(k: KvmColumns, m: Machine): boolean {
  const left = get(m, k.inProgress, 0) - 1
  if (left < 0) return false
  set(m, k.inProgress, 0, left)
  if (left === 0) for (const column of [k.rangeStart, k.rangeEnd]) set(m, column, 0, 0)
  return true
}

/** mmu_invalidate_retry_gfn(), include/linux/kvm_host.h: what this thread has found out about the page may be outdated. */
export function mustRetry(k: KvmColumns, t: KvmThreadColumns, m: Machine, page: number): boolean {
  const running = get(m, k.inProgress, 0) > 0 && page >= get(m, k.rangeStart, 0) && page < get(m, k.rangeEnd, 0)
  return running || get(m, k.seq, 0) !== get(m, t.seq, 0)
}

/** Who of the VM still names the frame where it can be used: 'SPTE', 'pfn cache', 'VMCS', or ''. */
export function kvmHolds(k: KvmColumns, m: Machine, pfn: number): '' | 'SPTE' | 'pfn cache' | 'VMCS' {
  for (let page = 0; page < k.spte.length; page++) {
    const spte = get(m, k.spte, page)
    if (spte !== 0 && sptePfn(spte) === pfn) return 'SPTE'
  }
  if (cachedPfn(k, m) === pfn) return 'pfn cache'
  return k.threads.some(t => apicPfn(t, m) === pfn) ? 'VMCS' : ''
}
