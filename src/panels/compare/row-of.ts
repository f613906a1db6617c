import type { StepView, WorldView } from '../../core/view/world.ts'
import type { PairedCosts } from './cost-facts.ts'

/** One row: the step here and the step there, either of which may be missing. */
export interface CompareRow {
  readonly here: StepView | null
  readonly there: StepView | null
  /** Steps taken of the run after this row, where it took one here. */
  readonly at: number | null
  readonly same: boolean
}

/** A schedule followed on two kernels, step by step. */
export interface CompareData {
  readonly rows: readonly CompareRow[]
  readonly divergence: number | null
  readonly ending: { readonly kind: 'same' | 'followed' | 'stopped'; readonly sentence: string }
  readonly worlds: readonly { readonly here: WorldView; readonly there: WorldView }[]
  readonly costs: PairedCosts
}

/** The row after which the run stands at `at`, or the row before the first (-1). */
export function rowOfStep(rows: readonly CompareRow[], at: number): number {
  return at <= 0 ? -1 : rows.findIndex(row => row.at === at)
}

/** Where the run stands when `row` is looked at: after the last step made here up to it. */
export function stepOfRow(rows: readonly CompareRow[], row: number): number {
  return rows.slice(0, row + 1).findLast(r => r.at !== null)?.at ?? 0
}

/** The phase that one side is in after `row`; null before its first. */
export function phaseOfRow(rows: readonly CompareRow[], row: number, side: 'here' | 'there'): number | null {
  return rows.slice(0, row + 1).findLast(r => r[side]?.phase != null)?.[side]?.phase ?? null
}
