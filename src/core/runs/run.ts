import { known } from '../base/assert.ts'
import { checksum, copyOf, type Machine } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import type { Lab } from '../scenarios/build.ts'
import { LIMITS } from '../scenarios/scenario.ts'
import type { Choice } from '../threads/choice.ts'
import type { StepView } from '../view/world.ts'
import { namesOf, stepView } from './step-view.ts'

/** Words that the states of a run may take before only every n-th is kept and the rest is replayed: 8 MB. */
const KEPT_WORDS = 2 ** 21

/**
 * One run: a lab, the choices made so far, and the way back to every state. Any state is the initial one with the first `at`
 * choices applied, so stepping back and jumping are exact.
 */
export class Run {
  readonly lab: Lab
  readonly choices: Choice[] = []
  readonly film: StepView[] = []
  private readonly kept = new Map<number, Machine>()
  private readonly stride: number
  private readonly names
  /** The last state that was made, so that pushing on does not replay. */
  private newest: { readonly at: number; readonly m: Machine } | undefined

  constructor(lab: Lab) {
    this.lab = lab
    this.names = namesOf(lab)
    this.stride = Math.max(1, Math.ceil((lab.setup.shape.words * LIMITS.scheduleLength) / KEPT_WORDS))
    this.kept.set(0, lab.initial)
  }

  get length(): number {
    return this.choices.length
  }

  /** The state after `at` steps. Callers must not change it. */
  stateAt(at: number): Machine {
    if (this.newest?.at === at) return this.newest.m
    const from = at - (at % this.stride)
    const start = known(this.kept.get(from), `state ${from}`)
    if (from === at) return start
    const m = copyOf(start)
    for (let i = from; i < at; i++) this.apply(m, known(this.choices[i], 'choice'))
    return m
  }

  /** Why the choice cannot be made after `at` steps, or '' when it can. */
  refusal(at: number, choice: Choice): string {
    const actor = this.lab.actors[choice.actor]
    if (actor === undefined) return `there is no actor ${choice.actor}`
    const m = this.stateAt(at)
    const ways = actor.ready(m)
    if (ways === 0) return `${actor.name} cannot move: ${actor.blocked(m)}`
    if (choice.alternative >= ways) return `${actor.name} has only ${ways} ${ways === 1 ? 'way' : 'ways'} to move`
    return ''
  }

  /** Forgets everything after `at`. */
  cut(at: number): void {
    this.choices.length = at
    this.film.length = at
    if (this.newest !== undefined && this.newest.at > at) this.newest = undefined
    for (const key of this.kept.keys()) if (key > at) this.kept.delete(key)
  }

  /** Makes a choice that has been checked, at the end of the run. */
  push(choice: Choice): void {
    const at = this.length
    const m = copyOf(this.stateAt(at))
    const actor = known(this.lab.actors[choice.actor], 'actor')
    const op = actor.op(m, choice.alternative)
    const events: SimEvent[] = []
    actor.step(m, choice.alternative, event => events.push(event))
    this.choices.push(choice)
    this.film.push(stepView(this.lab, this.names, at + 1, choice, actor, op, events, m))
    if ((at + 1) % this.stride === 0) this.kept.set(at + 1, m)
    this.newest = { at: at + 1, m }
  }

  checksumAt(at: number): string {
    return checksum(this.stateAt(at))
  }

  private apply(m: Machine, choice: Choice): void {
    known(this.lab.actors[choice.actor], 'actor').step(m, choice.alternative)
  }
}

/** The actor that a fair scheduler would let move next: the first ready one after the last that moved. -1 when nobody can. */
export function fairChoice(lab: Lab, m: Machine, last: number): Choice | undefined {
  const n = lab.actors.length
  for (let i = 1; i <= n; i++) {
    const actor = known(lab.actors[(last + i + n) % n], 'actor')
    if (actor.ready(m) > 0) return { actor: actor.id, alternative: 0 }
  }
  return undefined
}
