import { describe, expect, it } from 'vitest'
import type { Breach } from './breach.ts'
import { leaveOut, type NameMove, needOf, timesUpTo } from './need.ts'
import type { Move, Property, TransitionSystem } from './system.ts'

/**
 * Actors that each go through a list of words. A word can be said when those that it waits for have been said by anybody. A state
 * is where each of them stands.
 */
function speakers(lists: readonly (readonly string[])[], waitsFor: Readonly<Record<string, readonly string[]>> = {}) {
  const said = (state: Uint32Array): string[] => lists.flatMap((list, actor) => list.slice(0, state[actor]))
  const next = (state: Uint32Array, actor: number): string | undefined => lists[actor]![state[actor]!]
  const system: TransitionSystem = {
    words: lists.length,
    initial: new Uint32Array(lists.length),
    actors: lists.length,
    ways: (state, actor) => {
      const word = next(state, actor)
      return word !== undefined && (waitsFor[word] ?? []).every(other => said(state).includes(other)) ? 1 : 0
    },
    move: (state, actor) => void state.set([state[actor]! + 1], actor),
    done: () => true,
  }
  const nameOf: NameMove = (state, actor) => next(state, actor) ?? ''
  const neverSaid = (...words: readonly string[]): Property => ({
    id: 'P',
    sentence: `never ${words.join(' and ')}`,
    expect: 'always',
    holds: state => !words.every(word => said(state).includes(word)),
  })
  return { system, nameOf, neverSaid }
}

const by = (...actors: readonly number[]): Move[] => actors.map(actor => ({ actor, way: 0 }))

function answer(search: Generator<unknown, Breach, void>): Breach {
  for (;;) {
    const step = search.next()
    if (step.done === true) return step.value
  }
}
const PLENTY = { states: 10_000, bytes: 2 ** 24 }

describe('a run without one of its steps', () => {
  const { system, nameOf, neverSaid } = speakers(
    [
      ['lock', 'clear', 'free'],
      ['walk', 'use'],
    ],
    { use: ['clear'] },
  )
  const run = by(1, 0, 0, 0, 1)

  it('goes on with what can still be done as it was, and says what cannot', () => {
    const skipped: string[] = []
    const left = leaveOut(system, neverSaid('free', 'use'), run, 1, nameOf, (state, { actor }) => {
      skipped.push(nameOf(state, actor, 0))
    })
    expect(left).toEqual({
      made: by(1),
      // Actor 0 could move, but it would say “lock” first. Actor 1 waits for “clear”.
      later: [
        { step: 2, came: 'otherwise' },
        { step: 3, came: 'otherwise' },
        { step: 4, came: 'blocked' },
      ],
      broken: false,
    })
    expect(skipped).toEqual(['lock', 'lock', 'use'])
  })

  it('can break the property all the same, where the step did not matter', () => {
    expect(leaveOut(system, neverSaid('free'), run, 0, nameOf)).toMatchObject({ made: by(0, 0, 0), broken: true })
  })
})

describe('whether every run needs a step', () => {
  it('holds when nobody else can take its place, and names a run when somebody can', () => {
    const { system, nameOf, neverSaid } = speakers([['a'], ['b'], ['c']])
    const either: Property = {
      ...neverSaid('a'),
      holds: s => neverSaid('a', 'b').holds(s) && neverSaid('a', 'c').holds(s),
    }
    const need = (actor: number, name: string) =>
      answer(needOf(system, either, { actor, name, most: 0 }, nameOf, PLENTY))
    // Without “a” four states are left, those of “b” and “c”; a word that nobody uses counts it.
    expect(need(0, 'a')).toEqual({ kind: 'holds', states: 4 })
    expect(need(1, 'b')).toMatchObject({ kind: 'broken', run: by(0, 2) })
  })

  it('tells the first time from the second', () => {
    const { system, nameOf, neverSaid } = speakers([['fill', 'fill', 'use']])
    const run = by(0, 0, 0)
    expect([0, 1, 2].map(step => timesUpTo(system, run, step, nameOf))).toEqual([1, 2, 1])
    const once = needOf(system, neverSaid('use'), { actor: 0, name: 'fill', most: 1 }, nameOf, PLENTY)
    expect(answer(once)).toEqual({ kind: 'holds', states: 2 })
    const twice = needOf(system, neverSaid('use'), { actor: 0, name: 'fill', most: 2 }, nameOf, PLENTY)
    expect(answer(twice)).toMatchObject({ kind: 'broken', run })
  })

  it('minds who says it: the same word of another actor is another move', () => {
    const { system, nameOf, neverSaid } = speakers([['a'], ['a']])
    const need = needOf(system, neverSaid('a'), { actor: 0, name: 'a', most: 0 }, nameOf, PLENTY)
    expect(answer(need)).toMatchObject({ kind: 'broken', run: by(1) })
  })

  it('does not say that it holds when it had to stop', () => {
    const { system, nameOf, neverSaid } = speakers([
      ['a', 'b', 'c', 'd'],
      ['e', 'f', 'g', 'h'],
    ])
    const need = needOf(system, neverSaid('d', 'h'), { actor: 0, name: 'a', most: 0 }, nameOf, {
      states: 2,
      bytes: 2 ** 24,
    })
    expect(answer(need).kind).toBe('undecided')
  })
})
