import { known } from '../base/assert.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Setup } from '../machine/setup.ts'
import type { Actor } from '../threads/actor.ts'
import type { Op, Program } from '../threads/program.ts'

/** A task that runs its program on its own CPU, one operation at a time. */
export function cpuActor(s: Setup, id: number, cpu: number, program: Program): Actor {
  const k = known(s.shape.cpus[cpu], `CPU ${cpu}`)
  const facts = known(s.cpus[cpu], `CPU ${cpu}`)
  const { ops } = program
  const opAt = (m: Machine): Op | undefined => ops[get(m, k.pc, 0)]
  return {
    id,
    name: facts.name,
    kind: 'cpu',
    lane: facts.name,
    finished: m => get(m, k.pc, 0) >= ops.length,
    ready: m => {
      const op = opAt(m)
      return op?.ready(m) ? 1 : 0
    },
    blocked: m => opAt(m)?.blocked(m) ?? 'its script is done',
    op: m => {
      const op = opAt(m)
      if (op === undefined) return { fn: '', file: '', stack: [], phase: null, label: 'nothing left to do', why: '' }
      return { fn: op.fn, file: op.file, stack: op.stack, phase: op.phase, label: op.label(m), why: op.why }
    },
    step: (m, _alternative, emit) => {
      const at = get(m, k.pc, 0)
      const op = known(ops[at], 'an operation')
      set(m, k.pc, 0, op.run(m, emit, at + 1))
    },
  }
}
