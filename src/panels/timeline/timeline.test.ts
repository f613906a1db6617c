import { describe, expect, it } from 'vitest'
import { fixtureFilm, fixtureLanes, fixtureRibbon, longFilm } from '../shared/fixture.ts'
import { overviewOf } from './overview.ts'
import { keyTarget } from './TimelinePanel.tsx'
import { layOutTimeline, stepAt, type TimelineInput } from './timeline-layout.ts'
import { closestZoom, shownSpan, usualSpan, wholeRun } from './window.ts'

const short: TimelineInput = {
  film: fixtureFilm,
  lanes: fixtureLanes,
  phases: fixtureRibbon.phases,
  at: 12,
  length: 15,
  span: usualSpan(12, 15, 1200),
  width: 1200,
  top: 24,
  lane: 22,
  rem: 16,
}

describe('a short run', () => {
  const layout = layOutTimeline(short)

  it('is shown whole, with room for the next steps', () => {
    expect(layout.x.domain()).toEqual([0, 18])
    expect(layout.marks).toHaveLength(15)
  })

  it('lets no two words of a lane overlap', () => {
    for (const lane of fixtureLanes) {
      const words = layout.marks.filter(m => m.step.actor.lane === lane && m.label !== null)
      for (const [i, mark] of words.entries()) {
        const next = words[i + 1]
        if (next !== undefined) expect(mark.x + (mark.label?.length ?? 0) * 5.9).toBeLessThan(next.x + 6)
      }
    }
  })

  it('always names the step it stands at', () => {
    for (let at = 1; at <= 15; at++) {
      const narrow = layOutTimeline({ ...short, at, width: 300, span: usualSpan(at, 15, 300) })
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
    const span = usualSpan(5000, 10_000, 1200)
    const layout = layOutTimeline({ ...short, film, at: 5000, length: 10_000, span })
    expect(layout.marks.length).toBeLessThan(120)
    expect(layout.playhead).toBeGreaterThan(0)
    expect(layout.playhead).toBeLessThan(1200)
  })

  it('keeps the playhead on the page, wherever it is', () => {
    for (let at = 0; at <= 10_000; at += 7) {
      const { first, last } = usualSpan(at, 10_000, 1200)
      expect(at).toBeGreaterThanOrEqual(first)
      expect(at).toBeLessThanOrEqual(last)
    }
  })

  it('is a few paths when one looks at all of it', () => {
    const whole = layOutTimeline({ ...short, film, at: 5000, length: 10_000, span: wholeRun(10_000, 1200) })
    expect(whole.marks).toHaveLength(0)
    expect(whole.ticks.length).toBeLessThanOrEqual(7)
    expect(whole.ticks.reduce((sum, t) => sum + t.d.length, 0)).toBeLessThan(100_000)
    expect(whole.brackets.length + whole.exposures.length).toBeLessThan(300)
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

describe('what the reader zoomed to', () => {
  const chosen = { first: 100, last: 140, at: 700 }

  it('may lie away from the playhead', () => {
    expect(shownSpan(chosen, 700, 1000, 1200)).toEqual({ first: 100, last: 140 })
  })
  it('follows the playhead when that moves, by half pages', () => {
    expect(shownSpan(chosen, 141, 1000, 1200)).toEqual({ first: 120, last: 160 })
    expect(shownSpan(chosen, 120, 1000, 1200)).toEqual({ first: 100, last: 140 })
    for (let at = 0; at <= 1000; at++) {
      const { first, last } = shownSpan({ ...chosen, at: -1 }, at, 1000, 1200)
      expect(first <= at && at <= last, `step ${at}`).toBe(true)
    }
  })
  it('shrinks with the run', () => {
    expect(shownSpan(chosen, 30, 30, 1200)).toEqual({ first: 0, last: 30 })
  })
  it('is never closer than a few steps', () => {
    expect(closestZoom(10_000, 1200)).toBeGreaterThan(100)
    expect(closestZoom(0, 1200)).toBeGreaterThanOrEqual(1)
  })
})

it('knows the keys of a slider, and leaves the others alone', () => {
  expect(keyTarget('ArrowRight', 3, 10)).toBe(4)
  expect(keyTarget('End', 3, 10)).toBe(10)
  expect(keyTarget('ArrowLeft', 0, 10)).toBe(0)
  expect(keyTarget('PageUp', 100, 1000)).toBe(150)
  expect(keyTarget('c', 3, 10)).toBeNull()
})
