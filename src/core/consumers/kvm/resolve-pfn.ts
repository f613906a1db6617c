import { mustCopy } from '../../kernel/cow.ts'
import { mmapBlocked, mmapReadLock, mmapReadNeeds, mmapUnlock } from '../../kernel/mmap-lock.ts'
import { faultBlocked, faultReady, handleMmFault, refusal } from '../../kernel/page-fault.ts'
import { add, get, type Machine, set } from '../../machine/cells.ts'
import type { Emit } from '../../machine/event.ts'
import { putPage } from '../../machine/frames.ts'
import { pteAt, ptePfn, ptePresent, pteWrite } from '../../machine/page-table.ts'
import { isPfnMapped, pageLabel, pageVpn, toPfn } from '../../machine/setup.ts'
import type { Label, ProgramBuilder } from '../../threads/program.ts'
import { waitForCopy, wantCopy } from '../wait-for-copy.ts'
import type { GuestAccess, KvmThread } from './vm.ts'

const MAIN = 'virt/kvm/kvm_main.c'

/** Whom it is about, in events. */
export const who = ({ facts, name }: KvmThread) => ({ consumer: facts.consumer, who: name })

/** F1: remembers mmu_invalidate_seq. */
export function sampleSeq(v: KvmThread, m: Machine, emit?: Emit): void {
  set(m, v.t.seq, 0, get(m, v.k.seq, 0))
  emit?.({ type: 'sequence-sampled', ...who(v), seq: get(m, v.k.seq, 0) })
}

/** What the thread has found out is over: the reference goes, and what was remembered. */
export function letGo(v: KvmThread, m: Machine, emit?: Emit): void {
  const pfn = get(m, v.t.pfn, 0) - 1
  for (const column of [v.t.pfn, v.t.writable, v.t.reading, v.t.outdated, v.t.seq]) set(m, column, 0, 0)
  if (pfn >= 0) putPage(v.s, m, pfn, emit)
}

/** From here on it counts as having read of this page what it goes by (rule I9). */
export function reads(v: KvmThread, m: Machine, page: number): void {
  if (get(m, v.t.reading, 0) === 0) set(m, v.t.reading, 0, page + 1)
}

/**
 * F3, hva_to_pfn(), virt/kvm/kvm_main.c: the page behind a guest page, by way of the page table of the process, with a reference. First
 * without a lock; where that does not do, through a page fault of the process. Goes on at `found` or, without any page, at `failed`.
 *
 * Simplified: the fault and the look-up after it are one step; no asynchronous page faults.
 */
