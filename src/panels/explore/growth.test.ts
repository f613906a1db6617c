import { describe, expect, it } from 'vitest'
import { layOutGrowth } from './growth.ts'

const LEVELS = [
  { depth: 1, width: 4, states: 5 },
  { depth: 2, width: 10, states: 15 },
  { depth: 3, width: 2, states: 17 },
]
const BOX = { width: 300, height: 100 }

describe('how a search grows', () => {
  it('names the widest level, at the top of the picture', () => {
    expect(layOutGrowth(LEVELS, BOX, null).peak).toEqual({ x: 200, y: 0, level: LEVELS[1] })
  })

  it('ends in a cross where a search found something, one step beyond the last whole level', () => {
    expect(layOutGrowth(LEVELS, BOX, { depth: 4, states: 20 }).end).toEqual({ x: 300, y: 0 })
    expect(layOutGrowth(LEVELS, BOX, null).end).toBeNull()
  })

  it('has something to draw before anything was searched', () => {
    const { area, ticks, peak } = layOutGrowth([], BOX, null)
    expect(area).not.toContain('NaN')
    expect(ticks[0]).toEqual({ x: 0, label: '0' })
    expect(peak).toBeNull()
  })
})
