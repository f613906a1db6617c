import type { TablePlace } from '../machine/shape.ts'
import type { PhaseView } from '../threads/phase.ts'
import { flushTlb } from './flush-tlb.ts'
import { detachTable, lockPmd, pmdLockBlocked, pmdLockNeeds, unlockPmdOp } from './huge-pmd.ts'
import { pmdFlushRange } from './split-huge-pmd.ts'
import type { Task } from './task.ts'

const phase: PhaseView = {
  id: 'collapse',
  title: 'remove the table',
  note: 'under the PMD lock',
  kind: 'work',
  amber: true,
}

/**
 * A collapse takes a page table out of the tree: PMD lock, pmdp_collapse_flush(), unlock. The table still has its PTEs.
 *
 * Kernel: collapse_huge_page(), collapse_pte_mapped_thp() mm/khugepaged.c. `site`: whether a start/end pair is open around it.
 */
export function removeTable(t: Task, place: TablePlace, site: 'inside' | 'outside'): void {
  const { asm } = t
  asm.beginPhase(phase)
  asm.op({
    fn: 'pmd_lock',
    file: 'mm/khugepaged.c',
    label: 'take the PMD lock',
    why: 'The entry of the PMD table changes. Walkers, of hardware or software, take no lock.',
    needs: pmdLockNeeds(t, place),
    blocked: m => pmdLockBlocked(t, m, place),
    run: (m, emit, next) => {
      lockPmd(t, m, place, emit)
      return next
    },
  })
  flushTlb(t, {
    fn: 'pmdp_collapse_flush',
    pages: pmdFlushRange(t, place),
    tables: true,
    notifies: false,
    site,
    phase: 'collapse',
    first: (m, emit) => detachTable(t, m, place, emit),
  })
  asm.beginPhase(phase)
  unlockPmdOp(t, place)
}
