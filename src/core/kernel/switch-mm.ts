import type { Machine } from '../machine/cells.ts'
import { localIrqRestore, localIrqSave } from '../machine/interrupts.ts'
import { LOADED, mustFlush, setLoaded, setMustFlush } from '../machine/loaded-mm.ts'
import { invalidate } from '../machine/tlb.ts'
import { caughtUpWithRead, countsGenerations, forgetRead, paidPages, readTlbGen } from '../machine/tlb-gens.ts'
import { omitting } from '../threads/program.ts'
import type { Task } from './task.ts'

const FILE = 'arch/x86/mm/tlb.c'

/**
 * The CPU goes to another process, or to a kernel thread, and comes back: switch_mm_irqs_off(), enter_lazy_tlb(). Flushes that come meanwhile
 * do not reach it; when it comes back it sees in tlb_gen that it has missed one, and flushes everything.
 *
 * Coming back from another process: loaded_mm is LOADED_MM_SWITCHING, then tlb_gen is read, then the page table is loaded. A flush in between
 * is not seen in tlb_gen any more, so it must reach the CPU: policy.flushWhileSwitching (B35).
 * arm64 has none of this: its TLBI reaches every CPU and every address space. There the steps change nothing.
 * Simplified: the CPU's entries of the mm survive its absence (PCID); of the other process nothing is modelled.
 */
export function switchMm(t: Task, to: 'process' | 'kernel-thread'): void {
  const { asm, s, cpu } = t
  const lazy = to === 'kernel-thread'
  asm.within('schedule', () => {
    asm.beginPhase({ id: 'away', title: 'away', note: 'another task runs', kind: 'work', amber: false })
    asm.op({
      fn: lazy ? 'enter_lazy_tlb' : 'switch_mm_irqs_off',
      file: FILE,
      label: lazy ? 'run a kernel thread, with the mm still loaded' : 'load the mm of another process',
      why: lazy
        ? 'A kernel thread has no mm of its own. Flushes of user pages can wait until a user task comes back.'
        : 'Its entries stay in the TLB, under a tag that is not in use.',
      run: (m, emit, next) => {
        setLoaded(s, m, cpu, lazy ? LOADED.lazy : LOADED.other)
        emit?.({ type: 'mm-switched', cpu, to: lazy ? 'lazy' : 'other' })
        return next
      },
    })
    comeBack(t, lazy)
  })
}

function comeBack(t: Task, lazy: boolean): void {
  const { asm, s, cpu } = t
  asm.within('switch_mm_irqs_off', () => {
    asm.beginPhase({ id: 'back', title: 'switch back', note: 'interrupts off', kind: 'work', amber: true })
    asm.op({
      fn: lazy ? 'is_lazy = false' : 'LOADED_MM_SWITCHING',
      file: FILE,
      label: lazy ? 'stop being lazy' : 'say that it is about to switch',
      why: lazy
        ? 'From here on flushes are sent to this CPU again. What came before shows in tlb_gen.'
        : 'Said before tlb_gen is read: a flush that comes later must see it, and send an IPI.',
      run: (m, emit, next) => {
        localIrqSave(s.shape, m, cpu)
        setLoaded(s, m, cpu, lazy ? LOADED.own : LOADED.switching)
        emit?.({ type: 'irqs-disabled', cpu })
        return next
      },
    })
    asm.op({
      fn: lazy ? 'atomic64_read(tlb_gen)' : 'choose_new_asid',
      file: FILE,
      label: 'compare tlb_gen with what it had reached',
      why: 'A flush that passed this CPU by has raised tlb_gen.',
      run: (m, emit, next) => {
        const behind = readTlbGen(s, m, cpu) || (!lazy && withoutPcid(t))
        setMustFlush(s, m, cpu, behind)
        emit?.({ type: 'tlb-gen-read', cpu, behind })
        return next
      },
      without: [omitting('the look at tlb_gen')],
    })
    asm.op({
      fn: 'load_new_mm_cr3',
      file: FILE,
      label: m =>
        mustFlush(s, m, cpu) ? 'load the page table and flush the TLB' : 'load the page table, keep the TLB',
      why: 'What was flushed elsewhere meanwhile may not be used here.',
      run: (m, emit, next) => {
        load(t, m)
        setLoaded(s, m, cpu, LOADED.own)
        emit?.({ type: 'mm-switched', cpu, to: 'own' })
        return next
      },
    })
    asm.op({
      fn: 'local_irq_enable',
      file: FILE,
      label: 'enable interrupts and go on with the process',
      why: 'An IPI that waited can be taken now.',
      run: (m, emit, next) => {
        localIrqRestore(s.shape, m, cpu)
        emit?.({ type: 'irqs-enabled', cpu })
        return next
      },
    })
  })
}

function load({ s, k, cpu }: Task, m: Machine): void {
  if (mustFlush(s, m, cpu)) {
    invalidate(s, m, k, 0, s.vpns.length, false)
    paidPages(s, m, cpu, 0, s.vpns.length)
    caughtUpWithRead(s, m, cpu)
    setMustFlush(s, m, cpu, false)
  }
  forgetRead(s, m, cpu)
}

/** Up to 4.13 no address space had a tag, so loading CR3 flushed the TLB. */
const withoutPcid = ({ s }: Task): boolean => countsGenerations(s) && s.policy.partialFlush === 'each-request'
