import { known } from '../base/assert.ts'
import { type Column, get, type Machine, set } from '../machine/cells.ts'
import type { Setup } from '../machine/setup.ts'
import type { Actor } from '../threads/actor.ts'
import type { Op, Program } from '../threads/program.ts'

/** A task that runs its program on its own CPU, one operation at a time. */
export function cpuActor(s: Setup, id: number, cpu: number, program: Program): Actor {
  const { pc } = known(s.shape.cpus[cpu], `CPU ${cpu}`)
  const { name } = known(s.cpus[cpu], `CPU ${cpu}`)
  return programActor({ id, name, kind: 'cpu', lane: name, pc }, program)
}

/** Whoever runs a program: where it stands is in its `pc`. */
export function programActor(
  { id, name, kind, lane, pc }: Pick<Actor, 'id' | 'name' | 'kind' | 'lane'> & { readonly pc: Column },
  { ops }: Program,
): Actor {
  const opAt = (m: Machine): Op | undefined => ops[get(m, pc, 0)]
  return {
    id,
    name,
    kind,
    lane,
    finished: m => get(m, pc, 0) >= ops.length,
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
      const at = get(m, pc, 0)
      const op = known(ops[at], 'an operation')
      set(m, pc, 0, op.run(m, emit, at + 1))
    },
  }
}
