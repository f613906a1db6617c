import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance, type Playback, paceOf, progressOf, still, turnTo } from './playback.ts'

const atRest = (at: number, stepsPerSecond = 1): Playback => ({ at, until: at, stepsPerSecond })

describe('the film', () => {
  it('plays a step that is one ahead, from its beginning to its end', () => {
    let p = turnTo(atRest(3, 2), 4, true)
    expect(progressOf(p)).toBe(0)
    p = advance(p, 250)
    expect(progressOf(p)).toBeCloseTo(0.5)
    p = advance(p, 10_000)
    expect(still(p)).toBe(true)
    expect(progressOf(p)).toBe(1)
    expect(p.at).toBe(4)
  })

  it.each([
    ['back', 2],
    ['far ahead', 9],
    ['to where it is', 3],
  ])('jumps %s', (_, at) => expect(still(turnTo(atRest(3), at, true))).toBe(true))

  it('jumps always when motion is reduced', () => expect(still(turnTo(atRest(3), 4, false))).toBe(true))

  it('catches up when the next step comes before the last was shown to its end', () => {
    const late = advance(turnTo(atRest(3), 4, true), 100)
    expect(turnTo(late, 5, true)).toMatchObject({ at: 4, until: 5 })
  })

  it('never runs backwards, nor past what the worker has given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 5000, noNaN: true })),
        fc.constantFrom(0.25, 1, 4),
        (frames, speed) => {
          let p = turnTo(atRest(0, paceOf(speed, true)), 1, true)
          for (const ms of frames) {
            const next = advance(p, ms)
            expect(next.at).toBeGreaterThanOrEqual(p.at)
            expect(next.at).toBeLessThanOrEqual(p.until)
            expect(progressOf(next)).toBeGreaterThanOrEqual(0)
            expect(progressOf(next)).toBeLessThanOrEqual(1)
            p = next
          }
        },
      ),
    )
  })
})
