import { known } from '../../base/assert.ts'
import { StateStore } from '../../explorer/state-store.ts'
import { copyOf, type Machine } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import { namesOf, stepView } from '../../runs/step-view.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { Actor } from '../../threads/actor.ts'
import type { Choice } from '../../threads/choice.ts'
import type { Study, StudyLimits } from '../study.ts'
import { type Finding, UNDECIDED, written } from './finding.ts'

const SLICE = 512

/** Where two kernels part: the runs to there are the same. `choice`: the move after them; null where not even that is common. */
interface Parting {
  readonly state: number
  readonly choice: Choice | null
}

/**
 * Whether two labs have the same runs: goes through both graphs at once, nearest states first, and demands at every step that the
 * same actors can move in as many ways and are done alike, that each move is seen to do the same, and that runs which meet in one
 * meet in the other. Where they part it stops, and shows the run in `one`.
 */
export function* sameRuns(one: Lab, other: Lab, limits: StudyLimits): Study<Finding> {
  const here = new StateStore(one.setup.shape.words)
  const there = new StateStore(other.setup.shape.words)
  /** By state of `one`: the state of `other` that is reached by the same run. */
  const twin: number[] = [0]
  here.add(one.initial, 0, 0)
  there.add(other.initial, 0, 0)
  const m = copyOf(one.initial)
  const t = copyOf(other.initial)
  const next = copyOf(one.initial)
  const twinNext = copyOf(other.initial)
  let moves = 0
  const found = (parting: Parting | null): Finding => ({
    answer: parting === null ? 'yes' : 'no',
    states: here.size,
    moves,
    asked: moves,
    decided: parting === null ? 0 : 1,
    run: parting === null ? null : shown(one, other, here, parting),
  })

  if (one.actors.length !== other.actors.length) return found({ state: 0, choice: null })
  for (let s = 0; s < here.size; s++) {
    if (s % SLICE === 0) {
      if (here.size > limits.states || here.bytes + there.bytes > limits.bytes) return UNDECIDED
      yield { doing: 'Comparing move by move', states: here.size, done: s, of: null }
    }
    here.load(s, m)
    there.load(twin[s] as number, t)
    for (const [id, actor] of one.actors.entries()) {
      const double = known(other.actors[id], 'actor')
      const ways = actor.ready(m)
      if (double.ready(t) !== ways || double.finished(t) !== actor.finished(m))
        return found({ state: s, choice: ways > double.ready(t) ? { actor: id, alternative: ways - 1 } : null })
      for (let alternative = 0; alternative < ways; alternative++) {
        next.set(m)
        twinNext.set(t)
        const choice = { actor: id, alternative }
        if (doing(actor, next, alternative) !== doing(double, twinNext, alternative)) return found({ state: s, choice })
        moves++
        const isNew = here.add(next, s, id * 256 + alternative)
        const isNewThere = there.add(twinNext, 0, 0)
        const at = isNew ? here.size - 1 : here.find(next)
        if (isNew && isNewThere) twin.push(there.size - 1)
        else if (isNew || twin[at] !== there.find(twinNext)) return found({ state: s, choice })
      }
    }
  }
  return found(null)
}

/** Makes a move, and says what is seen of it. */
function doing(actor: Actor, m: Machine, alternative: number): string {
  const events: SimEvent[] = []
  actor.step(m, alternative, event => events.push(event))
  return JSON.stringify(events)
}

function shown(one: Lab, other: Lab, store: StateStore, { state, choice }: Parting): Finding['run'] {
  const choices: Choice[] = []
  for (let s = state; s !== 0; s = store.parentOf(s)) {
    const move = store.moveInto(s)
    choices.push({ actor: Math.floor(move / 256), alternative: move % 256 })
  }
  choices.reverse()
  if (choice === null) return written(choices)
  const parting = { here: sentenceAfter(one, choices, choice), there: sentenceAfter(other, choices, choice) }
  return { ...written([...choices, choice]), parting }
}

/** What a choice does after others, in words; or why it cannot be made. */
function sentenceAfter(lab: Lab, choices: readonly Choice[], { actor: id, alternative }: Choice): string {
  const m = copyOf(lab.initial)
  for (const c of choices) known(lab.actors[c.actor], 'actor').step(m, c.alternative)
  const actor = known(lab.actors[id], 'actor')
  if (alternative >= actor.ready(m)) return `${actor.name} cannot move: ${actor.blocked(m)}.`
  const op = actor.op(m, alternative)
  const events: SimEvent[] = []
  actor.step(m, alternative, event => events.push(event))
  return stepView(lab, namesOf(lab), 0, { actor: id, alternative }, actor, op, events, m).sentence
}
