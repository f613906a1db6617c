import { describe, expect, it } from 'vitest'
import type { StepView } from '../../core/view/world.ts'
import { type CompareRow, rowOfStep, stepOfRow } from './row-of.ts'

const row = (number: number | null): CompareRow => ({
  here: number === null ? null : ({ number } as StepView),
  there: null,
  same: number !== null,
})
/** Three steps were made here; there made one of its own in between. */
const ROWS = [row(1), row(2), row(null), row(3)]

describe('rows of a comparison', () => {
  it('are found by the step made here', () =>
    expect([0, 1, 2, 3].map(at => rowOfStep(ROWS, at))).toEqual([-1, 0, 1, 3]))
  it('lead to the last step made here', () =>
    expect([-1, 0, 1, 2, 3].map(r => stepOfRow(ROWS, r))).toEqual([0, 1, 2, 2, 3]))
})
