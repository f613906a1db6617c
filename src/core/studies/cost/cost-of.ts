import { known } from '../../base/assert.ts'
import type { Graph } from '../../explorer/graph.ts'
import { fairChoice, Run } from '../../runs/run.ts'
import { encodeSchedule } from '../../runs/schedule.ts'
import type { Lab } from '../../scenarios/build.ts'
import { systemOf } from '../../scenarios/exploration.ts'
import { type Components, componentsOf } from '../components.ts'
import type { Flow, Weighing } from '../flow.ts'
import type { Study, StudyLimits } from '../study.ts'
import { flowReported, graphReported, scheduleOf } from '../whole-graph.ts'
import { countsAlong } from './count.ts'
import { runWith } from './extreme-runs.ts'
import { meanOf } from './mean.ts'
import { MEASURES } from './measures.ts'
import { type Optimum, optimumOf, type Prices } from './optimum.ts'
import { pricesOf } from './prices.ts'
import { type Sample, samplesOf } from './samples.ts'

/** What all runs of one lab cost. */
export interface LabCost {
  readonly coverage: Coverage
  /** By measure: its figures, or why there are none. */
  readonly figures: readonly (Figure | { readonly absent: string })[]
}

/**
 * What the figures speak for. `every`: each run there is; least, mean and most are exact. `sampled`: so many runs, each move as likely as
 * the others, because there are too many states or some runs never end.
 */
export type Coverage =
  | { readonly kind: 'every'; readonly states: number; readonly weighing: Weighing; readonly runsLog2: number | null }
  | { readonly kind: 'sampled'; readonly why: 'too-large' | 'never-ends'; readonly runs: number; readonly seed: number }

export interface Figure {
  readonly absent: null
  /** In the run in which everybody moves in turn; `ended` is false when it was cut short. */
  readonly fair: Exact & { readonly ended: boolean }
  readonly least: Exact
  readonly mean: number
  /** `value` null: without limit, for some run can go round as often as one likes. */
  readonly most: Exact | { readonly value: null; readonly schedule: string }
}

/** A figure, and a run that has it, as text (runs/schedule.ts). */
export interface Exact {
  readonly value: number
  readonly schedule: string
}

/** Runs that stand for all where all cannot be counted, and where their choices come from. */
export const SAMPLES = { runs: 1000, seed: 1 } as const
/** Steps of the fair run. */
const FAIR_STEPS = 2000

/** Counts everything over every run of a lab: exactly by dynamic programming over its graph, else over samples. */
export function* costOf(lab: Lab, limits: StudyLimits): Study<LabCost> {
  const fair = fairRun(lab)
  const system = systemOf(lab)
  const graph = yield* graphReported(system, limits)
  if (graph === undefined) return yield* sampled(lab, fair, 'too-large')
  const flow = yield* flowReported(graph)
  if (flow.circles.some(circle => circle.some(s => (flow.visits[s] as number) > 0)))
    return yield* sampled(lab, fair, 'never-ends')
  return yield* exact(lab, graph, flow, fair)
}

interface Fair {
  readonly counts: readonly number[]
  readonly schedule: string
  readonly ended: boolean
}

/** The run that a scenario opens with: everybody moves in turn. */
function fairRun(lab: Lab): Fair {
  const run = new Run(lab)
  let ended = false
  for (let last = -1; run.length < FAIR_STEPS; ) {
    const choice = fairChoice(lab, run.stateAt(run.length), last)
    if (choice === undefined) {
      ended = true
      break
    }
    run.push(choice)
    last = choice.actor
  }
  return { counts: known(countsAlong(run).at(-1), 'counts'), schedule: encodeSchedule(run.choices), ended }
}

const fairFigure = ({ counts, schedule, ended }: Fair, measure: number): Figure['fair'] => ({
  value: known(counts[measure], 'a count'),
  schedule,
  ended,
})

function* exact(lab: Lab, graph: Graph, flow: Flow, fair: Fair): Study<LabCost> {
  const shown = MEASURES.filter(measure => measure.absent(lab) === null)
  const prices = yield* pricesOf(lab, graph, shown)
  const parts = yield* reported(graph, componentsOf(graph))
  const shortest = yield* reported(graph, optimumOf(graph, parts, { total: 'sum', ofMove: () => 1 }, 'least'))
  const figures: LabCost['figures'][number][] = []
  for (const [i, measure] of MEASURES.entries()) {
    const absent = measure.absent(lab)
    if (absent !== null) {
      figures.push({ absent })
      continue
    }
    const price = known(prices[shown.indexOf(measure)], 'prices')
    const least = yield* reported(graph, optimumOf(graph, parts, price, 'least'))
    const most = yield* reported(graph, optimumOf(graph, parts, price, 'most'))
    const runOf = (optimum: Optimum, wanted: 'least' | 'most'): string =>
      scheduleOf(graph, runWith(graph, parts, price, optimum, wanted, shortest))
    const top = most.value[0] as number
    figures.push({
      absent: null,
      fair: fairFigure(fair, i),
      least: { value: least.value[0] as number, schedule: runOf(least, 'least') },
      mean: tidyMean(graph, parts, flow, price, least.value[0] as number, top),
      most: { value: top === Number.POSITIVE_INFINITY ? null : top, schedule: runOf(most, 'most') },
    })
  }
  const { weighing, runsLog2 } = flow
  return { coverage: { kind: 'every', states: graph.states, weighing, runsLog2 }, figures }
}

/** The mean of many small numbers can miss the bounds that it must lie in by a rounding error. */
const tidyMean = (g: Graph, parts: Components, flow: Flow, prices: Prices, least: number, most: number): number =>
  Math.min(most, Math.max(least, meanOf(g, parts, flow, prices)))

function* sampled(lab: Lab, fair: Fair, why: 'too-large' | 'never-ends'): Study<LabCost> {
  const samples = yield* samplesOf(lab, SAMPLES.runs, SAMPLES.seed)
  const figures = MEASURES.map((measure, i) => {
    const absent = measure.absent(lab)
    if (absent !== null) return { absent }
    const countOf = (sample: Sample): number => known(sample.counts[i], 'a count')
    const figure = (sample: Sample): Exact => ({ value: countOf(sample), schedule: sample.schedule })
    const of = fairFigure(fair, i)
    const [first = { counts: fair.counts, schedule: fair.schedule }] = samples
    return {
      absent: null,
      fair: of,
      least: figure(samples.reduce((a, b) => (countOf(b) < countOf(a) ? b : a), first)),
      mean: samples.length === 0 ? of.value : samples.reduce((sum, s) => sum + countOf(s), 0) / samples.length,
      most: figure(samples.reduce((a, b) => (countOf(b) > countOf(a) ? b : a), first)),
    }
  })
  return { coverage: { kind: 'sampled', why, runs: samples.length, seed: SAMPLES.seed }, figures }
}

function* reported<T>(graph: Graph, steps: Generator<number, T, void>): Study<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    yield { doing: 'going back from the ends', states: graph.states, done: step.value, of: graph.states }
  }
}
