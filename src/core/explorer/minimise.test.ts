import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { followLoosely, type Shortened, shorten } from './minimise.ts'
import type { Move, Property, TransitionSystem } from './system.ts'

/** Any small system at all: by state and actor, where each of its ways leads. State 0 is the first, the last one is bad. */
const anySystem = fc
  .tuple(fc.integer({ min: 2, max: 7 }), fc.integer({ min: 1, max: 3 }))
  .chain(([states, actors]) =>
    fc.array(
      fc.array(fc.array(fc.nat({ max: states - 1 }), { maxLength: 2 }), { minLength: actors, maxLength: actors }),
      {
        minLength: states,
        maxLength: states,
      },
    ),
  )
  .map(leadsTo => ({ leadsTo, ...systemFrom(leadsTo) }))

function systemFrom(leadsTo: readonly (readonly (readonly number[])[])[]) {
  const system: TransitionSystem = {
    words: 1,
    initial: new Uint32Array(1),
    actors: leadsTo[0]!.length,
    ways: ([state], actor) => leadsTo[state!]![actor]!.length,
    move: (state, actor, way) => void state.set([leadsTo[state[0]!]![actor]![way]!]),
    done: () => true,
  }
  const property: Property = {
    id: 'P',
    sentence: 'never bad',
    expect: 'always',
    holds: ([s]) => s !== leadsTo.length - 1,
  }
  return { system, property }
}

/** A system and a run of it that ends where the property is broken. */
const anyBreach = fc
  .record({ of: anySystem, picks: fc.array(fc.nat({ max: 100 }), { maxLength: 12, size: 'max' }) })
  .map(({ of, picks }) => ({ ...of, run: walk(of.system, of.property, picks) }))
  .filter(({ system, property, run }) => followLoosely(system, property, run).broken)

function walk(system: TransitionSystem, property: Property, picks: readonly number[]): Move[] {
  const state = system.initial.slice()
  const run: Move[] = []
  for (const pick of picks) {
    const moves = Array.from({ length: system.actors }, (_, actor) =>
      Array.from({ length: system.ways(state, actor) }, (_, way) => ({ actor, way })),
    ).flat()
    const move = moves[pick % Math.max(1, moves.length)]
    if (move === undefined || !property.holds(state)) break
    system.move(state, move.actor, move.way)
    run.push(move)
  }
  return run
}

function shortened(system: TransitionSystem, property: Property, run: readonly Move[], mostMoves = 100_000): Shortened {
  const attempts = shorten(system, property, run, mostMoves)
  for (;;) {
    const attempt = attempts.next()
    if (attempt.done === true) return attempt.value!
  }
}

/** The fewest steps that break the property when any of the run's are dropped: tries every choice. */
function fewest(system: TransitionSystem, property: Property, run: readonly Move[]): number {
  let least = Number.POSITIVE_INFINITY
  for (let choice = 0; choice < 2 ** run.length; choice++) {
    const part = run.filter((_, at) => (choice >>> at) & 1)
    const { made, broken } = followLoosely(system, property, part)
    if (broken) least = Math.min(least, made.length)
  }
  return least
}

describe('dropping steps from a run that breaks a property', () => {
  it('leaves a run of the system that breaks it at its last step, and no single step of which can be dropped', () => {
    fc.assert(
      fc.property(
        anyBreach,
        fc.oneof(fc.nat({ max: 40 }), fc.constant(100_000)),
        ({ system, property, run }, mostMoves) => {
          const { run: left } = shortened(system, property, run, mostMoves)
          const { made, broken } = followLoosely(system, property, left)
          expect(broken).toBe(true)
          expect(made).toEqual([...left.keys()])
          expect(left.length).toBeLessThanOrEqual(run.length)
          for (const at of left.keys())
            expect(followLoosely(system, property, left.toSpliced(at, 1)).broken).toBe(false)
        },
      ),
    )
  })

  it('leaves as few steps as any choice of steps does', () => {
    fc.assert(
      fc.property(anyBreach, ({ system, property, run }) => {
        const { run: left, shortest } = shortened(system, property, run)
        expect(shortest).toBe(true)
        expect(left).toHaveLength(fewest(system, property, run))
      }),
      { numRuns: 60 },
    )
  })

  it('always leaves the same ones', () => {
    fc.assert(
      fc.property(anyBreach, ({ system, property, run }) => {
        expect(shortened(system, property, run)).toEqual(shortened(system, property, run))
      }),
    )
  })

  it('says that it is no proof of the fewest when it may not try every choice', () => {
    // 0 → 1 → 2: two steps of actor 0; actor 1 stays where it is.
    const { system, property } = systemFrom([
      [[1], [0]],
      [[2], [1]],
      [[], []],
    ])
    const run = [1, 0, 1, 1, 0].map(actor => ({ actor, way: 0 }))
    const left = [0, 0].map(actor => ({ actor, way: 0 }))
    expect(shortened(system, property, run, 1)).toEqual({ run: left, shortest: false })
    expect(shortened(system, property, run)).toEqual({ run: left, shortest: true })
  })

  it('has nothing to say of a run that breaks nothing, and leaves no step where the first state is bad', () => {
    const { system, property } = systemFrom([[[1]], [[]]])
    const none = shorten(system, { ...property, holds: () => true }, [{ actor: 0, way: 0 }], 100)
    expect(none.next()).toEqual({ done: true, value: undefined })
    expect(shortened(system, { ...property, holds: () => false }, [{ actor: 0, way: 0 }])).toEqual({
      run: [],
      shortest: true,
    })
  })
})
