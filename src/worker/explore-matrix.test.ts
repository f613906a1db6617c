import { describe, expect, it } from 'vitest'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { createExploreLab } from './explore-lab.ts'
import { cellLink, MATRIX_COLUMNS, type MatrixColumn } from './explore-matrix.ts'
import { resolveLink } from './resolve.ts'

const limits = { states: 1_000_000, bytes: 2 ** 30 }
const column = (id: string): MatrixColumn => MATRIX_COLUMNS.find(c => c.id === id)!

function verdictOf(scenario: string, id: string): string {
  const service = createExploreLab(() => performance.now())
  service.begin(cellLink(scenario, column(id)), limits)
  for (;;) {
    const { verdict } = service.advance(1000)
    if (verdict !== null) return verdict.kind
  }
}

describe('the columns of the matrix', () => {
  it.each(MATRIX_COLUMNS.map(c => [c.id, c] as const))('%s is a world that exists, in every scenario', (_, c) => {
    for (const { id } of SCENARIOS) expect(resolveLink(cellLink(id, c)).problems).toEqual([])
  })

  it('flip what the preset has the other way round', () => {
    for (const c of MATRIX_COLUMNS.filter(c => c.on !== null)) {
      const { settings } = resolveLink(cellLink('munmap-plain', c))
      expect(Object.keys(settings.switches)).toEqual(Object.keys(c.switches))
    }
  })

  it('answer for themselves, but for the first step of the series: every run of it is one of 3.18', () => {
    expect(MATRIX_COLUMNS.flatMap(c => (c.as === null ? [] : [`${c.id} as ${c.as}`]))).toEqual(['3.19-1of3 as 3.18'])
  })

  it('have names of their own', () => {
    expect(new Set(MATRIX_COLUMNS.map(c => c.id)).size).toBe(MATRIX_COLUMNS.length)
  })
})

describe('the history that the patch series tells', () => {
  it.each(['munmap-forced-flush', 'munmap-page-table'])('%s: broken until the third patch, then not', scenario => {
    expect(['3.18', '3.19-1of3', '3.19-2of3', '3.19', '6.1', '6.6'].map(id => verdictOf(scenario, id))).toEqual([
      'violated',
      'violated',
      'violated',
      'holds',
      'holds',
      'holds',
    ])
  })

  it('the empty table closes the first gap and not the second', () => {
    expect(verdictOf('munmap-forced-flush', '3.18-empty')).toBe('holds')
    expect(verdictOf('munmap-page-table', '3.18-empty')).toBe('violated')
  })
})
