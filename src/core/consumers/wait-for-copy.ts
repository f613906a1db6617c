import type { Machine } from '../machine/cells.ts'
import { copyWanted, setCopyWanted } from '../machine/copying.ts'
import type { Emit } from '../machine/event.ts'
import { pageLabel, type Setup } from '../machine/setup.ts'
import type { Label, ProgramBuilder } from '../threads/program.ts'

/** A thread of a consumer, by what lock columns hold for it. */
interface Faulting {
  readonly s: Setup
  readonly holder: number
}

/** Its number among all threads of consumers: they come after the CPUs and the fault worker. */
const threadOf = ({ s, holder }: Faulting): number => holder - s.cpus.length - 2

/** Its fault goes on when the page has been copied: kernel/serve-faults.ts. */
export const wantCopy = (v: Faulting, m: Machine, page: number): void => setCopyWanted(v.s.shape, m, threadOf(v), page)

/** The wait itself, in scenarios in which pages are copied on write. `run`: what the thread does then, with the mmap lock still held. */
export function waitForCopy(
  v: Faulting,
  asm: ProgramBuilder,
  page: number,
  at: Label,
  run: (m: Machine, emit?: Emit) => number,
  goes: readonly Label[],
): void {
  const { s } = v
  if (!s.shape.sizes.features.copyOnWrite) return
  asm.place(at)
  asm.op({
    fn: 'do_wp_page',
    file: 'mm/memory.c',
    label: `have ${pageLabel(s, page)} copied, drop the mmap lock`,
    why: 'Others have the page too. Copy on write is the same for a guest as for a CPU.',
    needs: [{ on: [s.resources.frames], holds: m => copyWanted(s.shape, m, threadOf(v)) < 0, as: 'reads' }],
    blocked: () => `${pageLabel(s, page)} is being copied`,
    run,
    goes: [...goes],
  })
}