export function resolvePfn(
  v: KvmThread,
  asm: ProgramBuilder,
  { page, write }: GuestAccess,
  to: { readonly found: Label; readonly failed: Label },
): void {
  const { s, t } = v
  const label = pageLabel(s, page)
  const fast = asm.label()
  const fault = asm.label()
  const remapped = asm.label()
  const copied = asm.label()
  const usable = (m: Machine): boolean => {
    const pte = pteAt(s.shape, m, page)
    return ptePresent(pte) && (!write || pteWrite(pte))
  }
  const take = (m: Machine, emit?: Emit): void => {
    const pte = pteAt(s.shape, m, page)
    const pfn = ptePfn(pte)
    reads(v, m, page)
    set(m, t.pfn, 0, pfn + 1)
    set(m, t.writable, 0, pteWrite(pte) ? 1 : 0)
    add(m, s.shape.refcount, pfn, 1)
    const count = get(m, s.shape.refcount, pfn)
    emit?.({ type: 'page-referenced', ...who(v), vpn: pageVpn(s, page), pfn: toPfn(pfn), count })
  }

  asm.within('hva_to_pfn', () => {
    asm.place(fast)
    asm.op({
      fn: 'get_user_pages_fast',
      file: 'mm/gup.c',
      label: m => (usable(m) ? `find ${label} in the page table, take a reference` : `find ${label} not mapped so`),
      why: 'The page table of the process says where the page is. The reference keeps the frame from being freed, not from being unmapped.',
      run: (m, emit, next) => {
        if (!usable(m) || isPfnMapped(s, page)) return next
        take(m, emit)
        return to.found.at
      },
      goes: ['next', to.found],
    })
    asm.op({
      fn: 'hva_to_pfn_slow',
      file: MAIN,
      label: `take the mmap lock, look for the VMA of ${label}`,
      why: 'What is not mapped yet is faulted in, as for an access of the process itself.',
      needs: mmapReadNeeds(s),
      blocked: m => mmapBlocked(s, m),
      run: (m, emit, next) => {
        const why = refusal(s, m, page, write)
        if (why !== '') {
          emit?.({ type: 'fault-refused', vpn: pageVpn(s, page), why })
          letGo(v, m, emit)
          return to.failed.at
        }
        mmapReadLock(s, m)
        return isPfnMapped(s, page) ? remapped.at : next
      },
      goes: ['next', remapped, to.failed],
    })
    asm.place(fault)
    asm.op({
      fn: 'handle_mm_fault',
      file: 'mm/memory.c',
      label: `map ${label} for the guest, take a reference`,
      why: 'Not present to present: no flush, no notifier.',
      needs: [{ on: [s.resources.frames], holds: m => faultReady(s, m, page, write), as: 'reads' }],
      blocked: m => faultBlocked(s, m, page),
      run: (m, emit) => {
        if (write && mustCopy(s, m, page)) {
          wantCopy(v, m, page)
          return copied.at
        }
        handleMmFault(s, m, page, write, emit)
        mmapUnlock(s, m, v.holder)
        if (!usable(m)) return fast.at
        take(m, emit)
        return to.found.at
      },
      goes: [to.found, fast, copied],
    })
    if (write)
      waitForCopy(
        v,
        asm,
        page,
        copied,
        (m, _emit) => {
          mmapUnlock(s, m, v.holder)
          return fast.at
        },
        [fast],
      )
    asm.place(remapped)
    hvaToPfnRemapped(v, asm, page, { ...to, fast }, usable, take)
  })
}

/** hva_to_pfn_remapped(): the frame of a VM_PFNMAP mapping, whether anybody counts references to it or not. */
function hvaToPfnRemapped(
  v: KvmThread,
  asm: ProgramBuilder,
  page: number,
  to: { readonly found: Label; readonly failed: Label; readonly fast: Label },
  usable: (m: Machine) => boolean,
  take: (m: Machine, emit?: Emit) => void,
): void {
  const { s } = v
  if (!isPfnMapped(s, page)) return
  const assumed = s.policy.pfnMapRefPolicy === 'assume-refcounted'
  asm.op({
    fn: 'hva_to_pfn_remapped',
    file: MAIN,
    label: `follow the PTE of ${pageLabel(s, page)}, take a reference${assumed ? '' : ' unless it has none'}`,
    why: assumed
      ? 'A driver has mapped this frame by number. Nothing says that its reference count means anything: the last put may free what the driver still owns.'
      : 'A frame whose count is 0 is not KVM’s to keep: the fault fails instead.',
    needs: [{ on: [s.resources.frames], holds: m => faultReady(s, m, page), as: 'reads' }],
    blocked: m => faultBlocked(s, m, page),
    run: (m, emit) => {
      if (!usable(m)) handleMmFault(s, m, page, true, emit)
      mmapUnlock(s, m, v.holder)
      if (!usable(m)) return to.fast.at
      const pfn = ptePfn(pteAt(s.shape, m, page))
      if (!assumed && get(m, s.shape.refcount, pfn) === 0) {
        emit?.({ type: 'reference-refused', ...who(v), vpn: pageVpn(s, page), pfn: toPfn(pfn) })
        letGo(v, m, emit)
        return to.failed.at
      }
      take(m, emit)
      return to.found.at
    },
    goes: [to.found, to.failed, to.fast],
  })
}
