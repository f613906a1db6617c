import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../scenarios/scenario.ts'
import { decodeSchedule, encodeSchedule, readSchedule, type Schedule } from './schedule.ts'

const steps = (...choices: (number | readonly [number, number])[]): Schedule =>
  choices.map(c => (typeof c === 'number' ? { actor: c, alternative: 0 } : { actor: c[0], alternative: c[1] }))

/** Mostly a few actors in runs, as real schedules are; sometimes anything. */
const schedules = fc
  .array(
    fc.record({
      actor: fc.oneof(fc.nat(3), fc.nat(35)),
      alternative: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(40), fc.nat(36 ** 2 - 1)),
      times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 80 })),
    }),
  )
  .map(runs => runs.flatMap(({ times, ...choice }) => Array.from({ length: times }, () => choice)))

describe('a schedule as text', () => {
  it.each([
    ['', steps()],
    ['000322*5', steps(0, 0, 0, 3, 2, 2, 2, 2, 2, 2)],
    ['0z', steps(0, 35)],
    ['3.a1', steps([3, 10], 1)],
    ['3_101', steps([3, 36], 1)],
    ['3_zz*4', steps([3, 1295], [3, 1295], [3, 1295], [3, 1295])],
  ])('“%s” is what it says', (text, schedule) => {
    expect(decodeSchedule(text)).toEqual({ ok: true, value: schedule })
  })

  it('spells short runs out and counts long ones', () => {
    expect(encodeSchedule(steps(1, 1, 1))).toBe('111')
    expect(encodeSchedule(steps(1, 1, 1, 1))).toBe('1*4')
    expect(encodeSchedule(Array.from({ length: 36 }, () => ({ actor: 1, alternative: 0 })))).toBe('1*z1')
  })

  it('comes back as it went, and travels in a URL fragment as it is', () => {
    fc.assert(
      fc.property(schedules, schedule => {
        const text = encodeSchedule(schedule)
        expect(text).toMatch(/^[0-9a-z._*]*$/)
        expect(decodeSchedule(text)).toEqual({ ok: true, value: schedule })
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['00A', 'schedule step 3, column 3', '“A” does not name an actor'],
    ['0*4 1', 'schedule step 5, column 4', '“ ” does not name an actor'],
    ['0.', 'schedule step 1, column 3', 'the end of the text does not name an alternative'],
    ['1_1', 'schedule step 1, column 4', 'the end of the text does not name an alternative'],
    ['10*', 'schedule step 2, column 4', 'the end of the text does not say how often'],
    ['10*0', 'schedule step 2, column 3', 'a step is repeated 0 times'],
    ['*4', 'schedule step 1, column 1', '“*” does not name an actor'],
    ['0😀', 'schedule step 2, column 2', '“😀” does not name an actor'],
  ])('“%s”: says where it stops making sense', (text, at, message) => {
    expect(decodeSchedule(text)).toEqual({ ok: false, problems: [{ at, message, mend: expect.any(String) }] })
  })

  it('gives what can be followed before the first problem', () => {
    expect(readSchedule('01*4?2').steps).toEqual(steps(0, 1, 1, 1, 1))
  })

  it('does not expand a bomb', () => {
    const { steps: read, problem } = readSchedule('0*z'.repeat(30_000))
    expect(problem?.message).toBe('the schedule is too long')
    expect(read.length).toBeLessThanOrEqual(LIMITS.scheduleLength)
    expect(decodeSchedule('0'.repeat(LIMITS.scheduleLength)).ok).toBe(true)
    expect(decodeSchedule('0'.repeat(LIMITS.scheduleLength + 1)).ok).toBe(false)
    expect(readSchedule('0'.repeat(1_000_000)).problem?.message).toBe('the text is too long')
  })

  it('never throws, whatever it is fed, and what it reads it writes the same', () => {
    const near = fc.string({
      unit: fc.constantFrom(...'0123az._**', 'A', ' ', '%', '\u0000', 'é', '😀'),
      maxLength: 40,
    })
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: near }, fc.string()), text => {
        const once = decodeSchedule(text)
        if (once.ok && encodeSchedule(once.value) !== text) {
          // Not canonical (`1*1`, `0.0`), yet it means the same when written again.
          const again = decodeSchedule(encodeSchedule(once.value))
          if (!again.ok || JSON.stringify(again.value) !== JSON.stringify(once.value)) throw new Error(text)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
