import { known } from '../base/assert.ts'
import { copyOf, type Machine } from '../machine/cells.ts'
import type { SimEvent } from '../machine/event.ts'
import type { Lab } from '../scenarios/build.ts'
import type { Choice } from '../threads/choice.ts'
import { keyOf } from './enumerate.ts'
import { movesIn } from './walks.ts'

/** One step of a run, with the state that it led to. */
export interface Taken {
  readonly choice: Choice
  readonly events: readonly SimEvent[]
  readonly after: Machine
}

/** Follows every run to its end, one after the other, without a thought: for labs with some ten thousand runs. */
export function everyRun(lab: Lab, visit: (run: readonly Taken[]) => void): void {
  const run: Taken[] = []
  const follow = (m: Machine): void => {
    const moves = movesIn(lab, m)
    if (moves.length === 0) visit(run)
    for (const choice of moves) {
      run.push(take(lab, m, choice))
      follow(known(run.at(-1), 'a step').after)
      run.pop()
    }
  }
  follow(lab.initial)
}

/** Runs, and for each name how often it is given in all of them together. */
export interface Named {
  readonly runs: bigint
  readonly times: ReadonlyMap<string, bigint>
}

export interface Naming {
  /** What a run has to remember after a step, as text: `''` at first. */
  readonly remember: (memory: string, taken: Taken) => string
  /** What a step is called; null when it is not counted. */
  readonly step: (before: Machine, taken: Taken, memory: string) => string | null
  /** What the end of a run is called. */
  readonly end: (last: Machine, memory: string) => string | null
}

/** Gives names to the steps and ends of all runs and counts them, exactly, from the ends backwards: for labs without circles. */
export function countNames(lab: Lab, { remember, step, end }: Partial<Naming>): Named {
  const found = new Map<string, Named>()
  const from = (m: Machine, memory: string): Named => {
    const key = `${keyOf(m)} ${memory}`
    const before = found.get(key)
    if (before !== undefined) return before
    const times = new Map<string, bigint>()
    const add = (name: string | null | undefined, count: bigint): void => {
      if (name != null) times.set(name, (times.get(name) ?? 0n) + count)
    }
    let runs = 0n
    const moves = movesIn(lab, m)
    for (const choice of moves) {
      const taken = take(lab, m, choice)
      const rest = from(taken.after, remember?.(memory, taken) ?? '')
      runs += rest.runs
      for (const [name, count] of rest.times) add(name, count)
      add(step?.(m, taken, memory), rest.runs)
    }
    if (moves.length === 0) {
      runs = 1n
      add(end?.(m, memory), 1n)
    }
    const named = { runs, times }
    found.set(key, named)
    return named
  }
  return from(lab.initial, '')
}

function take(lab: Lab, m: Machine, choice: Choice): Taken {
  const after = copyOf(m)
  const events: SimEvent[] = []
  known(lab.actors[choice.actor], 'actor').step(after, choice.alternative, event => events.push(event))
  return { choice, events, after }
}
