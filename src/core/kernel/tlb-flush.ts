import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import type { CpuColumns } from '../machine/shape.ts'
import { holdsIn, invalidate } from '../machine/tlb.ts'
import { incMmTlbGen, setRequestGen } from '../machine/tlb-gens.ts'
import { atOnce, type Part } from '../threads/footprint.ts'
import { type OpSpec, omitting } from '../threads/program.ts'
import { flushTlbFunc } from './flush-tlb-func.ts'
import { otherCpus, reachedCpus, type Task } from './task.ts'

/*
 * CPU TLB flushes. x86: flush_tlb_mm_range() flushes the local TLB, sends IPIs and waits for every acknowledgement
 * (arch/x86/mm/tlb.c). arm64: TLBI is broadcast by hardware, DSB waits for it (arch/arm64/include/asm/tlbflush.h).
 * Simplified: one ASID a CPU. Generations of flushes are kept where somebody looks at them (machine/tlb-gens.ts).
 */

/** More pages than this and x86 flushes everything. tlb_single_page_flush_ceiling, arch/x86/mm/tlb.c */
const SINGLE_PAGE_FLUSH_CEILING = 33

/** The range a gather has recorded, in pages. Empty when nothing was unmapped. */
export const gatherRange = (t: Task, m: Machine): readonly [number, number] => [
  get(m, t.k.gatherStart, 0),
  get(m, t.k.gatherEnd, 0),
]

/** Page range that the CPUs drop: all of it past the ceiling, and when a nested gather forces a full flush. */
export function cpuFlushRange(s: Setup, m: Machine, k: CpuColumns): readonly [number, number] {
  const start = get(m, k.gatherStart, 0)
  const end = get(m, k.gatherEnd, 0)
  return flushesAll(s, m, k) ? [0, s.vpns.length] : [start, end]
}

/** That is everything, whatever there is. */
export const flushesAll = (s: Setup, m: Machine, k: CpuColumns): boolean =>
  get(m, k.nested, 0) === 1 || pastCeiling(s, get(m, k.gatherStart, 0), get(m, k.gatherEnd, 0))

/** x86 would rather flush everything than each of these pages. */
export const pastCeiling = (s: Setup, start: number, end: number): boolean =>
  pagesBetween(s, start, end) > SINGLE_PAGE_FLUSH_CEILING

/** Pages of address space from the first to the last page of [start, end), untouched ones between them included. */
function pagesBetween(s: Setup, start: number, end: number): number {
  return end <= start ? 0 : (s.vpns[end - 1] as number) - (s.vpns[start] as number) + 1
}

/** What the gather's flush must drop and whom it must tell. */
export const nothingGathered = (t: Task, m: Machine): boolean =>
  get(m, t.k.gatherEnd, 0) === 0 && get(m, t.k.nested, 0) === 0

/** From 6.6 on the flushes of the architectures tell secondary TLBs too; not those of the kernel’s own mappings, nor what makes up for one put off. */
function whoHears({ s }: Task, fn: string): string {
  if (fn === 'arch_tlbbatch_flush')
    return 'It reaches CPUs only. Secondary TLBs do not wait for it: they were told of each page as it was unmapped, or by end().'
  return s.policy.archFlushNotifies && fn !== 'flush_tlb_kernel_range'
    ? 'It reaches the CPUs. An IOMMU that walks the same page table is told by a call of its own, from within this function.'
    : 'This reaches CPUs only. An IOMMU that walks the same page table hears nothing of it.'
}

