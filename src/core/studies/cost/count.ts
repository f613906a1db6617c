import type { Machine } from '../../machine/cells.ts'
import type { Run } from '../../runs/run.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { CostStep } from './measure.ts'
import { MEASURES } from './measures.ts'

/** What a run has cost so far, by measure. Of a measure that the lab cannot show the figure means nothing. */
export type Counts = readonly number[]

/** What a run has cost before its first step: nothing, but for what the state it begins with holds already. */
export const countsAtStart = (lab: Lab, m: Machine): Counts =>
  MEASURES.map(measure => (measure.by === 'state' && measure.total === 'peak' ? measure.of(lab, m) : 0))

/** One step more. */
export const countsAfter = (lab: Lab, so: Counts, step: CostStep): Counts =>
  MEASURES.map((measure, i) => {
    const before = so[i] as number
    if (measure.by === 'step') return before + measure.of(lab, step)
    return measure.total === 'peak'
      ? Math.max(before, measure.of(lab, step.after))
      : before + measure.of(lab, step.before)
  })

/** What a run has cost after each number of steps from `from` on, given what it had cost by then. */
export function countsAlong(run: Run, from = 0, so = countsAtStart(run.lab, run.stateAt(0))): Counts[] {
  const along: Counts[] = [so]
  for (let at = from; at < run.length; at++) {
    const step = { before: run.stateAt(at), events: run.film[at]?.events ?? [], after: run.stateAt(at + 1) }
    along.push(countsAfter(run.lab, along[along.length - 1] as Counts, step))
  }
  return along
}
