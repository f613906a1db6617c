import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explore, runToEnd } from './explore.ts'
import type { Property, TransitionSystem, Verdict } from './system.ts'

const plenty = { states: 1_000_000, bytes: 2 ** 30 }
const search = (system: TransitionSystem, ...properties: Property[]): Verdict =>
  runToEnd(explore(system, properties, plenty))

/** Two threads add 1 to a counter without a lock: read it, then write back what was read plus one. Words: counter, then pc and register of each. */
const racyCounter: TransitionSystem = {
  words: 5,
  initial: new Uint32Array(5),
  actors: 2,
  ways: (s, t) => ((s[1 + 2 * t] as number) < 2 ? 1 : 0),
  move: (s, t) => {
    const pc = s[1 + 2 * t] as number
    if (pc === 0) s[2 + 2 * t] = s[0] as number
    else s[0] = (s[2 + 2 * t] as number) + 1
    s[1 + 2 * t] = pc + 1
  },
  done: (s, t) => s[1 + 2 * t] === 2,
}
const bothDone = (s: Uint32Array): boolean => s[1] === 2 && s[3] === 2
const canEndAt = (value: number): Property => ({
  id: `ends at ${value}`,
  sentence: `two unlocked increments can end at ${value}`,
  expect: 'sometimes',
  holds: s => bothDone(s) && s[0] === value,
})

describe('a race that everyone knows', () => {
  it.each([1, 2])('two unlocked increments can end at %i', value => {
    expect(search(racyCounter, canEndAt(value)).kind).toBe('holds')
  })

  it('and never at 3: every state was looked at to say so', () => {
    expect(search(racyCounter, canEndAt(3))).toMatchObject({ kind: 'never-seen', property: { id: 'ends at 3' } })
  })

  it('the shortest way to lose an increment takes four steps', () => {
    const noLoss: Property = {
      id: 'no loss',
      sentence: 'no increment is lost',
      expect: 'always',
      holds: s => !bothDone(s) || s[0] === 2,
    }
    const verdict = search(racyCounter, noLoss)
    expect(verdict).toMatchObject({ kind: 'violated' })
    expect(verdict.kind === 'violated' && verdict.run).toHaveLength(4)
  })
})

/** Two threads take two locks in opposite order, then drop both. Words: holder of each lock, pc of each thread. */
const crossedLocks: TransitionSystem = {
  words: 4,
  initial: new Uint32Array(4),
  actors: 2,
  ways: (s, t) => {
    const pc = s[2 + t] as number
    return pc === 2 || (pc < 2 && s[wanted(s, t)] === 0) ? 1 : 0
  },
  move: (s, t) => {
    if (s[2 + t] === 2) s.fill(0, 0, 2)
    else s[wanted(s, t)] = t + 1
    s[2 + t] = (s[2 + t] as number) + 1
  },
  done: (s, t) => s[2 + t] === 3,
}
const wanted = (s: Uint32Array, t: number): number => (t + (s[2 + t] as number)) % 2

describe('the ways a search can end', () => {
  it('finds that two threads with crossed locks can stand still, and how', () => {
    expect(search(crossedLocks)).toMatchObject({ kind: 'deadlock', run: [{ actor: 0 }, { actor: 1 }] })
  })

  it('never says that something holds when it stopped early', () => {
    const verdict = runToEnd(explore(racyCounter, [canEndAt(3)], { states: 5, bytes: 2 ** 30 }))
    expect(verdict).toMatchObject({ kind: 'out-of-budget', states: 5 })
  })

  it('looks at the initial state too', () => {
    const never: Property = { id: 'never', sentence: 'nothing is true', expect: 'always', holds: () => false }
    expect(search(racyCounter, never)).toMatchObject({ kind: 'violated', run: [] })
  })

  it('can be paused: it yields how far it is, and goes on', () => {
    const wide = grid([60, 60])
    const seen = [...explore(wide, [], plenty)]
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.every(p => p.states > 0 && p.frontier >= 0)).toBe(true)
  })
})

/** Counters that each count to their limit: as many states as the product of the limits plus one. */
function grid(limits: readonly number[]): TransitionSystem {
  return {
    words: limits.length,
    initial: new Uint32Array(limits.length),
    actors: limits.length,
    ways: (s, t) => ((s[t] as number) < (limits[t] ?? 0) ? 1 : 0),
    move: (s, t) => {
      s[t] = (s[t] as number) + 1
    },
    done: (s, t) => s[t] === limits[t],
  }
}

it('counts every state once and every move, whatever the sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 4 }), limits => {
      const states = limits.reduce((product, l) => product * (l + 1), 1)
      const moves = limits.reduce((sum, l) => sum + (states / (l + 1)) * l, 0)
      expect(search(grid(limits))).toMatchObject({
        kind: 'holds',
        states,
        transitions: moves,
        depth: limits.reduce((sum, l) => sum + l, 0),
      })
    }),
    { numRuns: 200 },
  )
})