/** The flush itself. `gen` raises tlb_gen of the mm and answers it. */
export function cpuFlushSpecs(
  t: Task,
  name: { fn: string; file: string },
  begin: (m: Machine, emit?: Emit) => void,
  gen: (m: Machine, start: number, end: number) => number = (m, start, end) => incMmTlbGen(t.s, m, t.mm, start, end),
): OpSpec[] {
  const { s, k } = t
  const arm = s.policy.arch === 'arm64'
  const specs: OpSpec[] = [
    {
      ...name,
      label: arm
        ? 'issue TLBI to all CPUs'
        : otherCpus(t, true).length > 0
          ? 'flush this CPU’s TLB and send IPIs'
          : 'flush this CPU’s TLB',
      why: whoHears(t, name.fn),
      run: (m, emit, next) => {
        begin(m, emit)
        const [start, end] = cpuFlushRange(s, m, k)
        const freedTables = get(m, k.freedTables, 0) === 1
        const range = start === 0 && end === s.vpns.length ? 'all' : rangeOf(s, start, end)
        emit?.({ type: 'cpu-flush-started', range, freedTables })
        const leafOnly = arm && !freedTables
        const request = { from: t.cpu, gen: gen(m, start, end), range: [start, end], leafOnly } as const
        const to = reachedCpus(t, m, freedTables)
        const skipped = otherCpus(t, true).filter(cpu => !to.includes(cpu))
        if (to.length + skipped.length > 0 && !arm) emit?.({ type: 'ipi-sent', to, skipped })
        if (s.cpus[t.cpu]?.mm === t.mm) flushTlbFunc(s, m, t.cpu, request, emit)
        else {
          invalidate(s, m, k, start, end, leafOnly)
          emit?.({ type: 'cpu-tlb-flushed', cpu: t.cpu, from: t.cpu, range })
        }
        for (const cpu of to) {
          set(m, s.shape.flushRequest, cpu * s.cpus.length + t.cpu, 1)
          setRequestGen(s, m, cpu, t.cpu, request.gen)
        }
        return next
      },
      touches: flushTouches(t),
      without: [
        omitting(arm ? 'the TLBI' : 'the flush of the CPUs’ TLBs', (m, emit, next) => {
          begin(m, emit)
          return next
        }),
      ],
    },
  ]
  return specs
}

/** Waits until every CPU asked has flushed: smp_call_function_many_cond(), or DSB ISH. */
export function acknowledgeSpec(t: Task): OpSpec | undefined {
  const { s } = t
  if (otherCpus(t, true).length === 0) return undefined
  const arm = s.policy.arch === 'arm64'
  const pending = (m: Machine): number =>
    otherCpus(t, true).find(cpu => get(m, s.shape.flushRequest, cpu * s.cpus.length + t.cpu) === 1) ?? -1
  return {
    fn: arm ? 'dsb(ish)' : 'smp_call_function_many_cond',
    file: arm ? 'arch/arm64/include/asm/tlbflush.h' : 'kernel/smp.c',
    label: arm ? 'wait until the TLBI is done everywhere' : 'see that every CPU has acknowledged',
    why: 'After this no CPU can reach the pages any more.',
    // Nobody else asks in its name.
    needs: otherCpus(t, true).map(cpu => ({
      on: [s.resources.flushRequest(cpu * s.cpus.length + t.cpu)],
      holds: m => get(m, s.shape.flushRequest, cpu * s.cpus.length + t.cpu) === 0,
      as: 'knows',
    })),
    blocked: m => `${s.cpus[pending(m)]?.name ?? 'a CPU'} has not flushed yet`,
    run: (_m, emit, next) => {
      emit?.({ type: 'cpu-flush-completed' })
      return next
    },
    without: [omitting(arm ? 'the DSB' : 'the wait for the other CPUs')],
  }
}

/** Its own TLB, and a request to each CPU that is to be interrupted. */
function flushTouches(t: Task): Part[] {
  const { s, k } = t
  const { resources: r, policy } = s
  const tables = (m: Machine): boolean => get(m, k.freedTables, 0) === 1
  const drops = (m: Machine): boolean =>
    holdsIn(s, m, k, ...cpuFlushRange(s, m, k), policy.arch === 'arm64' && !tables(m))
  return [
    { merges: [r.tlb(t.cpu)] },
    atOnce({ merges: [r.held] }, drops),
    ...otherCpus(t, true).map(
      (cpu): Part => ({
        writes: [r.flushRequest(cpu * s.cpus.length + t.cpu)],
        now: m => otherCpus(t, tables(m)).includes(cpu),
      }),
    ),
  ]
}
