import { edgesTo, type Graph } from '../../explorer/graph.ts'
import { encodeSchedule } from '../../runs/schedule.ts'
import type { Choice } from '../../threads/choice.ts'

/**
 * What all runs say to one question. `never-asked`: no run comes to a point at which it could be put. `undecided`: there are more
 * states than the limits allow.
 */
export type Answer = 'yes' | 'no' | 'never-asked' | 'undecided'

export interface Finding {
  readonly answer: Answer
  /** The whole graph that was looked at. */
  readonly states: number
  readonly moves: number
  /** Moves at which the question was put, each in its own state; and those of them that decided it. */
  readonly asked: number
  readonly decided: number
  /** A shortest run that shows the answer; null where only all runs together do. */
  readonly run: FoundRun | null
}

export interface FoundRun {
  /** As text: runs/schedule.ts. */
  readonly schedule: string
  readonly steps: number
  /** Of two kernels whose runs part: what its last step does, and what the other kernel does in its place. */
  readonly parting?: { readonly here: string; readonly there: string }
}

export const UNDECIDED: Finding = { answer: 'undecided', states: 0, moves: 0, asked: 0, decided: 0, run: null }

/** Counts moves at which a question was put, and keeps the first that decides it. Moves come in nearest first. */
export class Tally {
  asked = 0
  decided = 0
  private first: { readonly state: number; readonly edge: number } | undefined

  /** A move, and the state in which it is made. */
  note(state: number, edge: number, decides: boolean): void {
    this.asked++
    if (!decides) return
    this.first ??= { state, edge }
    this.decided++
  }

  /** `Is it so every time?` A move that decides speaks against it. */
  everyTime(graph: Graph): Finding {
    return this.finding(graph, this.decided > 0 ? 'no' : 'yes')
  }

  /** `Can it be?` A move that decides shows it. */
  ever(graph: Graph): Finding {
    return this.finding(graph, this.decided > 0 ? 'yes' : 'no')
  }

  private finding(graph: Graph, answer: Answer): Finding {
    return {
      answer: this.asked === 0 ? 'never-asked' : answer,
      states: graph.states,
      moves: graph.edges,
      asked: this.asked,
      decided: this.decided,
      run: this.first === undefined ? null : written(choicesThrough(graph, this.first.state, this.first.edge)),
    }
  }
}

/** The choices of a shortest run that ends with this move. */
const choicesThrough = (graph: Graph, state: number, edge: number): Choice[] =>
  [...edgesTo(graph, state), edge].map(e => ({
    actor: graph.actor[e] as number,
    alternative: graph.way[e] as number,
  }))

/** A run as a reader gets it. */
export const written = (choices: readonly Choice[]): FoundRun => ({
  schedule: encodeSchedule(choices),
  steps: choices.length,
})
