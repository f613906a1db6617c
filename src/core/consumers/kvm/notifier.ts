import { holderName, type Task } from '../../kernel/task.ts'
import { add, get, type Machine, set } from '../../machine/cells.ts'
import { DAMAGE, noteDamage } from '../../machine/damage.ts'
import type { Emit } from '../../machine/event.ts'
import { bumpSeq, invalidateBegin, invalidateEnd, spteAt } from '../../machine/kvm.ts'
import { pageVpn, rangeOf } from '../../machine/setup.ts'
import { fieldIn } from '../../policy/names.ts'
import type { Need } from '../../threads/footprint.ts'
import { type OpSpec, omitting } from '../../threads/program.ts'
import type { NotifierCall, RangeCall } from '../consumer.ts'
import { apicIn, concerns, concernsNow, lockFree, type Vm } from './vm.ts'

/*
 * KVM's side of an invalidation: kvm_mmu_notifier_invalidate_range_start() and _end(), virt/kvm/kvm_main.c, as in 6.12.
 * Simplified: one memslot or several make one pass under mmu_lock; the guest's TLBs are flushed in the step that zaps the SPTEs.
 */

const MAIN = 'virt/kvm/kvm_main.c'
const of = ({ facts }: Vm) => ({ consumer: facts.consumer, who: facts.name })

/** What blocks whoever wants mmu_lock. */
export const lockBlocked =
  ({ s, facts, k }: Vm) =>
  (m: Machine): string =>
    `mmu_lock of ${facts.name} is held by ${holderName(s, get(m, k.lock, 0))}`

/** kvm_mmu_notifier_invalidate_range_start(), virt/kvm/kvm_main.c: counts the invalidation and drops the SPTEs of the range. */
export function kvmStart(vm: Vm, t: Task, { lo, hi }: NotifierCall): void {
  const { asm } = t
  const { s, facts, k } = vm
  const cache = facts.cache?.page
  asm.within('kvm_mmu_notifier_invalidate_range_start', () => {
    asm.op({
      fn: 'kvm_mmu_notifier_invalidate_range_start',
      file: MAIN,
      label: `count the invalidation in mn_active_invalidate_count of ${facts.name}`,
      why: 'Counted first, before anything is dropped: who refreshes a pfn cache looks at this count, and memslots do not change while it is not 0.',
      run: (m, emit, next) => {
        add(m, k.active, 0, 1)
        emit?.({ type: 'active-counted', ...of(vm), count: get(m, k.active, 0) })
        return next
      },
    })
    if (cache !== undefined && cache >= lo && cache < hi) dropCache(cache)
    if (concerns(vm, lo, hi)) asm.within('kvm_handle_hva_range', zap)
    if (s.policy.hwCachedPfnReload === 'start' && apicIn(facts, lo, hi)) asm.op(reloadRequest(vm, () => true))
  })

  function dropCache(page: number): void {
    const drop = (m: Machine, drops: boolean, emit?: Emit): void => {
      add(m, k.dropped, 0, 1)
      if (!drops || get(m, k.cache, 0) === 0) return
      set(m, k.cache, 0, 0)
      emit?.({ type: 'shadow-entry-dropped', ...of(vm), what: 'pfn cache', vpn: pageVpn(s, page) })
    }
    asm.op({
      fn: 'gfn_to_pfn_cache_invalidate_start',
      file: 'virt/kvm/pfncache.c',
      label: `make the pfn cache of ${facts.name} invalid`,
      why: `This comes before mmu_lock is taken, so ${fieldIn(s.policy, 'mmu_invalidate_in_progress')} does not tell of it yet.`,
      run: (m, emit, next) => {
        drop(m, true, emit)
        return next
      },
      without: [
        omitting('the invalidation of the pfn cache', (m, emit, next) => {
          drop(m, false, emit)
          return next
        }),
      ],
    })
  }

  function zap(): void {
    const none = asm.label()
    asm.op({
      fn: 'kvm_mmu_invalidate_begin',
      file: MAIN,
      label: m =>
        concernsNow(vm, m, lo, hi)
          ? `take mmu_lock of ${facts.name}, raise ${fieldIn(s.policy, 'mmu_invalidate_in_progress')}`
          : `find no memslot of ${facts.name} there`,
      why: 'An SPTE is only ever made under this lock, by somebody who looks at this count first. From here to the end of the pair none is made.',
      needs: [lockFreeFor(vm, lo, hi)],
      blocked: lockBlocked(vm),
      run: (m, emit, next) => {
        if (!concernsNow(vm, m, lo, hi)) {
          for (let page = lo; page < hi; page++) add(m, k.zapped, page, 1)
          return none.at
        }
        set(m, k.lock, 0, t.holder)
        invalidateBegin(k, m, lo, hi)
        const { start, end } = rangeOf(s, get(m, k.rangeStart, 0), get(m, k.rangeEnd, 0))
        emit?.({ type: 'shadow-invalidate-begun', ...of(vm), count: get(m, k.inProgress, 0), start, end })
        return next
      },
      ...(facts.slotsChange ? { goes: ['next', none] } : {}),
    })
    const pass = (m: Machine, zaps: boolean, emit?: Emit): void => {
      let dropped = 0
      for (let page = lo; page < hi; page++) {
        add(m, k.zapped, page, 1)
        if (!zaps || spteAt(k, m, page) === 0) continue
        set(m, k.spte, page, 0)
        dropped++
      }
      if (s.policy.hwCachedPfnReload === 'retry' && apicIn(facts, lo, hi)) requestReload(vm, m, emit)
      set(m, k.lock, 0, 0)
      if (zaps) emit?.({ type: 'shadow-zapped', ...of(vm), dropped, ...rangeOf(s, lo, hi) })
    }
    asm.op({
      fn: 'kvm_unmap_gfn_range',
      file: MAIN,
      label: `zap the SPTEs, flush the guest’s TLBs, drop mmu_lock`,
      why: 'The pages are still mapped in the process. It is early, and early enough: no SPTE can come back before the end of the pair.',
      run: (m, emit, next) => {
        pass(m, true, emit)
        return next
      },
      without: [
        omitting('the zap of the SPTEs', (m, emit, next) => {
          pass(m, false, emit)
          return next
        }),
      ],
    })
    asm.place(none)
  }
}

