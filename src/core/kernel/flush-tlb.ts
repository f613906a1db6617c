import type { PagesAt } from '../device/footprints.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit, InvalidateSite } from '../machine/event.ts'
import type { Omission, OpSpec } from '../threads/program.ts'
import { rangeCallbackActs, rangeHook, secondarySpecs } from './mmu-notifier.ts'
import { asTold } from './range-argument.ts'
import type { Task } from './task.ts'
import { acknowledgeSpec, cpuFlushRange, cpuFlushSpecs, flushesAll } from './tlb-flush.ts'

/** A flush that no gather does. */
export interface FlushCall {
  readonly fn:
    | 'flush_tlb_page'
    | 'flush_tlb_range'
    | 'flush_tlb_mm'
    | 'flush_tlb_kernel_range'
    | 'ptep_clear_flush'
    | 'pmdp_collapse_flush'
    | 'pmdp_invalidate'
    | 'pmdp_huge_clear_flush'
  /** Pages; mm: everything, also while a gather has a range of its own. */
  readonly pages: PagesAt | 'mm'
  /** A page table goes: walk caches and lazy CPUs are flushed too. */
  readonly tables: boolean
  /** Generic code tells secondary TLBs after it: the _notify macros before 6.6. From 6.6 on the architecture's flush does so anyway. */
  readonly notifies: boolean
  /** Whether secondary TLBs are told, where that does not follow from `notifies` and the kernel. */
  readonly tells?: boolean
  /** The caller tells them itself, when this is done. */
  readonly callerTells?: boolean
  readonly site: InvalidateSite
  /** No page-table lock is held. */
  readonly unlocked?: true
  /** Names of its phases end so, where a call has several: `flush copy`. */
  readonly phase: string
  /** Runs at the head of the first step: clearing the PTE, in ptep_clear_flush(). */
  readonly first?: (m: Machine, emit?: Emit) => void
  /** What can be left out of the first step besides the flush: all of it. */
  readonly without?: Omission
}

/**
 * flush_tlb_page(), flush_tlb_range(), flush_tlb_mm(), and ptep_clear_flush() that clears the PTE in its first step: CPUs, then secondary
 * TLBs where this kernel tells them. arm64 from 6.6 on tells them between TLBI and DSB, except for the whole mm.
 *
 * Kernel: arch/x86/mm/tlb.c, arch/arm64/include/asm/tlbflush.h, mm/pgtable-generic.c.
 * The range lies where a gather keeps its own, for the CPUs that are interrupted to read: the task must have none recorded, unless
 * it flushes the whole mm.
 */
