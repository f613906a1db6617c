import { describe, expect, it } from 'vitest'
import { type CompareRow, rowOfStep, stepOfRow } from './row-of.ts'

const row = (at: number | null): CompareRow => ({ here: null, there: null, at, same: at !== null })
/** Here made steps 0, 1, 2; there made one of its own in between. */
const ROWS = [row(0), row(1), row(null), row(2)]

describe('rows of a comparison', () => {
  it('are found by the step made here', () =>
    expect([0, 1, 2, 3].map(at => rowOfStep(ROWS, at))).toEqual([-1, 0, 1, 3]))
  it('lead to the last step made here', () =>
    expect([-1, 0, 1, 2, 3].map(r => stepOfRow(ROWS, r))).toEqual([0, 1, 2, 2, 3]))
})
