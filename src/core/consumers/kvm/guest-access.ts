import { mmapBlocked, mmapReadNeeds } from '../../kernel/mmap-lock.ts'
import { get, type Machine, set } from '../../machine/cells.ts'
import { noteAccess } from '../../machine/damage.ts'
import type { Emit } from '../../machine/event.ts'
import { mkSpte, mustRetry, SLOT, slotAt, spteAllows, spteAt, sptePfn } from '../../machine/kvm.ts'
import { pageLabel, pageVpn, toPfn } from '../../machine/setup.ts'
import { fieldIn } from '../../policy/names.ts'
import { type OpSpec, omitting, type ProgramBuilder } from '../../threads/program.ts'
import type { Steps } from '../steps.ts'
import { lockBlocked } from './notifier.ts'
import { letGo, reads, resolvePfn, sampleSeq, who } from './resolve-pfn.ts'
import { type GuestAccess, judgeSoundness, type KvmThread, lockFree } from './vm.ts'

/** What a fault does, in order. A memslot is looked for where memslots change; lookUp is arm64's alone, and there it may come before the sample. */
export const FAULT_STEPS = [
  'guest access',
  'find the memslot',
  'look up the VMA',
  'sample the sequence',
  'find the page',
  'check',
  'map',
] as const

/**
 * The guest touches one of its pages. Where the shadow page table has an SPTE for it that is all; else the vCPU leaves the guest, and KVM
 * makes one: sample the sequence, find the page through the page table of the process, then, under mmu_lock, see that no
 * invalidation has come in between.
 *
 * Kernel: kvm_tdp_page_fault(), kvm_faultin_pfn(), is_page_fault_stale() arch/x86/kvm/mmu/mmu.c; user_mem_abort()
 * arch/arm64/kvm/mmu.c. As in 6.12.
 * Simplified: mmu_lock keeps everyone out, also two faults of a TDP MMU; an SPTE and what the guest's TLB has of it are one.
 */
