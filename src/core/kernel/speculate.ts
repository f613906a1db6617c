import { endWalk, fillStep, pgdFrame, startWalk, walkStep } from '../device/walk.ts'
import { get } from '../machine/cells.ts'
import type { Translator } from '../machine/event.ts'
import { pageLabel } from '../machine/setup.ts'
import { LEAF_READ } from '../machine/shape.ts'
import { tlbLookup } from '../machine/tlb.ts'
import { LEVELS } from '../units.ts'
import type { Task } from './task.ts'

const MMU = 'hardware'

/**
 * A page walk that the processor makes on speculation: for an address that the program may never use, also while a kernel thread
 * runs on the mm in lazy TLB mode. It begins where the walk cache says, fills the caches with what it finds, and takes no fault.
 *
 * Simplified: it happens where the script has it, not at any time; a page that the TLB has already is not walked for.
 */
export function speculate(t: Task, page: number): void {
  const { asm, s, k } = t
  const by: Translator = { kind: 'cpu', index: t.cpu }
  const label = pageLabel(s, page)
  const walk = asm.label()
  const done = asm.label()
  asm.within('speculation', () => {
    asm.endPhases()
    asm.op({
      fn: 'page walk',
      file: MMU,
      label: `begin to walk for ${label} on speculation`,
      why: 'A processor may walk for any address at any time, as long as the page table is loaded. Nobody asked for it, and no fault tells of it.',
      run: (m, emit) => {
        if (tlbLookup(s, m, k, page, false) !== 0) return done.at
        startWalk(s, m, by, k, k, page, pgdFrame(s, m, t.mm), emit)
        return walk.at
      },
      goes: [walk, done],
    })
    asm.place(walk)
    asm.op({
      fn: 'page walk',
      file: MMU,
      label: m => {
        const stage = get(m, k.stage, 0)
        return stage === LEAF_READ
          ? `cache ${label} in the TLB`
          : `read the ${LEVELS[stage - 1] ?? ''} entry for ${label}`
      },
      why: 'It takes the frame that the walk cache names for a page table, whoever owns it by now.',
      run: (m, emit) => {
        if (get(m, k.stage, 0) === LEAF_READ) {
          fillStep(s, m, by, k, k, page, emit)
          return done.at
        }
        if (walkStep(s, m, by, k, k, page, false, emit) === 'going') return walk.at
        endWalk(m, k)
        return done.at
      },
      goes: [walk, done],
    })
  })
  asm.place(done)
}
