import type { Run } from '../core/runs/run.ts'
import type { Lab } from '../core/scenarios/build.ts'
import { countsAlong, countsAtStart } from '../core/studies/cost/count.ts'
import { MEASURES } from '../core/studies/cost/measures.ts'
import type { StepView } from '../core/view/world.ts'
import type { LabMeasure, MeasureCard, RunCost } from './lab-api.ts'

export const MEASURE_CARDS: readonly MeasureCard[] = MEASURES.map(({ id, family, title, unit, what }) => ({
  id,
  family,
  title,
  unit,
  what,
}))

export const measuresIn = (lab: Lab): readonly LabMeasure[] =>
  MEASURE_CARDS.map((card, i) => ({ ...card, absent: MEASURES[i]?.absent(lab) ?? null }))

/** What was counted of a run, and the steps that it was counted for. */
interface Counted {
  readonly film: readonly StepView[]
  readonly along: readonly (readonly number[])[]
}

const counted = new WeakMap<Run, Counted>()

/** What a run costs along its way. Steps that have been counted before are not counted again. */
export function costAlong(run: Run): RunCost['along'] {
  const before = counted.get(run) ?? { film: [], along: [countsAtStart(run.lab, run.stateAt(0))] }
  let same = 0
  while (same < before.film.length && before.film[same] === run.film[same]) same++
  const along = [...before.along.slice(0, same), ...countsAlong(run, same, before.along[same])]
  counted.set(run, { film: [...run.film], along })
  return along
}

export const runCost = (run: Run): RunCost => ({ measures: measuresIn(run.lab), along: costAlong(run) })
