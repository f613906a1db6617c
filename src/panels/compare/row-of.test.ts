import { describe, expect, it } from 'vitest'
import type { StepView } from '../../core/view/world.ts'
import { type CompareRow, phaseOfRow, rowOfStep, stepOfRow } from './row-of.ts'

const step = (phase: number | null) => ({ phase }) as StepView
const row = (at: number | null, here: number | null, there: number | null): CompareRow => ({
  here: at === null ? null : step(here),
  there: step(there),
  at,
  same: at !== null,
})
/** Three steps were made here; there made one of its own in between. */
const ROWS = [row(1, 0, 0), row(2, null, null), row(null, null, 1), row(3, 2, 2)]

describe('rows of a comparison', () => {
  it('are found by how far the run is after them', () =>
    expect([0, 1, 2, 3].map(at => rowOfStep(ROWS, at))).toEqual([-1, 0, 1, 3]))
  it('lead to the last step made here', () =>
    expect([-1, 0, 1, 2, 3].map(r => stepOfRow(ROWS, r))).toEqual([0, 1, 2, 2, 3]))
  it('know the phase of either side', () => {
    expect([-1, 0, 1, 2, 3].map(r => phaseOfRow(ROWS, r, 'here'))).toEqual([null, 0, 0, 0, 2])
    expect([2, 3].map(r => phaseOfRow(ROWS, r, 'there'))).toEqual([1, 2])
  })
})