export function flushTlb(t: Task, call: FlushCall): void {
  const { asm, s, k } = t
  const { pages, tables, site } = call
  const arm = s.policy.arch === 'arm64'
  const begin = (m: Machine, emit?: Emit): void => {
    call.first?.(m, emit)
    if (pages === 'mm') set(m, k.nested, 0, 1)
    else {
      const [start, end] = pages.at(m)
      set(m, k.gatherStart, 0, start)
      set(m, k.gatherEnd, 0, end)
    }
    if ((tables && !seenAsLeaves(t, call)) || pages === 'mm') set(m, k.freedTables, 0, 1)
  }
  const forget = (m: Machine): void => {
    if (pages === 'mm') set(m, k.nested, 0, 0)
    else for (const column of [k.gatherStart, k.gatherEnd]) set(m, column, 0, 0)
    set(m, k.freedTables, 0, 0)
  }
  const name = { fn: call.fn, file: fileOf(call.fn, arm) }
  const flush = cpuFlushSpecs(t, name, begin)
  const acknowledge = acknowledgeSpec(t)
  const callerTells = call.callerTells === true
  const tells = !callerTells && rangeCallbackActs(t) && (call.tells ?? (call.notifies || s.policy.archFlushNotifies))
  const wide = pages === 'mm' ? ([0, s.vpns.length] as const) : pages.bounds
  const byX86 = s.policy.archFlushNotifies && !arm
  const range: PagesAt = {
    bounds: s.policy.archFlushNotifies ? [0, s.vpns.length] : wide,
    at: m => (byX86 ? cpuFlushRange(s, m, k) : toldRange(t, m)),
    all: m => (pages !== 'mm' && pages.all?.(m) === true) || (byX86 ? flushesAll(s, m, k) : get(m, k.nested, 0) === 1),
  }
  const told = ONE_PAGE.has(call.fn) ? range : asTold(s, range)
  const secondary = tells ? secondarySpecs(t, site, told, () => tables) : []
  const wait = acknowledge === undefined ? [] : [acknowledge]
  const early = arm && s.policy.archFlushNotifies && pages !== 'mm'
  const later = early ? [...secondary, ...wait] : [...wait, ...secondary]
  const specs = [...flush, ...later]
  const inPhase = (spec: OpSpec): boolean => secondary.includes(spec)
  asm.within(call.fn, () =>
    specs.forEach((spec, i) => {
      asm.beginPhase(inPhase(spec) ? secondaryPhase(t, call) : flushPhase(call))
      const run: OpSpec['run'] = (m, emit, next) => {
        const to = spec.run(m, emit, next)
        if (i === specs.length - 1 && to === next) forget(m)
        return to
      }
      const without = [...(i === 0 && call.without !== undefined ? [call.without] : []), ...(spec.without ?? [])].map(
        omission => ({
          ...omission,
          run: (m: Machine, emit: Emit | undefined, next: number) => {
            const to = omission.run(m, emit, next)
            if (i === specs.length - 1) forget(m)
            return to
          },
        }),
      )
      asm.op({ ...spec, run, without })
    }),
  )
  if (!tells && !callerTells)
    asm.skipPhase({ ...secondaryPhase(t, call), title: 'no callback here', note: 'CPUs only', kind: 'hole' })
}

/** Where it is written: on x86 most are macros, or inline. */
function fileOf(fn: FlushCall['fn'], arm: boolean): string {
  if (fn.startsWith('pte') || fn.startsWith('pmd')) return 'mm/pgtable-generic.c'
  if (arm) return 'arch/arm64/include/asm/tlbflush.h'
  return fn === 'flush_tlb_kernel_range' ? 'arch/x86/mm/tlb.c' : 'arch/x86/include/asm/tlbflush.h'
}

/** Those that pass on the page that they were given. */
const ONE_PAGE: ReadonlySet<FlushCall['fn']> = new Set<FlushCall['fn']>(['flush_tlb_page', 'ptep_clear_flush'])

/**
 * x86 up to 6.14: flush_tlb_range() says that no table goes, also where pmdp_collapse_flush() takes one out, so lazy CPUs are not
 * interrupted (3ef938c35035, B30).
 */
const seenAsLeaves = ({ s }: Task, { fn }: FlushCall): boolean =>
  fn === 'pmdp_collapse_flush' && s.policy.arch === 'x86' && s.policy.lazyCpusSkippedOnTableFree

/** The pages of the flush, or everything. */
const toldRange = ({ s, k }: Task, m: Machine): readonly [number, number] =>
  get(m, k.nested, 0) === 1 ? [0, s.vpns.length] : [get(m, k.gatherStart, 0), get(m, k.gatherEnd, 0)]

const flushPhase = ({ phase }: FlushCall) => ({
  id: `flush ${phase}`,
  title: 'CPU flush',
  note: 'TLBs of all CPUs',
  kind: 'work' as const,
  amber: true,
})

const secondaryPhase = (t: Task, { phase, unlocked }: FlushCall) => ({
  id: `secondary ${phase}`,
  title: rangeHook(t),
  note: unlocked === true ? 'no page-table lock held' : 'under the page-table lock',
  kind: 'call' as 'call' | 'hole',
  amber: true,
})
