import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { explore, runToEnd } from './explore.ts'
import { exploreParts } from './explore-parts.ts'
import { PLAIN, REDUCED, search } from './search.ts'
import { type Swept, sweep } from './sweep.ts'
import type { Parts, Progress, Property, TransitionSystem, Witness } from './system.ts'

const plenty = { states: 1_000_000, bytes: 2 ** 30 }

function swept(steps: Generator<Progress, Swept, void>): Swept {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/**
 * A system made of a table: each actor has a state of its own, a few bits, and there is one shared word. What it does depends on
 * the shared word, its own, and now and then on a bit of somebody else's, and may change all of these. Reads and writes go
 * through `at` and `put`, so that they can be watched.
 */
interface Program {
  readonly actors: number
  /** By actor, own value and shared value: where it goes. */
  readonly rules: readonly (readonly {
    readonly own: number
    readonly shared: number
    readonly peek: number | null
    readonly toOwn: number
    readonly toShared: number
    readonly poke: { readonly actor: number; readonly value: number } | null
  }[])[]
  readonly far: number
}

function made({ actors, rules, far }: Program): { readonly system: TransitionSystem; readonly properties: Property[] } {
  let witness: Witness | undefined
  const at = (s: Uint32Array, word: number): number => {
    witness?.read(word, 3)
    return (s[word] as number) & 3
  }
  const put = (s: Uint32Array, word: number, value: number): void => {
    witness?.wrote(word, 3)
    s[word] = ((s[word] as number) & ~3) | value
  }
  const enabled = (s: Uint32Array, actor: number) =>
    known(rules[actor], 'rules').filter(
      r => r.own === at(s, 1 + actor) && r.shared === at(s, 0) && (r.peek === null || at(s, 1 + (r.peek % actors)) > 1),
    )
  const parts: Parts = {
    partOf: Array.from({ length: actors + 1 }, (_, word) => word),
    groupOf: Array.from({ length: actors }, (_, actor) => (actor < far ? 1 : 0)),
    homeOf: Array.from({ length: actors }, (_, actor) => actor),
    watch: (by, body) => {
      witness = by
      body()
      witness = undefined
    },
  }
  const system: TransitionSystem = {
    words: actors + 1,
    initial: new Uint32Array(actors + 1),
    actors,
    ways: (s, actor) => enabled(s, actor).length,
    move: (s, actor, way) => {
      const rule = known(enabled(s, actor)[way], 'rule')
      put(s, 1 + actor, rule.toOwn)
      put(s, 0, rule.toShared)
      if (rule.poke !== null) put(s, 1 + (rule.poke.actor % actors), rule.poke.value)
    },
    done: (s, actor) => at(s, 1 + actor) === 3,
    parts,
  }
  const never: Property = {
    id: 'never',
    sentence: 'the first and the last are never both at 2',
    expect: 'always',
    holds: s => !(at(s, 1) === 2 && at(s, actors) === 2 && at(s, 0) === 1),
  }
  const once: Property = {
    id: 'once',
    sentence: 'the shared word is 3 at some time',
    expect: 'sometimes',
    holds: s => at(s, 0) === 3,
  }
  return { system, properties: [never, once] }
}

const value = fc.integer({ min: 0, max: 3 })
const rule = fc.record({
  own: value,
  shared: value,
  peek: fc.option(fc.nat(3), { freq: 2 }),
  toOwn: value,
  toShared: value,
  poke: fc.option(fc.record({ actor: fc.nat(3), value }), { freq: 2 }),
})
const program: fc.Arbitrary<Program> = fc.integer({ min: 1, max: 4 }).chain(actors =>
  fc.record({
    actors: fc.constant(actors),
    rules: fc.array(fc.array(rule, { minLength: 2, maxLength: 14 }), { minLength: actors, maxLength: actors }),
    far: fc.integer({ min: 1, max: actors }),
  }),
)

describe('a search that remembers parts answers as the plain one does', () => {
  it('to the last number, on systems of any kind: states, moves, depth, and the very same run', () => {
    fc.assert(
      fc.property(program, p => {
        const { system, properties } = made(p)
        const plain = runToEnd(explore(system, properties, plenty))
        const parts = runToEnd(exploreParts(system, known(system.parts, 'parts'), properties, plenty))
        expect({ ...parts, bytes: 0 }).toEqual({ ...plain, bytes: 0 })
      }),
      { numRuns: 400 },
    )
  })

  it('and a sweep finds as many states and moves, or that there is something to find', () => {
    const kinds = new Set<string>()
    fc.assert(
      fc.property(program, p => {
        const { system, properties } = made(p)
        const plain = runToEnd(explore(system, properties, plenty))
        const answer = swept(sweep(system, known(system.parts, 'parts'), properties, plenty))
        kinds.add(answer.kind)
        if (plain.kind === 'violated' || plain.kind === 'deadlock') expect(answer.kind).toBe('something-found')
        else
          expect([answer.kind, answer.states, answer.transitions]).toEqual([
            plain.kind,
            plain.states,
            plain.transitions,
          ])
      }),
      { numRuns: 400 },
    )
    expect([...kinds].sort()).toEqual(['holds', 'never-seen', 'something-found'])
  })

  it('by any method, small or large, searched in one way or in another', () => {
    fc.assert(
      fc.property(program, p => {
        const { system, properties } = made(p)
        const fast = runToEnd(search(system, properties, plenty))
        expect({ ...fast, bytes: 0 }).toEqual({ ...runToEnd(search(system, properties, plenty, PLAIN)), bytes: 0 })
      }),
      { numRuns: 100 },
    )
  })
})

describe('work that goes round', () => {
  /** Of all of them: a property is asked in more than one system. */
  let witness: Witness | undefined

  /** Three actors that count, each up to its own end or, going round, to where it begins again. */
  function counting(
    end: number,
    worst: number,
  ): { readonly system: TransitionSystem; readonly properties: Property[] } {
    const all = 2 ** 32 - 1
    const at = (s: Uint32Array, actor: number): number => {
      witness?.read(actor, all)
      return s[actor] as number
    }
    const parts: Parts = {
      partOf: [0, 0, 0],
      groupOf: [],
      homeOf: [-1, -1, -1],
      watch: (by, body) => {
        witness = by
        body()
        witness = undefined
      },
    }
    const of = (last: number): TransitionSystem => ({
      words: 3,
      initial: new Uint32Array(3),
      actors: 3,
      ways: (s, actor) => (at(s, actor) < last ? 1 : 0),
      move: (s, actor) => {
        s[actor] = at(s, actor) + 1
        witness?.wrote(actor, all)
      },
      done: (s, actor) => at(s, actor) === last,
      parts,
    })
    const never: Property = {
      id: 'never',
      sentence: '',
      expect: 'always',
      holds: s => [0, 1, 2].every(actor => at(s, actor) !== worst),
    }
    return { system: { ...of(end), rounds: () => of(4) }, properties: [never] }
  }

  it('is asked in a large search, and answers for all if nothing is found', () => {
    const { system, properties } = counting(27, 34)
    const verdict = runToEnd(search(system, properties, plenty, REDUCED))
    expect(verdict).toMatchObject({ kind: 'holds', states: 5 ** 3, endless: true })
    expect(runToEnd(search(system, properties, plenty, PLAIN)).states).toBe(28 ** 3)
  })

  it('is not taken at its word if something is found: the answer is that of the system itself', () => {
    const { system, properties } = counting(27, 34)
    const harmful: TransitionSystem = { ...system, rounds: () => counting(35, 34).system }
    const { kind, states } = runToEnd(search(harmful, properties, plenty, REDUCED))
    expect([kind, states]).toEqual(['holds', 28 ** 3])
  })

  it('is not asked where something is found soon: that run is the shortest', () => {
    const { system, properties } = counting(27, 3)
    const verdict = runToEnd(search(system, properties, plenty, REDUCED))
    expect(verdict).toMatchObject({ kind: 'violated', run: { length: 3 } })
  })
})
