import { get, type Machine, set } from '../machine/cells.ts'
import { noteSoftwareWalk } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { tableFrame } from '../machine/page-table.ts'
import { pageLabel, rangeOf, type Setup, USE } from '../machine/setup.ts'
import type { Need } from '../threads/footprint.ts'
import { framesNeeded } from './frame-footprint.ts'
import { mmapReadNeeds, mmapWriteNeeds } from './mmap-lock.ts'
import { allocateTables, framesFor, leafPlace } from './page-fault.ts'
import type { Task } from './task.ts'

/*
 * A fault below a stack: find_vma() finds the VMA above the address, and expand_stack() moves its start down (mm/mmap.c). Where a scenario has
 * a stack, faults of CPUs find the page table in one step and set the PTE in the next, for in between somebody may free it.
 *
 * Simplified: no guard gap and no limit; a device's fault does not grow a stack; from 6.5 on, growing under the write lock is one step.
 */

/** Index of the region that would grow down over the page: the next VMA above it is a stack. -1: none. */
function stackAbove(s: Setup, m: Machine, page: number): number {
  const mm = s.mms.find(({ first, end }) => page >= first && page < end)
  if (s.regions[s.regionOf[page] ?? 0]?.kind !== 'anon') return -1
  for (let above = page; above < (mm?.end ?? 0); above++) {
    const region = get(m, s.shape.vma, above) - 1
    if (region < 0) continue
    return above > page && s.regions[region]?.growsDown === true ? region : -1
  }
  return -1
}

/** The lock with which a fault on the page begins: to read, or to write where this kernel grows stacks so and it is to grow. */
export function growthNeeds(s: Setup, page: number, mm: number): Need[] {
  const [readers, writers] = [mmapReadNeeds(s, mm), mmapWriteNeeds(s, mm)]
  if (s.policy.stackGrowthLock === 'read') return readers
  const on = [...writers.flatMap(need => need.on)]
  return [
    {
      on,
      as: 'reads',
      holds: m => (stackAbove(s, m, page) >= 0 ? writers : readers).every(need => need.holds(m)),
    },
  ]
}

/** expand_stack(), mm/mmap.c: where a stack lies above the page and no VMA covers it, the stack begins here from now on. */
export function expandStack(s: Setup, m: Machine, page: number, emit?: Emit): void {
  const region = stackAbove(s, m, page)
  if (region < 0) return
  let end = page
  while (get(m, s.shape.vma, end) === 0) set(m, s.shape.vma, end++, region + 1)
  emit?.({ type: 'stack-grown', range: rangeOf(s, page, end) })
}

/** __handle_mm_fault(), mm/memory.c, as far as the page table: it is found, or allocated, and remembered. */
export function findTable(t: Task, page: number): void {
  const { asm, s, k } = t
  const place = leafPlace(s, page)
  asm.op({
    fn: 'pte_alloc',
    file: 'mm/memory.c',
    label: `find the page table for ${pageLabel(s, page)}`,
    why: 'The mmap lock has to keep this table where it is until the PTE is set.',
    needs: framesNeeded(s, m => framesFor(s, m, page)),
    blocked: () => 'no frame is free',
    run: (m, emit, next) => {
      allocateTables(s, m, page, emit)
      set(m, k.frame, 0, tableFrame(s.shape, m, place))
      return next
    },
  })
}

/** Whether the table that was found is no longer the one of the page. To use it after it was freed is harm (I3), and nothing is mapped. */
export function tableWentAway({ s, k, cpu }: Task, m: Machine, page: number, emit?: Emit): boolean {
  const place = leafPlace(s, page)
  const found = get(m, k.frame, 0)
  set(m, k.frame, 0, 0)
  if (tableFrame(s.shape, m, place) === found) return false
  const isTable = get(m, s.shape.use, found) === USE.table && get(m, s.shape.purpose, found) === place + 1
  if (!isTable) noteSoftwareWalk(s, m, cpu, found, emit)
  return true
}
