import { known } from '../base/assert.ts'
import { get, type Machine } from '../machine/cells.ts'
import { nameIn } from '../policy/names.ts'
import type { Policy } from '../policy/policy.ts'
import type { Lab } from '../scenarios/build.ts'
import type { CpuAction } from '../scenarios/scenario.ts'
import type { Program } from '../threads/program.ts'

/** A stretch of a CPU's program: operations in a row that belong to one phase. */
export interface Stretch {
  /** As on the ribbon, or the call it is part of: `invalidate_range`, `free`. */
  readonly title: string
  /** Nothing is left to do. */
  readonly end: boolean
}

/** The CPU whose work the scenario is about, and where it can stand. */
export interface Unmapper {
  /** `CPU 0` */
  readonly name: string
  /** In the order of its program; the last one is its end. */
  readonly stretches: readonly Stretch[]
  /** Place of the stretch whose next operation it makes in a state. */
  readonly stretchOf: (m: Machine) => number
}

const UNMAPS: readonly CpuAction['do'][] = ['munmap', 'brk', 'madvise-dontneed', 'exit']

/** The first CPU that unmaps something; where none does, the first. */
export function unmapperOf({ scenario, setup, programs }: Lab): Unmapper {
  const cpu = Math.max(
    0,
    scenario.cpus.findIndex(c => c.script.some(action => UNMAPS.includes(action.do))),
  )
  const program = known(programs[cpu], 'a program')
  const { stretches, ofOp } = stretchesOf(program, setup.policy)
  const { pc } = known(setup.shape.cpus[cpu], 'a CPU')
  return {
    name: known(setup.cpus[cpu], 'a CPU').name,
    stretches: [...stretches, { title: 'done', end: true }],
    stretchOf: m => ofOp[get(m, pc, 0)] ?? stretches.length,
  }
}

function stretchesOf({ ops, phases }: Program, policy: Policy): { stretches: Stretch[]; ofOp: number[] } {
  const stretches: Stretch[] = []
  const ofOp: number[] = []
  for (const [i, op] of ops.entries()) {
    const title = op.phase === null ? nameIn(policy, op.stack[0] ?? op.fn) : known(phases[op.phase], 'a phase').title
    const goesOn = i > 0 && op.phase === ops[i - 1]?.phase && title === stretches.at(-1)?.title
    if (!goesOn) stretches.push({ title, end: false })
    ofOp.push(stretches.length - 1)
  }
  return { stretches, ofOp }
}