export function guestAccess(v: KvmThread, asm: ProgramBuilder, steps: Steps, access: GuestAccess): void {
  const { s, k, t } = v
  const { page, write } = access
  const arm = s.policy.arch === 'arm64'
  const label = pageLabel(s, page)
  const again = asm.label()
  const lock = asm.label()
  const unlock = asm.label()
  const done = asm.label()
  const found = arm ? lock : asm.label()
  const hits = (m: Machine): boolean => spteAllows(spteAt(k, m, page), write)
  const file = arm ? 'arch/arm64/kvm/mmu.c' : 'arch/x86/kvm/mmu/mmu.c'

  asm.place(again)
  v.outside.add(again.at)
  steps.at(asm, 'guest access')
  asm.op({
    fn: write ? 'guest store' : 'guest load',
    file: 'hardware',
    label: m => (hits(m) ? `${verb(write)} ${label} through its SPTE` : `leave the guest: no SPTE for ${label}`),
    why: 'The guest’s own translation and the shadow page table decide. Neither the process nor its page table is asked.',
    run: (m, emit, next) => {
      const spte = spteAt(k, m, page)
      if (hits(m)) {
        touch(v, m, page, sptePfn(spte), write, 'an SPTE', emit)
        return done.at
      }
      const why = spte === 0 ? 'it has no SPTE' : 'its SPTE is read-only'
      emit?.({ type: 'guest-exited', ...who(v), vpn: pageVpn(s, page), why })
      return next
    },
    goes: ['next', done],
  })
  asm.within(arm ? 'user_mem_abort' : 'kvm_tdp_page_fault', () => {
    if (v.facts.slotsChange) findMemslot()
    const early = s.policy.seqSampledAt === 'before-VMA-lookup'
    if (!arm || early) sample()
    if (arm) lookUp()
    if (arm && !early) sample()
    if (!arm) asm.within('kvm_faultin_pfn', () => checkUnlocked('before a page is looked for'))
    steps.at(asm, 'find the page')
    asm.within(arm ? 'gfn_to_pfn' : 'kvm_faultin_pfn', () => resolvePfn(v, asm, access, { found, failed: done }))
    if (!arm) {
      asm.place(found)
      asm.within('kvm_faultin_pfn', () => checkUnlocked('before mmu_lock is waited for'))
    }
    asm.place(lock)
    checkLocked()
    map()
  })
  asm.place(done)

  /** Under kvm->srcu, which the vCPU holds until it is back in the guest. */
  function findMemslot(): void {
    const slot = v.facts.memslots.findIndex(({ first, end }) => page >= first && page < end)
    steps.at(asm, 'find the memslot')
    asm.op({
      fn: arm ? 'gfn_to_memslot' : 'kvm_vcpu_gfn_to_memslot',
      file: 'virt/kvm/kvm_main.c',
      label: m => `find the memslot of ${label} ${SLOT_WORDS[slotAt(k, m, slot)]}`,
      why: 'What is found here is used until the guest runs again, whatever becomes of the memslot meanwhile.',
      run: (m, emit, next) => {
        const state = slotAt(k, m, slot)
        if (state === SLOT.valid) return next
        if (state === SLOT.gone) {
          emit?.({ type: 'fault-refused', vpn: pageVpn(s, page), why: 'the guest has no memory there' })
          return done.at
        }
        emit?.({ type: 'shadow-fault-retried', ...who(v), vpn: pageVpn(s, page), why: 'its memslot is about to go' })
        return again.at
      },
      goes: ['next', again, done],
    })
  }

  function sample(): void {
    steps.at(asm, 'sample the sequence')
    asm.op({
      fn: arm ? 'user_mem_abort' : 'kvm_faultin_pfn',
      file,
      label: `remember ${fieldIn(s.policy, 'mmu_invalidate_seq')}`,
      why: 'Whatever is read of the mm from here on holds only as long as this number stays what it is.',
      run: (m, emit, next) => {
        sampleSeq(v, m, emit)
        return next
      },
    })
  }

  function lookUp(): void {
    steps.at(asm, 'look up the VMA')
    asm.op({
      fn: 'vma_lookup',
      file: 'include/linux/mm.h',
      label: `read the VMA of ${label}: how it may be mapped`,
      why: 'Page size and memory type come from the VMA. After the mmap lock is dropped it may be another one.',
      needs: mmapReadNeeds(s),
      blocked: m => mmapBlocked(s, m),
      run: (m, emit, next) => {
        if (get(m, s.shape.vma, page) === 0) {
          emit?.({ type: 'fault-refused', vpn: pageVpn(s, page), why: 'no VMA covers the address' })
          letGo(v, m, emit)
          return done.at
        }
        reads(v, m, page)
        emit?.({ type: 'vma-looked-up', ...who(v), vpn: pageVpn(s, page) })
        return next
      },
      goes: ['next', done],
    })
  }

  /** mmu_invalidate_retry_gfn_unsafe(): saves work, and decides nothing. */
  function checkUnlocked(when: string): void {
    steps.at(asm, 'check')
    asm.op({
      fn: 'mmu_invalidate_retry_gfn_unsafe',
      file: 'include/linux/kvm_host.h',
      label: `see, without a lock, whether to start over ${when}`,
      why: 'Only to save work: what it says may be old the moment it is said. The check under mmu_lock decides.',
      run: (m, emit, next) => {
        if (!mustRetry(k, t, m, page)) return next
        emit?.({ type: 'shadow-fault-retried', ...who(v), vpn: pageVpn(s, page), why: whyRetry(v, m) })
        letGo(v, m, emit)
        return again.at
      },
      without: [omitting('the check that only saves work')],
      goes: ['next', again],
    })
  }

  function checkLocked(): void {
    steps.at(asm, 'check')
    const take = (m: Machine): void => set(m, k.lock, 0, v.holder)
    asm.op({
      fn: arm ? 'mmu_invalidate_retry' : 'is_page_fault_stale',
      file: arm ? 'include/linux/kvm_host.h' : file,
      label: 'take mmu_lock, see whether an invalidation has come in between',
      why: 'Under this lock the answer stays true until the SPTE is made: an invalidation must take it too.',
      needs: [lockFree(v)],
      blocked: lockBlocked(v),
      run: (m, emit, next) => {
        take(m)
        if (mustRetry(k, t, m, page)) {
          emit?.({ type: 'shadow-fault-retried', ...who(v), vpn: pageVpn(s, page), why: whyRetry(v, m) })
          return unlock.at
        }
        emit?.({ type: 'shadow-fault-passed', ...who(v), vpn: pageVpn(s, page) })
        return next
      },
      without: [
        omitting(
          `the check of ${fieldIn(s.policy, 'mmu_invalidate_in_progress')} and ${fieldIn(s.policy, 'mmu_invalidate_seq')}`,
          (m, _emit, next) => {
            take(m)
            return next
          },
          { ready: lockFree(v).holds },
        ),
      ],
      goes: ['next', unlock],
    })
  }

  function map(): void {
    steps.at(asm, 'map')
    asm.op({
      fn: arm ? 'kvm_pgtable_stage2_map' : 'kvm_tdp_mmu_map',
      file: arm ? 'arch/arm64/kvm/hyp/pgtable.c' : 'arch/x86/kvm/mmu/tdp_mmu.c',
      label: `make the SPTE of ${label}`,
      why: 'An SPTE holds no reference. That the frame stays the page’s is the work of the notifier alone.',
      run: (m, emit, next) => {
        const pfn = get(m, t.pfn, 0) - 1
        const writable = get(m, t.writable, 0) === 1
        set(m, k.spte, page, mkSpte(pfn, writable))
        const set_ = { vpn: pageVpn(s, page), pfn: toPfn(pfn), writable }
        emit?.({ type: 'shadow-entry-set', ...who(v), what: 'SPTE', ...set_ })
        judgeSoundness(v, t, m, { what: 'SPTE', page, pfn, passedBy: get(m, k.zapped, page) > 0 }, emit)
        return next
      },
    })
    asm.place(unlock)
    asm.op(releaseSpec(v, again))
  }
}

