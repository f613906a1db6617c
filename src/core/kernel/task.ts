import { known } from '../base/assert.ts'
import { ROOT } from '../device/device.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { LOADED, type Loaded, loadedAt } from '../machine/loaded-mm.ts'
import { pasidRoot } from '../machine/pasids.ts'
import type { MmFacts, Setup } from '../machine/setup.ts'
import type { CpuColumns } from '../machine/shape.ts'
import type { ProgramBuilder } from '../threads/program.ts'

/** One task on its CPU, while its program is written. */
export interface Task {
  readonly s: Setup
  readonly asm: ProgramBuilder
  readonly cpu: number
  /** Its columns: place in the program, cursor, mmu_gather, TLB. */
  readonly k: CpuColumns
  /** The address space that it works on: its own, or for a kernel thread the one that it was written for. */
  readonly mm: number
  /** What lock columns hold when it holds the lock. */
  readonly holder: number
  /** Pages that the call that is being written is about. */
  readonly range: readonly [number, number]
  /** Its gather takes itself for that of a dying mm: mmu_gather.fullmm. arm64 flushes nothing for it. */
  readonly fullmm?: true
  /** Its gather records entries that were changed in place, and queues no pages. */
  readonly inPlace?: true
}

export const taskOn = (s: Setup, asm: ProgramBuilder, cpu: number): Task => ({
  s,
  asm,
  cpu,
  k: known(s.shape.cpus[cpu], `CPU ${cpu}`),
  mm: Math.max(0, s.cpus[cpu]?.mm ?? 0),
  holder: cpu + 1,
  range: [0, s.vpns.length],
})

/** struct mm_struct that it works on. */
export const mmOf = ({ s, mm }: Task): MmFacts => known(s.mms[mm], `address space ${mm}`)

/** Name of a lock holder: CPUs first, then the fault worker, then threads of consumers. */
export function holderName(s: Setup, holder: number): string {
  if (holder === 0) return 'nobody'
  const worker = s.cpus.length + 1
  if (holder > worker) return s.consumers.flatMap(c => c.threads)[holder - worker - 1]?.name ?? ''
  return s.cpus[holder - 1]?.name ?? 'the I/O page fault worker'
}

/** CPUs, other than the task's own, that a flush of its mm must reach: mm_cpumask(). Lazy ones only when page tables go. */
export function otherCpus(t: Task, freedTables: boolean): number[] {
  return t.s.cpus.flatMap((cpu, i) =>
    i !== t.cpu && cpu.mm === t.mm && (!cpu.lazy || freedTables || t.s.policy.arch === 'arm64') ? [i] : [],
  )
}

/** Those of them to which a flush that begins now is sent: should_flush_tlb(), arch/x86/mm/tlb.c. A TLBI of arm64 reaches all. */
export function reachedCpus(t: Task, m: Machine, freedTables: boolean): number[] {
  const { s } = t
  if (s.policy.arch === 'arm64') return otherCpus(t, freedTables)
  return otherCpus(t, true).filter(cpu => isReached(s, loadedAt(s, m, cpu), freedTables))
}

function isReached(s: Setup, loaded: Loaded, freedTables: boolean): boolean {
  switch (loaded) {
    case LOADED.own:
      return true
    case LOADED.lazy:
      return freedTables
    case LOADED.switching:
      return s.policy.flushWhileSwitching
    case LOADED.other:
      return false
  }
}

export const cursorAt = (t: Task, m: Machine): number => get(m, t.k.cursor, 0)
export const setCursor = (t: Task, m: Machine, at: number): void => set(m, t.k.cursor, 0, at)

/** A driver subscribes to notifiers of the mm that it works on: of the app's, and of each that has a PASID. */
export const subscribed = ({ s, mm }: Task): boolean => s.subscribed && (mm === 0 || s.pasids.length > 0)

/** The IOMMU walks the page table that it works on, right now. */
export const walked = ({ s, mm }: Task, m: Machine): boolean => pasidRoot(s, m, mm) === ROOT.real
