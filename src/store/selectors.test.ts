import { describe, expect, it } from 'vitest'
import type { StepView } from '../core/view/world.ts'
import { phaseBoundary, phasesDone, type SwitchRow, stepOfPhase, switchesFound } from './selectors.ts'

/** One letter a step: a digit is its phase, a dot a step of someone else. */
const film = (phases: string): readonly StepView[] =>
  [...phases].map((p, i) => ({ number: i + 1, phase: p === '.' ? null : Number(p) }) as StepView)

const FILM = film('.0.11.3')
const PHASES = Array.from({ length: 4 }, () => ({ id: '', title: '', note: '', kind: 'work' as const, amber: false }))

describe('phases of the ribbon', () => {
  it.each([
    [0, 2],
    [2, 4],
    [4, 7],
    [7, 7],
  ])('from step %i the next begins at %i', (at, next) => expect(phaseBoundary(FILM, at, 1)).toBe(next))

  it.each([
    [7, 4],
    [6, 4],
    [4, 2],
    [2, 0],
    [0, 0],
  ])('from step %i the one before begins at %i', (at, before) => expect(phaseBoundary(FILM, at, -1)).toBe(before))

  it('are found again by their number', () => {
    expect([0, 1, 2, 3].map(p => stepOfPhase(FILM, p))).toEqual([2, 4, null, 7])
  })

  it('count as done once reached', () => {
    expect([0, 1, 2, 5, 7].map(at => phasesDone(FILM, at, PHASES))).toEqual([-1, -1, 0, 1, 3])
  })
})

describe('switches', () => {
  const row = (id: string, label: string, what: string): SwitchRow => ({
    card: { id, label, what, group: 'kernel', values: [{ value: true, label: 'waits' }] },
    value: true,
    changed: false,
  })
  const rows = [row('drainsWalks', 'The IOMMU drains walks', 'Before it is done.'), row('onlyEnd', 'After copy', 'B05')]

  it.each([
    ['', ['drainsWalks', 'onlyEnd']],
    ['  iommu WAITS ', ['drainsWalks']],
    ['b05', ['onlyEnd']],
    ['iommu b05', []],
  ])('%j finds those that have all its words', (typed, ids) =>
    expect(switchesFound(rows, typed).map(r => r.card.id)).toEqual(ids),
  )
})