const SLOT_WORDS = { [SLOT.valid]: 'valid', [SLOT.invalid]: 'invalid: try again', [SLOT.gone]: 'gone' } as const

/** Drops mmu_lock and the reference; the guest tries again. */
const releaseSpec = (v: KvmThread, again: { at: number }): OpSpec => ({
  fn: 'kvm_release_pfn_clean',
  file: 'virt/kvm/kvm_main.c',
  label: 'drop mmu_lock and the reference, go back to the guest',
  why: 'From here on nothing but the notifier keeps this frame from being freed under the guest.',
  run: (m, emit) => {
    set(m, v.k.lock, 0, 0)
    letGo(v, m, emit)
    return again.at
  },
  goes: [again],
})

const whyRetry = ({ k, t }: KvmThread, m: Machine): string =>
  get(m, k.seq, 0) === get(m, t.seq, 0)
    ? 'an invalidation of it is in progress'
    : `the sequence was ${get(m, t.seq, 0)} and is ${get(m, k.seq, 0)}`

export const verb = (write: boolean): string => (write ? 'write' : 'read')

/** An access of the guest, or of KVM for it, judged like any other (I1, I6, I8). */
export function touch(
  v: KvmThread,
  m: Machine,
  page: number,
  pfn: number,
  write: boolean,
  through: string,
  emit?: Emit,
): void {
  const at = { vpn: pageVpn(v.s, page), pfn: toPfn(pfn) }
  emit?.({ type: 'guest-accessed', ...who(v), by: v.by, ...at, write, through })
  noteAccess(v.s, m, v.by, page, pfn, write, v.writer, emit)
}