/** kvm_mmu_notifier_invalidate_range_end(), virt/kvm/kvm_main.c: counts it out, and moves the sequence on. */
export function kvmEnd(vm: Vm, t: Task, { lo, hi }: NotifierCall): void {
  const { asm } = t
  const { s, facts, k } = vm
  const cache = facts.cache?.page
  asm.within('kvm_mmu_notifier_invalidate_range_end', () => {
    if (concerns(vm, lo, hi)) asm.within('kvm_handle_hva_range', end)
    asm.op({
      fn: 'kvm_mmu_notifier_invalidate_range_end',
      file: MAIN,
      label: `count the invalidation out of mn_active_invalidate_count of ${facts.name}`,
      why: 'Last of all, after the sequence was raised: who waits to change memslots may go on at 0.',
      run: (m, emit, next) => {
        if (cache !== undefined && cache >= lo && cache < hi) add(m, k.dropped, 0, -1)
        countDown(vm, m, emit)
        return next
      },
    })
  })

  /** I9: what these threads have read of the mm is from before the end of this invalidation. */
  function outdate(m: Machine): void {
    for (const { reading, outdated } of k.threads) {
      const page = get(m, reading, 0) - 1
      if (page >= lo && page < hi) set(m, outdated, 0, 1)
    }
  }

  function end(): void {
    const none = asm.label()
    const over = (m: Machine): void => {
      outdate(m)
      for (let page = lo; page < hi; page++) add(m, k.zapped, page, -1)
    }
    const raise = (m: Machine, raises: boolean, emit?: Emit): void => {
      set(m, k.lock, 0, t.holder)
      over(m)
      if (!raises) return
      bumpSeq(k, m)
      emit?.({ type: 'shadow-sequence-raised', ...of(vm), seq: get(m, k.seq, 0) })
    }
    asm.op({
      fn: 'kvm_mmu_invalidate_end',
      file: MAIN,
      label: m =>
        concernsNow(vm, m, lo, hi)
          ? `take mmu_lock of ${facts.name}, raise ${fieldIn(s.policy, 'mmu_invalidate_seq')}`
          : `find no memslot of ${facts.name} there`,
      why: 'First the sequence, then the count: whoever has found a page before now will see one or the other, and start over.',
      needs: [lockFreeFor(vm, lo, hi)],
      blocked: lockBlocked(vm),
      run: (m, emit, next) => {
        if (!concernsNow(vm, m, lo, hi)) {
          over(m)
          return none.at
        }
        raise(m, true, emit)
        return next
      },
      without: [
        omitting(
          `the new ${fieldIn(s.policy, 'mmu_invalidate_seq')}`,
          (m, emit, next) => {
            raise(m, false, emit)
            return next
          },
          { ready: lockFree(vm).holds },
        ),
      ],
      ...(facts.slotsChange ? { goes: ['next', none] } : {}),
    })
    asm.op({
      fn: 'kvm_mmu_invalidate_end',
      file: MAIN,
      label: `lower ${fieldIn(s.policy, 'mmu_invalidate_in_progress')}, drop mmu_lock`,
      why: 'Faults of the guest may make SPTEs again, from the page table as it is now.',
      run: (m, emit, next) => {
        if (!invalidateEnd(k, m)) unbalanced(vm, m, fieldIn(s.policy, 'mmu_invalidate_in_progress'), emit)
        set(m, k.lock, 0, 0)
        emit?.({ type: 'shadow-invalidate-ended', ...of(vm), count: get(m, k.inProgress, 0) })
        return next
      },
    })
    asm.place(none)
  }
}

