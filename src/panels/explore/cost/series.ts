import type { Coverage, LabCost } from '../../../core/studies/cost/cost-of.ts'
import { OVER_INVALIDATION, overInvalidation } from '../../../core/studies/cost/over-invalidation.ts'

export interface CostMeasure {
  readonly id: string
  readonly family: string
  readonly title: string
  readonly unit: string
  readonly what: string
}

/** A kernel with a driver, and what all runs cost there. */
export interface CostColumn extends LabCost {
  readonly kernel: string
  readonly driver: string
  readonly current: boolean
}

/** A number, and a run that has it where one run does. */
export interface Shown {
  /** Null: without limit. */
  readonly value: number | null
  readonly schedule: string | null
}

/** What one measure comes to in one column. */
export type Point =
  | { readonly absent: string }
  | {
      readonly absent: null
      readonly fair: Shown
      /** Null where only sums say anything: a ratio has no least run. */
      readonly range: { readonly least: Shown; readonly most: Shown } | null
      /** Null: nothing to divide by. */
      readonly mean: number | null
    }

/** One small chart: a measure across the columns. */
export interface Series extends CostMeasure {
  /** By column. */
  readonly points: readonly Point[]
}

/** All charts: the measures in their order, and after them the ratio of over-invalidation. */
export function seriesOf(measures: readonly CostMeasure[], columns: readonly CostColumn[]): readonly Series[] {
  const series = measures.map((measure, i): Series => ({ ...measure, points: columns.map(c => pointOf(c, i)) }))
  const after = measures.findLastIndex(m => m.id === OVER_INVALIDATION.needless) + 1
  return after === 0 ? series : series.toSpliced(after, 0, ratioOf(measures, columns))
}

function pointOf({ figures }: CostColumn, measure: number): Point {
  const figure = figures[measure]
  if (figure === undefined) return { absent: 'not counted' }
  if (figure.absent !== null) return { absent: figure.absent }
  const { fair, least, mean, most } = figure
  return { absent: null, fair, range: { least, most }, mean }
}

function ratioOf(measures: readonly CostMeasure[], columns: readonly CostColumn[]): Series {
  const { title, unit, what, dropped, needless } = OVER_INVALIDATION
  const [top, bottom] = [measures.findIndex(m => m.id === dropped), measures.findIndex(m => m.id === needless)]
  const points = columns.map(({ figures }): Point => {
    const [all, spare] = [figures[top], figures[bottom]]
    if (all === undefined || spare === undefined || all.absent !== null || spare.absent !== null)
      return { absent: 'not counted' }
    const mean = overInvalidation(all.mean, spare.mean)
    const fair = overInvalidation(all.fair.value, spare.fair.value)
    if (mean === null) return { absent: all.mean === 0 ? 'nothing is dropped' : 'nothing that is dropped has to go' }
    return {
      absent: null,
      fair: { value: fair, schedule: fair === null ? null : all.fair.schedule },
      range: null,
      mean,
    }
  })
  return { id: 'over-invalidation', family: 'C6', title, unit, what, points }
}

/** The reason that all columns share for not showing a measure; null where some column shows it. */
export function absentEverywhere({ points }: Series): string | null {
  const reasons = points.map(p => p.absent)
  if (reasons.some(r => r === null)) return null
  return [...new Set(reasons)].join('; ')
}

/** 12, 3.41, 41.2, −2, <0.01; null is without limit. */
export function numberText(n: number | null): string {
  if (n === null) return 'no limit'
  if (Number.isInteger(n)) return `${n}`.replace('-', '−')
  if (Math.abs(n) < 0.01) return n > 0 ? '<0.01' : '>−0.01'
  return n.toFixed(Math.abs(n) < 10 ? 2 : 1).replace('-', '−')
}

/** What the figures of some columns speak for, in a sentence each. */
export function coverageWords(columns: readonly CostColumn[], count: (n: number) => string): readonly string[] {
  const sentences: string[] = []
  const named = (some: readonly CostColumn[]) => some.map(c => `${c.kernel} ${c.driver}`).join(', ')
  const of = <K extends Coverage['kind']>(kind: K) => columns.filter(c => c.coverage.kind === kind)
  const every = of('every')
  const even = every.filter(c => c.coverage.kind === 'every' && c.coverage.weighing === 'even')
  if (every.length > even.length)
    sentences.push(
      `${every.length === columns.length && even.length === 0 ? 'Everywhere' : `In ${every.length - even.length} of ${columns.length} columns`} least, mean and most are exact: every interleaving is counted, and each counts once in the mean.`,
    )
  if (even.length > 0)
    sentences.push(
      `In ${count(even.length)} (${named(even)}) a device can go round in a circle, so runs cannot be counted: least and most are exact still, and in the mean each move is as likely as the others.`,
    )
  for (const why of ['too-large', 'never-ends'] as const) {
    const some = of('sampled').filter(c => c.coverage.kind === 'sampled' && c.coverage.why === why)
    const [first] = some
    if (first?.coverage.kind !== 'sampled') continue
    sentences.push(
      `In ${count(some.length)} (${named(some)}) ${why === 'too-large' ? 'there are too many states' : 'some runs never end'}: ${count(first.coverage.runs)} sampled runs stand for all (seed ${first.coverage.seed}, each move as likely as the others). Their least and most are no bounds.`,
    )
  }
  return sentences
}
