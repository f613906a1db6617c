import type { StepView, WorldView } from '../../core/view/world.ts'

/** One row: the step here and the step there, either of which may be missing. */
export interface CompareRow {
  readonly here: StepView | null
  readonly there: StepView | null
  readonly same: boolean
}

/** A schedule followed on two kernels, step by step. */
export interface CompareData {
  readonly rows: readonly CompareRow[]
  readonly divergence: number | null
  readonly ending: { readonly kind: 'same' | 'followed' | 'stopped'; readonly sentence: string }
  readonly worlds: readonly { readonly here: WorldView; readonly there: WorldView }[]
}

/** The row in which step `at` was made here, or the row before the first (-1). */
export function rowOfStep(rows: readonly CompareRow[], at: number): number {
  return at <= 0 ? -1 : rows.findIndex(row => row.here?.number === at)
}

/** The step that the run stands at when `row` is looked at: the last one made here up to it. */
export function stepOfRow(rows: readonly CompareRow[], row: number): number {
  return rows.slice(0, row + 1).findLast(r => r.here !== null)?.here?.number ?? 0
}
