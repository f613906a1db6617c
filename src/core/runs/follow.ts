import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Actor } from '../threads/actor.ts'
import type { StepView } from '../view/world.ts'
import { Run } from './run.ts'
import { keyOf } from './step-view.ts'

/** A row of two runs laid side by side; one side may be missing. `here` and `there` count steps taken after the row. */
export interface FollowRow {
  readonly hereStep: StepView | null
  readonly thereStep: StepView | null
  readonly here: number
  readonly there: number
  readonly same: boolean
}

export interface Followed {
  readonly rows: readonly FollowRow[]
  readonly run: Run
  /** Why it could not be followed to the end, or ''. */
  readonly stopped: string
}

/** Steps that the other side may take by itself to catch up with one step here. */
const CATCH_UP = 64

/**
 * Follows a run's schedule in another kernel. The same actor moves on both sides; where the other kernel has operations that
 * this one lacks, they are run in between, and the hardware that they wait for runs with them; where it lacks one, the row is
 * empty there. Stops at the first move that the other kernel cannot follow, and says why.
 */
export function follow(run: Run, other: Lab): Followed {
  const there = new Run(other)
  const rows: FollowRow[] = []
  const row = (hereStep: StepView | null, thereStep: StepView | null, here: number): void => {
    rows.push({
      hereStep,
      thereStep,
      here,
      there: there.length,
      same: hereStep !== null && thereStep !== null && sameStep(hereStep, thereStep),
    })
  }
  const last = (): StepView => known(there.film[there.length - 1], 'step')

  for (let at = 0; at < run.length; at++) {
    const step = known(run.film[at], 'step')
    const hereActor = known(run.lab.actors[step.choice.actor], 'actor')
    const actor = other.actors.find(a => a.name === hereActor.name)
    if (actor === undefined) {
      row(step, null, at + 1)
      continue
    }
    if (actor.kind === 'cpu') {
      const reason = catchUp(run, there, actor, step, () => row(null, last(), at))
      if (reason === 'absent') {
        row(step, null, at + 1)
        continue
      }
      if (reason !== '') return { rows, run: there, stopped: reason }
    }
    const m = there.stateAt(there.length)
    const ways = actor.ready(m)
    if (ways === 0) {
      // Hardware that has nothing to do there, or a device that is already done: the other side simply has no such step.
      if (actor.finished(m)) {
        row(step, null, at + 1)
        continue
      }
      return { rows, run: there, stopped: `${actor.name} cannot move there: ${actor.blocked(m)}` }
    }
    there.push({ actor: actor.id, alternative: Math.min(step.choice.alternative, ways - 1) })
    row(step, last(), at + 1)
  }
  return { rows, run: there, stopped: '' }
}

/** Runs what this CPU does only in the other kernel, up to the operation that both have. '' when it stands there and can move. */
function catchUp(here: Run, there: Run, actor: Actor, step: StepView, made: () => void): string {
  const { key } = step
  for (let i = 0; i < CATCH_UP; i++) {
    const m = there.stateAt(there.length)
    if (actor.finished(m)) return 'absent'
    const op = actor.op(m, 0)
    const standsAt = keyOf(op)
    const extra = standsAt !== key && !hasOp(here.lab, actor.name, standsAt)
    if (!extra && standsAt !== key && !hasOp(there.lab, actor.name, key)) return 'absent'
    if (actor.ready(m) === 0) {
      const helper = there.lab.actors.find(a => (a.kind === 'iommu' || a.kind === 'interrupt') && a.ready(m) > 0)
      if (helper === undefined)
        return `${actor.name} cannot go on there: ${[actor.blocked(m), ...heldUp(there, m)].join('; ')}`
      there.push({ actor: helper.id, alternative: 0 })
      made()
      continue
    }
    if (!extra) return ''
    there.push({ actor: actor.id, alternative: 0 })
    made()
  }
  return `${actor.name} does something else there`
}

/** Hardware that has work and cannot do it: why the one who waits for it waits. */
const heldUp = (run: Run, m: Machine): string[] =>
  run.lab.actors
    .filter(a => (a.kind === 'iommu' || a.kind === 'interrupt') && !a.finished(m))
    .map(a => `${a.name}: ${a.blocked(m)}`)

const hasOp = (lab: Lab, actorName: string, key: string): boolean =>
  lab.programs.some(
    (program, i) => lab.actors[lab.runners[i] ?? -1]?.name === actorName && program.ops.some(op => keyOf(op) === key),
  )

const sameStep = (a: StepView, b: StepView): boolean => a.sentence === b.sentence && lastOf(a.key) === lastOf(b.key)

/** The function of a key. */
const lastOf = (key: string): string => key.slice(key.lastIndexOf('|') + 1)
