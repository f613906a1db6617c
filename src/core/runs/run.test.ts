import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { checksum, copyOf, type Machine } from '../machine/cells.ts'
import { runOf } from '../testing/films.ts'
import { app, buf, labOf, neighbour, scenarioOf } from '../testing/labs.ts'
import { anyPicks, anyPlace, labAt, picked } from '../testing/walks.ts'
import { fingerprintOf, firstDifference, isFingerprint } from './fingerprint.ts'
import { fairChoice, Run } from './run.ts'
import { decodeSchedule, encodeSchedule } from './schedule.ts'

/** A run of these picks, and every state on the way, made by stepping a copy along. */
function recorded(run: Run, picks: readonly number[]): Machine[] {
  const m = copyOf(run.stateAt(run.length))
  const states = [copyOf(m)]
  for (const pick of picks) {
    const choice = picked(run.lab, m, pick)
    if (choice === undefined) break
    known(run.lab.actors[choice.actor], 'actor').step(m, choice.alternative)
    run.push(choice)
    states.push(copyOf(m))
  }
  return states
}

describe('a run', () => {
  it('is told by its schedule alone: the same choices, taken anywhere, lead to the same bytes', () => {
    fc.assert(
      fc.property(anyPlace, anyPicks, (place, picks) => {
        const run = new Run(labAt(place))
        recorded(run, picks)
        const again = runOf(labAt(place), run.choices)
        expect(again.stateAt(again.length)).toEqual(run.stateAt(run.length))
        expect(again.film.map(s => s.events)).toEqual(run.film.map(s => s.events))
      }),
      { numRuns: 60 },
    )
  })

  it('comes back from text', () => {
    fc.assert(
      fc.property(anyPlace, anyPicks, (place, picks) => {
        const run = new Run(labAt(place))
        recorded(run, picks)
        const text = encodeSchedule(run.choices)
        const choices = decodeSchedule(text)
        const again = runOf(labAt(place), choices.ok ? choices.value : [])
        expect(again.checksumAt(again.length)).toBe(run.checksumAt(run.length))
        expect(text).toMatch(/^[0-9a-z._*]*$/)
      }),
      { numRuns: 60 },
    )
  })

  it('goes back exactly: each state is what it was when the run passed it, also after cutting and going another way', () => {
    fc.assert(
      fc.property(anyPlace, anyPicks, anyPicks, fc.nat(), (place, first, second, n) => {
        const run = new Run(labAt(place))
        const states = recorded(run, first)
        const at = n % (run.length + 1)
        run.cut(at)
        expect(run.stateAt(at)).toEqual(states[at])
        const all = [...states.slice(0, at), ...recorded(run, second)]
        const found = all.map((_, i) => run.stateAt(i))
        expect(found.map(checksum)).toEqual(all.map(checksum))
        expect(found).toEqual(all)
        expect([run.film.length, run.length]).toEqual([all.length - 1, all.length - 1])
      }),
      { numRuns: 100 },
    )
  })

  it('is as exact where states are too large to keep every one', () => {
    const large = scenarioOf({
      frames: 4000,
      regions: [buf({ pages: 1000 })],
      cpus: [app({ do: 'munmap', region: 'buf' })],
      batchSize: 1024,
    })
    const run = new Run(labOf(large))
    const states = recorded(run, Array(400).fill(0))
    expect(run.length).toBe(400)
    for (const at of [399, 0, 57, 200, 199, 398, 1]) expect(run.stateAt(at)).toEqual(states[at])
  })

  it('leaves the state that it started from alone', () => {
    const lab = labOf('munmap-plain')
    const before = copyOf(lab.initial)
    recorded(new Run(lab), Array(50).fill(3))
    expect(lab.initial).toEqual(before)
  })

  it('refuses a move that cannot be made, and says why', () => {
    const run = new Run(labOf('munmap-plain'))
    expect(run.refusal(0, { actor: 9, alternative: 0 })).toBe('there is no actor 9')
    expect(run.refusal(0, { actor: 4, alternative: 0 })).toBe('IOMMU cannot move: the invalidation queue is empty')
    expect(run.refusal(0, { actor: 0, alternative: 1 })).toBe('CPU 0 has only 1 way to move')
    expect(run.refusal(0, { actor: 0, alternative: 0 })).toBe('')
  })
})

describe('a fair scheduler', () => {
  it('lets everybody who is ready move before anybody moves twice', () => {
    const lab = labOf(
      scenarioOf({
        regions: [buf(), neighbour()],
        cpus: [app({ do: 'madvise-dontneed', region: 'buf' }), app({ do: 'madvise-dontneed', region: 'heap' })],
      }),
    )
    const order: number[] = []
    const m = copyOf(lab.initial)
    for (let i = 0; i < 4; i++) {
      const choice = known(fairChoice(lab, m, order.at(-1) ?? -1), 'choice')
      known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
      order.push(choice.actor)
    }
    expect(order).toEqual([0, 1, 0, 1])
  })

  it('brings every scenario to its end, on every kernel', () => {
    fc.assert(
      fc.property(anyPlace, place => {
        const lab = labAt(place)
        const m = copyOf(lab.initial)
        let last = -1
        for (let steps = 0; ; steps++) {
          const choice = fairChoice(lab, m, last)
          if (choice === undefined) break
          expect(steps).toBeLessThan(2000)
          known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
          last = choice.actor
        }
        // Frames may run out. Then whoever waits waits for a frame, or for the lock of one who does.
        const waiting = lab.actors.filter(a => !a.finished(m) && a.kind !== 'device').map(a => a.blocked(m))
        expect(waiting.filter(why => why !== 'no frame is free' && !why.startsWith('the mmap lock'))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

describe('the fingerprint of a run', () => {
  const run = new Run(labOf('munmap-plain'))
  recorded(run, Array(30).fill(7))

  it('is short, and its own', () => {
    expect(isFingerprint(fingerprintOf(run))).toBe(true)
    expect(fingerprintOf(run).length).toBeLessThan(120)
    expect(firstDifference(run, fingerprintOf(run))).toBeUndefined()
  })

  it('names the step at which another run left it', () => {
    const other = new Run(run.lab)
    for (const choice of run.choices.slice(0, 9)) other.push(choice)
    recorded(other, Array(21).fill(2))
    expect(other.length).toBe(run.length)
    expect(firstDifference(other, fingerprintOf(run))).toEqual({ from: 10, to: 10 })
  })

  it('without samples can only say that something differs', () => {
    expect(firstDifference(run, '00000000')).toEqual({ from: 0, to: run.length })
  })
})
