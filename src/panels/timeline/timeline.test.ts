import { describe, expect, it } from 'vitest'
import { fixtureFilm, fixtureLanes, fixtureRibbon, longFilm } from '../shared/fixture.ts'
import { overviewOf } from './overview.ts'
import { keyTarget } from './TimelinePanel.tsx'
import { layOutTimeline, stepAt, windowAround } from './timeline-layout.ts'

const short = { film: fixtureFilm, lanes: fixtureLanes, phases: fixtureRibbon.phases, at: 12, length: 15, width: 1200 }

describe('a short run', () => {
  const layout = layOutTimeline(short)

  it('is shown whole, with room for the next steps', () => {
    expect(layout).toMatchObject({ first: 0, last: 18 })
    expect(layout.marks).toHaveLength(15)
  })

  it('lets no two words of a lane overlap', () => {
    for (const lane of fixtureLanes.keys()) {
      const words = layout.marks.filter(m => m.lane === lane && m.label !== null)
      for (const [i, mark] of words.entries()) {
        const next = words[i + 1]
        if (next !== undefined) expect(mark.x + (mark.label?.length ?? 0) * 5.9).toBeLessThan(next.x + 6)
      }
    }
  })

  it('always names the step it stands at', () => {
    for (let at = 1; at <= 15; at++) {
      const narrow = layOutTimeline({ ...short, at, width: 300 })
      expect(narrow.marks.find(m => m.step.number === at)?.label).not.toBeNull()
    }
  })

  it('shades the time in which a device reaches what is unmapped', () => {
    expect(layout.exposures).toHaveLength(1)
    const [window] = layout.exposures
    expect(stepAt(layout, window?.x1 ?? 0, 15)).toBe(5)
    expect(stepAt(layout, window?.x2 ?? 0, 15)).toBe(15)
  })

  it('brackets phases in their order', () => {
    expect(layout.brackets.map(b => b.phase)).toEqual([0, 1, 4, 5])
  })

  it('finds every step under its own mark', () => {
    for (const mark of layout.marks) expect(stepAt(layout, mark.x, 15)).toBe(mark.step.number)
  })
})

describe('a run of ten thousand steps', () => {
  const film = longFilm(10_000)

  it('draws a page of it', () => {
    const layout = layOutTimeline({ ...short, film, at: 5000, length: 10_000 })
    expect(layout.marks.length).toBeLessThan(120)
    expect(layout.playhead).toBeGreaterThan(0)
    expect(layout.playhead).toBeLessThan(1200)
  })

  it('keeps the playhead on the page, wherever it is', () => {
    for (let at = 0; at <= 10_000; at += 7) {
      const { first, last } = windowAround(at, 10_000, 1200)
      expect(at).toBeGreaterThanOrEqual(first)
      expect(at).toBeLessThanOrEqual(last)
    }
  })

  it('has an overview that stays small', () => {
    expect(overviewOf(film, 10_000, 1200, 14).exposed.length).toBeLessThan(20_000)
  })

  it('shows a single bad step in the overview', () => {
    const one = film.map((s, i) => ({
      ...s,
      exposed: 0,
      tone: i === 5000 ? ('damage' as const) : ('neutral' as const),
    }))
    expect(overviewOf(one, 10_000, 1200, 14)).toMatchObject({ exposed: '', damage: 'M600,0H603V14H600z' })
  })
})

it('knows the keys of a slider, and leaves the others alone', () => {
  expect(keyTarget('ArrowRight', 3, 10)).toBe(4)
  expect(keyTarget('End', 3, 10)).toBe(10)
  expect(keyTarget('ArrowLeft', 0, 10)).toBe(0)
  expect(keyTarget('PageUp', 100, 1000)).toBe(150)
  expect(keyTarget('c', 3, 10)).toBeNull()
})
