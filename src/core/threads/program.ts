import { assert } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import type { Footprint, Need } from './footprint.ts'
import type { PhaseView } from './phase.ts'

/**
 * How a program goes on when it leaves out one thing that an op does only to protect: an invalidation, a flush, a wait, a lock
 * kept over it. Whatever the machine needs to stay consistent (counts, lists, locks that are released later) still happens.
 */
export interface Omission {
  /** Tells two things that one op does apart: `lock`. '' where there is one. */
  readonly id: string
  /** What is left out, for the reader: `the wait for the IOMMU`. */
  readonly what: string
  /** Absent: it never waits. */
  readonly ready?: (m: Machine) => boolean
  readonly run: Op['run']
}

/** What happens between two points where someone else may run, and the kernel function it stands for. */
export interface Op extends Footprint {
  /** `zap_pte_range` */
  readonly fn: string
  /** `mm/memory.c` */
  readonly file: string
  /** Outermost caller first. */
  readonly stack: readonly string[]
  /** Index into the program's phases, or null. */
  readonly phase: number | null
  /** What it is about to do, without the actor: `clear the PTE of buf[0]`. */
  readonly label: (m: Machine) => string
  /** Why it matters, for the side panel. */
  readonly why: string
  readonly ready: (m: Machine) => boolean
  /** What blocks it and who holds that. Asked only when not ready. */
  readonly blocked: (m: Machine) => string
  /** Changes `m` in place and says which operation comes next. */
  readonly run: (m: Machine, emit: Emit | undefined, next: number) => number
  /** What can be left out of it. Empty for all ops that do more than protect: those are never left out. */
  readonly without: readonly Omission[]
  /** Every op that `run` may name as the next. */
  readonly next: readonly number[]
}

export interface OpSpec extends Partial<Footprint> {
  readonly fn: string
  readonly file: string
  readonly label: string | ((m: Machine) => string)
  readonly why: string
  readonly blocked?: (m: Machine) => string
  readonly run: (m: Machine, emit: Emit | undefined, next: number) => number
  readonly without?: readonly Omission[]
  /** Where `run` may go. Absent: to the op that is written next. */
  readonly goes?: readonly (Label | 'next' | 'again')[]
}

/** An omission. `run`: what happens all the same, and where to go on; absent: nothing, with the next op. */
export const omitting = (
  what: string,
  run?: (m: Machine, emit: Emit | undefined, next: number) => number,
  how: { readonly id?: string; readonly ready?: (m: Machine) => boolean } = {},
): Omission => ({
  id: '',
  what,
  ...how,
  run: (m, emit, next) => {
    emit?.({ type: 'operation-left-out', what })
    return run === undefined ? next : run(m, emit, next)
  },
})

/** A place in a program that is known later than the jump to it. */
export interface Label {
  at: number
}

const NEXT: readonly (Label | 'next' | 'again')[] = ['next']

export interface Program {
  readonly ops: readonly Op[]
  readonly phases: readonly PhaseView[]
}

/** Writes a program op by op. Callers nest with `within`, so that every op knows its call stack. */
export class ProgramBuilder {
  private readonly ops: Op[] = []
  private readonly goes: (readonly (Label | 'next' | 'again')[])[] = []
  private readonly phases: PhaseView[] = []
  private readonly stack: string[] = []
  private phase: number | null = null
  private actionStart = 0

  /** Next index: where the op written next will stand. */
  get here(): number {
    return this.ops.length
  }

  label(): Label {
    return { at: -1 }
  }

  place(label: Label): void {
    assert(label.at === -1, 'a label is placed once')
    label.at = this.here
  }

  op(spec: OpSpec): void {
    const { label, needs = [] } = spec
    this.ops.push({
      fn: spec.fn,
      file: spec.file,
      stack: [...this.stack],
      phase: this.phase,
      label: typeof label === 'string' ? () => label : label,
      why: spec.why,
      ready: allHold(needs),
      blocked: spec.blocked ?? (() => ''),
      run: spec.run,
      without: spec.without ?? [],
      needs,
      touches: spec.touches ?? [],
      only: spec.only ?? [],
      circles: spec.circles,
      // Labels are placed later: see build.
      next: [],
    })
    this.goes.push(spec.goes ?? NEXT)
  }

  /** Everything that `body` writes is called from `fn`. */
  within(fn: string, body: () => void): void {
    this.stack.push(fn)
    body()
    this.stack.pop()
  }

  /** The next action of a script: its phases are its own, also where the action before had the same. */
  beginAction(): void {
    this.actionStart = this.phases.length
    this.phase = null
  }

  /** From here on the ops belong to this phase of the operation. A phase that was begun before is taken up again. */
  beginPhase(phase: PhaseView): void {
    this.phase = this.indexOf(phase)
  }

  /** A callback that other kernels make here and this one does not, or a function that is empty: nothing runs. */
  skipPhase(phase: PhaseView): void {
    this.indexOf(phase)
  }

  private indexOf(phase: PhaseView): number {
    const known = this.phases.findIndex((p, i) => i >= this.actionStart && p.id === phase.id)
    return known >= 0 ? known : this.phases.push(phase) - 1
  }

  endPhases(): void {
    this.phase = null
  }

  build(): Program {
    const ops = this.ops.map((op, i) => ({
      ...op,
      next: (this.goes[i] ?? NEXT).map(to => (to === 'next' ? i + 1 : to === 'again' ? i : to.at)),
    }))
    return { ops, phases: this.phases }
  }
}

function allHold(needs: readonly Need[]): (m: Machine) => boolean {
  const [first, second] = needs
  if (first === undefined) return () => true
  if (second === undefined) return first.holds
  return m => needs.every(need => need.holds(m))
}
