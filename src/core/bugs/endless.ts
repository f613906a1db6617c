import { graphOf } from '../explorer/graph.ts'
import type { Budget } from '../explorer/system.ts'
import { sameMachine } from '../machine/cells.ts'
import type { Run } from '../runs/run.ts'
import type { Lab } from '../scenarios/build.ts'
import { systemOf } from '../scenarios/exploration.ts'
import { componentsOf } from '../studies/components.ts'
import type { Choice } from '../threads/choice.ts'

/** Whether a device can try again for ever. */
export type Endless =
  | { readonly kind: 'holds'; readonly states: number }
  /** `lap`: a shortest way from the initial state to one that it can come back to by moves of a device and others. */
  | { readonly kind: 'broken'; readonly states: number; readonly lap: readonly Choice[] }
  | { readonly kind: 'undecided'; readonly states: number }

/**
 * L1, a device's fault is resolved in a bounded number of tries: no circle of states has a move of a device in it. An access that
 * is done is never undone, so in a circle no device gets on. Looks at every state and every move, without any reduction. Fairness is
 * not asked of the CPUs: while they take their time, the device tries without bound.
 */
export function* endless(lab: Lab, budget: Budget): Generator<number, Endless, void> {
  const search = graphOf(systemOf(lab), budget)
  let step = search.next()
  for (; step.done !== true; step = search.next()) yield step.value.states
  const graph = step.value
  if (graph === undefined) return { kind: 'undecided', states: budget.states }
  const sorting = componentsOf(graph)
  let part = sorting.next()
  for (; part.done !== true; part = sorting.next()) yield graph.states
  const { of } = part.value
  for (let state = 0; state < graph.states; state++) {
    for (let edge = graph.firstEdge[state] as number; edge < (graph.firstEdge[state + 1] as number); edge++) {
      const circles = of[graph.to[edge] as number] === of[state]
      if (!circles || lab.actors[graph.actor[edge] as number]?.kind !== 'device') continue
      const lap: Choice[] = []
      for (let s = state; s !== 0; s = graph.parent[s] as number) {
        const by = graph.parentEdge[s] as number
        lap.unshift({ actor: graph.actor[by] as number, alternative: graph.way[by] as number })
      }
      return { kind: 'broken', states: graph.states, lap }
    }
  }
  return { kind: 'holds', states: graph.states }
}

/** Whether a run ends in a state that it has been in before, a device having moved in between. -1, or the step of the first time. */
export function circleIn(run: Run): number {
  const end = run.stateAt(run.length)
  for (let at = run.length - 1; at >= 0; at--) {
    if (!sameMachine(run.stateAt(at), end)) continue
    return run.film.slice(at).some(step => step.actor.kind === 'device') ? at : -1
  }
  return -1
}