/** mmu_lock is taken only where a memslot is found. */
function lockFreeFor(vm: Vm, lo: number, hi: number): Need {
  const free = lockFree(vm)
  return vm.facts.slotsChange ? { ...free, holds: m => !concernsNow(vm, m, lo, hi) || free.holds(m) } : free
}

function countDown(vm: Vm, m: Machine, emit?: Emit): void {
  const { s, facts, k } = vm
  if (get(m, k.active, 0) === 0) unbalanced(vm, m, 'mn_active_invalidate_count', emit)
  else add(m, k.active, 0, -1)
  if (facts.slotsChange && get(m, k.active, 0) === 0 && get(m, k.inProgress, 0) > 0) {
    noteDamage(s, m, DAMAGE.pairingBroken)
    const why = `${fieldIn(s.policy, 'mmu_invalidate_in_progress')} of ${facts.name} stays raised: an end() has found no memslot`
    emit?.({ type: 'pairing-broken', why })
  }
  emit?.({ type: 'active-counted', ...of(vm), count: get(m, k.active, 0) })
}

/** I10: an end without a start. KVM_BUG_ON() in kvm_mmu_notifier_invalidate_range_end() and kvm_mmu_invalidate_end(). */
function unbalanced({ s, facts }: Vm, m: Machine, what: string, emit?: Emit): void {
  noteDamage(s, m, DAMAGE.pairingBroken)
  emit?.({ type: 'pairing-broken', why: `${what} of ${facts.name} would go below 0` })
}

/** kvm_make_all_cpus_request(): no vCPU is in the guest when it returns, and none goes back before it has loaded the address anew. */
function requestReload({ s, facts, k }: Vm, m: Machine, emit?: Emit): void {
  for (const { apic, reload } of k.threads) {
    if (apic.length === 0) continue
    set(m, apic, 0, 0)
    set(m, reload, 0, 1)
  }
  emit?.({ type: 'reload-requested', consumer: facts.consumer, who: facts.name, vpn: pageVpn(s, facts.apic ?? 0) })
}

const reloadRequest = (vm: Vm, when: (m: Machine) => boolean): OpSpec => ({
  fn: 'kvm_arch_mmu_notifier_invalidate_range',
  file: 'arch/x86/kvm/x86.c',
  label: `ask the vCPUs of ${vm.facts.name} to load the APIC-access address anew`,
  why: 'A physical address in a hardware register is like a TLB entry: it must go after the PTE was cleared, and before the page is freed.',
  run: (m, emit, next) => {
    if (when(m)) requestReload(vm, m, emit)
    return next
  },
  without: [omitting('the request to reload the APIC-access address')],
})

/** kvm_mmu_notifier_invalidate_range(), from 5.8 to 6.4: for the APIC-access page alone. */
export function kvmRange(vm: Vm, _t: Task, { range }: RangeCall): readonly OpSpec[] {
  const { s, facts } = vm
  if (s.policy.hwCachedPfnReload !== 'range' || !apicIn(facts, ...range.bounds)) return []
  return [reloadRequest(vm, m => apicIn(facts, ...range.at(m)))]
}
