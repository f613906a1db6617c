import { everyPage, fixedPages } from '../device/footprints.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import { invalidate } from '../machine/tlb.ts'
import {
  answerPending,
  batchPending,
  owe,
  owes,
  owesFor,
  owesWritable,
  seePending,
  settle,
} from '../machine/tlb-batch.ts'
import { incMmTlbGen, TLB_GENERATION_INVALID } from '../machine/tlb-gens.ts'
import { type OpSpec, omitting } from '../threads/program.ts'
import { flushTlb } from './flush-tlb.ts'
import { widenRange } from './mmu-gather.ts'
import { rangeCallbackActs, rangeHook, secondarySpecs } from './mmu-notifier.ts'
import { otherCpus, type Task } from './task.ts'
import { acknowledgeSpec, cpuFlushSpecs } from './tlb-flush.ts'

/*
 * Unmapping through the reverse map may put the flush of the CPUs off, for many pages at once (TTU_BATCH_FLUSH). The task remembers that
 * it owes one (tlb_ubc), and so does the mm, for whoever comes to its PTEs meanwhile: mm/rmap.c, arch_tlbbatch_*() of x86 and arm64.
 *
 * Simplified: x86 keeps a mask of CPUs for all mms, here each mm is flushed by itself; on arm64 a TLBI that is under way takes in the
 * pages of later ones of the same task.
 */

const FILE = 'mm/rmap.c'
const ARCH = { x86: 'arch/x86/mm/tlb.c', arm64: 'arch/arm64/include/asm/tlbflush.h' } as const

/** should_defer_flush(): x86 puts a flush off only when other CPUs run the mm, arm64 always, once it does at all. */
export const shouldDeferFlush = (t: Task): boolean =>
  mayDefer(t.s) && (t.s.policy.arch === 'arm64' || otherCpus(t, true).length > 0)

const mayDefer = ({ policy }: Setup): boolean =>
  policy.unmapFlushDeferred === 'x86-and-arm64' || (policy.unmapFlushDeferred === 'x86' && policy.arch === 'x86')

/**
 * set_tlb_ubc_flush_pending(), page-table lock held: x86 only notes it; arm64 issues the TLBI and does not wait. Since 6.6 secondary TLBs
 * are told by it, at once: x86 of all addresses, arm64 of the page.
 */
export function setTlbUbcFlushPending(t: Task, page: number, writable: (m: Machine) => boolean): void {
  const { asm, s, k } = t
  const arm = s.policy.arch === 'arm64'
  asm.within('set_tlb_ubc_flush_pending', () => {
    asm.op({
      fn: 'arch_tlbbatch_add_pending',
      file: arm ? ARCH.arm64 : 'arch/x86/include/asm/tlbflush.h',
      label: arm ? 'issue TLBI for the page, and do not wait' : 'put the flush of the CPUs off',
      why: `One ${arm ? 'wait' : 'flush'} later serves all pages of the batch. Until then every CPU may use the page through its TLB, though the PTE is gone.`,
      run: (m, emit, next) => {
        owe(s, m, t.cpu, t.mm, writable(m))
        incMmTlbGen(s, m, t.mm, page, page + 1)
        emit?.({ type: 'flush-deferred', cpu: t.cpu, pending: batchPending(s, m, t.mm) })
        if (!arm) return next
        widenRange(t, m, page)
        const range = rangeOf(s, page, page + 1)
        emit?.({ type: 'cpu-flush-started', range, freedTables: false })
        invalidate(s, m, k, page, page + 1, true)
        emit?.({ type: 'cpu-tlb-flushed', cpu: t.cpu, from: t.cpu, range })
        for (const cpu of otherCpus(t, false)) set(m, s.shape.flushRequest, cpu * s.cpus.length + t.cpu, 1)
        return next
      },
    })
    if (!s.policy.archFlushNotifies || !rangeCallbackActs(t)) return
    asm.beginPhase({
      id: 'secondary unmap',
      title: rangeHook(t),
      note: arm ? 'of the page, at once' : 'of all addresses, for each page',
      kind: 'call',
      amber: true,
    })
    const told = arm ? fixedPages(page, page + 1) : everyPage(s)
    for (const spec of secondarySpecs(t, 'inside', told, () => false)) asm.op(spec)
  })
}

/**
 * try_to_unmap_flush(): the flush that the task owes. dirty: try_to_unmap_flush_dirty(), before pages are written out, only when an entry
 * that lets somebody write may be left. `mms`: those that its pages can be of.
 */
