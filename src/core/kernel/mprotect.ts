import { fixedPages } from '../device/footprints.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit, NotifierReason } from '../machine/event.ts'
import { mkPte, pteAt, pteDirty, ptePfn, ptePresent, pteWrite, setPte } from '../machine/page-table.ts'
import { REVOKED, type Revoked } from '../machine/promises.ts'
import { PROT, type Prot, setProt } from '../machine/protection.ts'
import { pageVpn, rangeOf, type Setup, toPfn } from '../machine/setup.ts'
import { clearSoft, isHidden, SOFT, setSoft, softAt, softPfn } from '../machine/soft-pte.ts'
import { changePtes } from './change-ptes.ts'
import { flushTlb } from './flush-tlb.ts'
import { rangeText } from './mmap-lock.ts'
import { tlbGatherMmu, widenRange } from './mmu-gather.ts'
import { invalidateRangeEnd, invalidateRangeStart } from './mmu-notifier.ts'
import { enter, leave } from './operation.ts'
import type { Task } from './task.ts'
import { incTlbFlushPending, tlbFinishMmu } from './tlb-finish.ts'

const FILE = 'mm/mprotect.c'

/** What a caller of mprotect() asks for. */
export type Protection = 'r' | 'rw' | 'none'
const PROT_OF: Readonly<Record<Protection, Prot>> = { r: PROT.read, rw: PROT.readWrite, none: PROT.none }

/**
 * mprotect(2) of pages [lo, hi). Its promise, when it returns: nobody can do any more what was taken away.
 *
 * Kernel: mprotect_fixup(), change_protection() mm/mprotect.c. Up to 3.14 a flush_tlb_range() before end(), up to 5.18 after it, from 5.19 on a gather that
 * records an entry only if pte_needs_flush(); policy.mprotectFlush.
 * When more is allowed, recordings of 6.1 and 6.12 on x86 find dirty anonymous pages writable at end() (can_change_pte_writable()), and
 * flushed all the same: pte_needs_flush() asks whether the write bit changed, not which way. Before the gather they are left to a fault.
 * Simplified: VMAs are not split; a page with one mapping is taken to be PageAnonExclusive(); clean pages are left to a fault in every
 * kernel (later source than 6.1 asks for Dirty only in shared mappings); a page under PROT_NONE comes back dirty.
 */
export function mprotect(task: Task, lo: number, hi: number, to: Protection): void {
  const t: Task = { ...task, range: [lo, hi], inPlace: true }
  const { asm, s } = t
  const nothing = asm.label()
  asm.within('mprotect', () => {
    enter(t, 'mprotect', lo, hi, 'write')
    asm.op({
      fn: 'mprotect_fixup',
      file: FILE,
      label: `set the protection of ${rangeText(s, lo, hi)} to ${to === 'none' ? 'PROT_NONE' : to}`,
      why: 'Faults go by the VMA from here on. PTEs and TLBs say still what they said before.',
      run: (m, emit, next) => {
        let some = false
        for (let page = lo; page < hi; page++) {
          if (get(m, s.shape.vma, page) === 0) continue
          setProt(s, m, page, PROT_OF[to])
          some = true
        }
        if (!some) return nothing.at
        emit?.({ type: 'vma-protected', range: rangeOf(s, lo, hi), to })
        beginFlush(t, m, emit)
        return next
      },
      goes: ['next', nothing],
    })
    changeProtection(t, lo, hi, to, 'PROTECTION_VMA')
    const promises = (m: Machine, page: number): Revoked => {
      const pte = pteAt(s.shape, m, page)
      if (to === 'rw' || get(m, s.shape.vma, page) === 0) return REVOKED.nothing
      if (to === 'none') return ptePresent(pte) ? REVOKED.nothing : REVOKED.all
      return pteWrite(pte) ? REVOKED.nothing : REVOKED.write
    }
    leave(t, 'mprotect', lo, hi, { gathers: true, writes: true, lock: 'write', nothing, promises })
  })
}

/**
 * NUMA balancing makes pages [lo, hi) inaccessible, so that the next access of each tells who uses it. The process does it to itself, on its way
 * back to user space, under the read lock; the VMA allows what it allowed.
 *
 * Kernel: task_numa_work() kernel/sched/fair.c, change_prot_numa() mm/mempolicy.c. The hint fault puts the entry back, do_numa_page()
 * mm/memory.c: see page-fault.ts. Simplified: no page moves to another node.
 */
export function numaHint(task: Task, lo: number, hi: number): void {
  const t: Task = { ...task, range: [lo, hi], inPlace: true }
  const { asm, s } = t
  asm.within('task_numa_work', () => {
    enter(t, 'task_numa_work', lo, hi, 'read')
    asm.op({
      fn: 'change_prot_numa',
      file: 'mm/mempolicy.c',
      label: `begin to mark ${rangeText(s, lo, hi)} with PROT_NONE`,
      why: 'The pages stay where they are. The next access of each faults, and that says who uses it.',
      run: (m, emit, next) => {
        beginFlush(t, m, emit)
        return next
      },
    })
    changeProtection(t, lo, hi, 'hint', 'PROTECTION_VMA')
    const promises = (m: Machine, page: number): Revoked => (isHidden(s.shape, m, page) ? REVOKED.all : REVOKED.nothing)
    leave(t, 'task_numa_work', lo, hi, { gathers: true, writes: false, lock: 'read', promises })
  })
}