export function tryToUnmapFlush(t: Task, mms: readonly number[], when: 'dirty' | 'all'): void {
  const { asm, s } = t
  if (!mayDefer(s)) return
  const fn = when === 'dirty' ? 'try_to_unmap_flush_dirty' : 'try_to_unmap_flush'
  const done = asm.label()
  const due = (m: Machine): boolean => (when === 'dirty' ? owesWritable(s, m, t.cpu) : owes(s, m, t.cpu))
  asm.beginPhase({
    id: `flush ${when}`,
    title: 'CPU flush',
    note: when === 'dirty' ? 'before the page is written' : 'before the page is freed or copied',
    kind: 'work',
    amber: true,
  })
  asm.op({
    fn,
    file: FILE,
    label: m => (due(m) ? 'see that a flush is owed' : 'owe no flush'),
    why:
      when === 'dirty'
        ? 'While the page is written out nobody may write to it any more. Who can only read it may go on.'
        : 'Before the pages are freed no CPU may reach them any more.',
    run: (m, _emit, next) => (due(m) ? next : done.at),
    goes: ['next', done],
    without: [
      omitting('the flush that was put off', m => {
        settle(s, m, t.cpu)
        forgetRange(t, m)
        return done.at
      }),
    ],
  })
  asm.within(fn, () => {
    for (const mm of mms) flushOwed({ ...t, mm })
    asm.op({
      fn: 'arch_tlbbatch_flush',
      file: ARCH[s.policy.arch],
      label: 'owe nothing any more',
      why: 'The mm does not know of it: it remembers that flushes were put off until somebody flushes it as a whole.',
      run: (m, _emit, next) => {
        settle(s, m, t.cpu)
        forgetRange(t, m)
        return next
      },
    })
  })
  asm.place(done)
}

/** arch_tlbbatch_flush() for one mm: all addresses on x86, the wait for the TLBIs on arm64. */
function flushOwed(t: Task): void {
  const { asm, s, k } = t
  const skip = asm.label()
  const wait = acknowledgeSpec(t)
  const specs: OpSpec[] = []
  if (s.policy.arch === 'x86') {
    const begin = (m: Machine): void => set(m, k.nested, 0, 1)
    const [flush] = cpuFlushSpecs(t, { fn: 'arch_tlbbatch_flush', file: ARCH.x86 }, begin, () => TLB_GENERATION_INVALID)
    if (flush !== undefined) specs.push(flush)
  }
  if (wait !== undefined) specs.push(wait)
  for (const [i, spec] of specs.entries()) {
    const run = (m: Machine, emit: Emit | undefined, next: number): number =>
      i === 0 && !owesFor(s, m, t.cpu, t.mm) ? skip.at : spec.run(m, emit, next)
    asm.op({ ...spec, run, goes: i === 0 ? ['next', skip] : ['next'] })
  }
  asm.place(skip)
}

function forgetRange({ k }: Task, m: Machine): void {
  for (const column of [k.nested, k.gatherStart, k.gatherEnd]) set(m, column, 0, 0)
}

/** Does the task look for flushes that reclaim has put off, before it changes PTEs? */
export const checksBatchedPending = ({ s }: Task): boolean =>
  s.shape.sizes.features.batchedFlush && s.policy.batchedPendingCheck

/**
 * flush_tlb_batched_pending(), page-table lock held: whoever is about to change PTEs would find none where reclaim has cleared one, and
 * not flush. So it flushes the mm first. arm64 had a barrier in place of it, which waits for TLBIs of this CPU alone (B25).
 * Falls through; writes nothing where nobody looks. A gather may be open.
 */
export function flushTlbBatchedPending(t: Task): void {
  if (!checksBatchedPending(t)) return
  const { asm, s } = t
  const done = asm.label()
  asm.op({
    fn: 'flush_tlb_batched_pending',
    file: FILE,
    label: m =>
      batchPending(s, m, t.mm) > 0 ? 'see that reclaim has put a flush off' : 'see that no flush was put off',
    why: 'A PTE that reclaim has cleared looks like nothing to flush, while TLBs may still have it.',
    run: (m, _emit, next) => {
      if (batchPending(s, m, t.mm) === 0) return done.at
      seePending(s, m, t.cpu, t.mm)
      return next
    },
    goes: ['next', done],
    without: [omitting('the look for flushes that were put off', () => done.at)],
  })
  asm.within('flush_tlb_batched_pending', () => {
    if (s.policy.arch === 'x86' || s.policy.batchedPendingAction === 'flush-mm') {
      flushTlb(t, { fn: 'flush_tlb_mm', pages: 'mm', tables: false, notifies: false, site: 'inside', phase: 'pending' })
    } else {
      asm.op({
        fn: 'dsb(ish)',
        file: ARCH.arm64,
        label: 'wait for the TLBIs of this CPU',
        why: 'It has issued none. TLBIs of other CPUs may still be under way.',
        needs: otherCpus(t, true).map(cpu => ({
          on: [s.resources.flushRequest(cpu * s.cpus.length + t.cpu)],
          holds: m => get(m, s.shape.flushRequest, cpu * s.cpus.length + t.cpu) === 0,
          as: 'knows',
        })),
        blocked: () => 'a TLBI of this CPU is under way',
        run: (_m, _emit, next) => next,
      })
    }
    asm.op({
      fn: 'atomic_cmpxchg',
      file: FILE,
      label: 'take note that it was flushed',
      why: 'Unless more has been put off since: then the next one who comes must flush again.',
      run: (m, _emit, next) => {
        answerPending(s, m, t.cpu, t.mm)
        return next
      },
    })
  })
  asm.place(done)
}