/** P1: the gather begins, or before there was one, inc_tlb_flush_pending(). */
function beginFlush(t: Task, m: Machine, emit?: Emit): void {
  if (t.s.policy.mprotectFlush === 'gather') tlbGatherMmu(t, m, emit)
  else incTlbFlushPending(t, m, emit)
}

/** change_protection(), mm/mprotect.c, and the flush that its caller or itself does. */
function changeProtection(t: Task, lo: number, hi: number, to: Protection | 'hint', reason: NotifierReason): void {
  const { asm, s, k } = t
  const gathers = s.policy.mprotectFlush === 'gather'
  asm.within('change_protection', () => {
    invalidateRangeStart(t, reason, lo, hi)
    asm.within('change_pte_range', () =>
      changePtes(t, lo, hi, {
        fn: 'ptep_modify_prot_commit',
        file: FILE,
        verb: { r: 'write-protect', rw: 'allow to write', none: 'make inaccessible', hint: 'make inaccessible' }[to],
        why: 'The page table forbids it from here on, or allows it. A TLB that has the old entry goes by that.',
        looks: true,
        wants: (m, page) => wants(t, m, page, to),
        change: (m, page, emit) => change(t, m, page, to, emit),
        record: (m, page, shrank, before) => {
          if (!gathers) set(m, k.forceFlush, 0, 1)
          else if (shrank || needsFlush(s, before, pteAt(s.shape, m, page))) widenRange(t, m, page)
        },
      }),
    )
    const inPair = s.policy.mprotectFlush === 'range-in-pair'
    if (inPair) flushIfChanged(t, lo, hi, 'inside')
    invalidateRangeEnd(t, reason, lo, hi)
    if (!inPair && !gathers) flushIfChanged(t, lo, hi, 'outside')
  })
  if (gathers) tlbFinishMmu(t)
}

/** Up to 5.18: flush_tlb_range() of everything, if any entry was changed. Up to 3.14 (a5338093bfb4) the pair was around it. */
function flushIfChanged(t: Task, lo: number, hi: number, site: 'inside' | 'outside'): void {
  const { asm, k } = t
  const end = asm.label()
  asm.op({
    fn: 'change_protection_range',
    file: FILE,
    label: m => (get(m, k.forceFlush, 0) === 0 ? 'have nothing to flush' : 'see that entries were changed'),
    why: `No lock on the page table is held${site === 'inside' ? '' : ', and the pair is closed'}. Old translations are still in use.`,
    run: (m, _emit, next) => (get(m, k.forceFlush, 0) === 0 ? end.at : next),
    goes: ['next', end],
  })
  flushTlb(t, {
    fn: 'flush_tlb_range',
    pages: fixedPages(lo, hi),
    tables: false,
    notifies: false,
    site,
    unlocked: true,
    phase: 'range',
    first: m => set(m, k.forceFlush, 0, 0),
  })
  asm.place(end)
}

/** pte_needs_flush(). x86: an entry that was present and whose write bit changes, either way. arm64 has the generic one: always. */
const needsFlush = ({ policy }: Setup, before: number, after: number): boolean =>
  policy.arch === 'arm64' || (ptePresent(before) && pteWrite(before) !== pteWrite(after))

function wants({ s }: Task, m: Machine, page: number, to: Protection | 'hint'): boolean {
  if (get(m, s.shape.vma, page) === 0) return false
  const pte = pteAt(s.shape, m, page)
  const hidden = isHidden(s.shape, m, page)
  switch (to) {
    case 'none':
    case 'hint':
      return ptePresent(pte)
    case 'r':
      return hidden || pteWrite(pte)
    case 'rw':
      return hidden || (ptePresent(pte) && !pteWrite(pte) && writableAtOnce(s, m, page, pte))
  }
}

/**
 * can_change_pte_writable(): pages of files are written where they are; from the gather on, so is a private page that is dirty and that
 * nobody shares. Others are left to a fault, which may have to copy them.
 */
const writableAtOnce = ({ fileFrame, policy, shape }: Setup, m: Machine, page: number, pte: number): boolean =>
  (fileFrame[page] ?? -1) >= 0 ||
  (policy.mprotectFlush === 'gather' && pteDirty(pte) && get(m, shape.mapcount, ptePfn(pte)) === 1)

/** Writes the new entry. True when it grants less than before. */
function change(t: Task, m: Machine, page: number, to: Protection | 'hint', emit?: Emit): boolean {
  const { shape } = t.s
  const pte = pteAt(shape, m, page)
  const vpn = pageVpn(t.s, page)
  if (to === 'none' || to === 'hint') {
    const pfn = ptePfn(pte)
    setPte(shape, m, page, 0)
    setSoft(shape, m, page, SOFT.protNone, pfn)
    emit?.({ type: 'soft-pte-set', vpn, kind: 'PROT_NONE', pfn: toPfn(pfn) })
    return true
  }
  const present = ptePresent(pte)
  const pfn = present ? ptePfn(pte) : softPfn(softAt(shape, m, page))
  const dirty = present ? pteDirty(pte) : true
  const writable = to === 'rw' && writableAtOnce(t.s, m, page, mkPte(pfn, false, dirty))
  clearSoft(shape, m, page)
  setPte(shape, m, page, mkPte(pfn, writable, dirty))
  emit?.({ type: 'pte-protected', vpn, pfn: toPfn(pfn), writable })
  return present && pteWrite(pte) && !writable
}
