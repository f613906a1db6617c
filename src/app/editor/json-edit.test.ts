import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonPath } from '../../core/base/json-path.ts'
import { printJson } from '../../core/base/json-print.ts'
import { SCENARIOS } from '../../core/scenarios/scenario-list.ts'
import { changedTo, historyOf, redo, undo } from './history.ts'
import { insert, move, put, remove, rename, tidy } from './json-edit.ts'

const REGION = `{
  "memory": {
    "frames": 12,
    "regions": [{ "name": "buf", "pages": 2 }]
  }
}`

describe('a change of the form in the text', () => {
  it('touches its own place only', () => {
    expect(put(REGION, ['memory', 'frames'], 14)).toBe(REGION.replace('12', '14'))
  })

  it('adds a member where it belongs, on a line of its own if the others have one', () => {
    expect(put(REGION, ['memory', 'name'], 'x', ['name', 'frames', 'regions'])).toContain(
      '{\n    "name": "x",\n    "frames"',
    )
    expect(put(REGION, ['memory', 'spare'], 1, ['frames', 'spare', 'regions'])).toContain(
      '12,\n    "spare": 1,\n    "reg',
    )
    expect(put(REGION, ['memory', 'regions', 0, 'at'], '0x1000', ['name', 'at', 'pages'])).toContain(
      '{ "name": "buf", "at": "0x1000", "pages": 2 }',
    )
  })

  it('takes a member out together with its comma', () => {
    expect(remove(REGION, ['memory', 'frames'])).toContain('"memory": {\n    "regions"')
    expect(remove(REGION, ['memory', 'regions', 0, 'pages'])).toContain('[{ "name": "buf" }]')
    expect(remove(REGION, ['memory', 'regions', 0])).toContain('"regions": []')
  })

  it('breaks a line that it makes too long, and no line that was so before', () => {
    const long = { name: 'x'.repeat(80) }
    expect(insert(REGION, ['memory', 'regions'], 1, long)).toContain('"regions": [\n      { "name": "buf"')
    const minified = JSON.stringify(SCENARIOS[0])
    expect(put(minified, ['batchSize'], 7)).not.toContain('\n')
  })

  it('leaves alone a name that nobody knows, and one that is there twice', () => {
    const text = '{ "a": 1, "mystery": [1.50, "\\u0041"], "a": 2 }'
    expect(put(text, ['a'], 3)).toBe('{ "a": 1, "mystery": [1.50, "\\u0041"], "a": 3 }')
    expect(rename(text, ['mystery'], 'b')).toBe('{ "a": 1, "b": [1.50, "\\u0041"], "a": 2 }')
    expect(tidy(text)).toBe(`${text}\n`)
  })

  it('is no change where there is no such place, or no JSON', () => {
    for (const text of ['', '{', '{"a":[]}']) {
      expect(put(text, ['a', 3, 'b'], 1)).toBe(text)
      expect(remove(text, ['x'])).toBe(text)
      expect(move(text, ['a'], 0, 1)).toBe(text)
    }
  })
})

/** A change as the form would make it, and what it makes of the value. */
type Move = { readonly on: (text: string) => string; readonly to: (value: unknown) => unknown }

function someMove(value: unknown, pick: (below: number) => number, leaf: unknown): Move {
  const paths: JsonPath[] = []
  const walk = (inner: unknown, path: JsonPath): void => {
    paths.push(path)
    if (typeof inner === 'object' && inner !== null)
      for (const [key, x] of Object.entries(inner)) walk(x, [...path, Array.isArray(inner) ? Number(key) : key])
  }
  walk(value, [])
  const path = paths[pick(paths.length)] ?? []
  const at = path.reduce<unknown>((x, key) => Reflect.get(x as object, key), value)
  const within = (change: (holder: never) => void) => (whole: unknown) => {
    const copy = structuredClone(whole)
    change(path.reduce((x, key) => Reflect.get(x as object, key), copy) as never)
    return copy
  }
  const put_: Move = {
    on: text => put(text, path, leaf),
    to: whole => {
      if (path.length === 0) return leaf
      const copy = structuredClone(whole)
      const holder = path.slice(0, -1).reduce((x, key) => Reflect.get(x as object, key), copy) as object
      Reflect.set(holder, path.at(-1) ?? '', leaf)
      return copy
    },
  }
  if (Array.isArray(at)) {
    const i = pick(at.length + 1)
    const j = pick(Math.max(1, at.length))
    if (pick(2) === 0 && at.length > 0)
      return { on: text => move(text, path, j, 0), to: within((a: unknown[]) => void a.unshift(...a.splice(j, 1))) }
    return { on: text => insert(text, path, i, leaf), to: within((a: unknown[]) => void a.splice(i, 0, leaf)) }
  }
  if (typeof at === 'object' && at !== null) {
    const name = Object.keys(at)[pick(Object.keys(at).length + 1)] ?? 'added'
    if (name === 'added')
      return {
        on: text => put(text, [...path, name], leaf),
        to: within((o: object) => void Reflect.set(o, name, leaf)),
      }
    return {
      on: text => remove(text, [...path, name]),
      to: within((o: object) => void Reflect.deleteProperty(o, name)),
    }
  }
  return put_
}

const layouts = [
  (x: unknown) => JSON.stringify(x),
  (x: unknown) => JSON.stringify(x, null, '\t'),
  (x: unknown) => printJson(x),
]

describe('any changes one after another', () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map(x => JSON.parse(JSON.stringify(x)) as unknown)
  const start = fc.oneof(json, fc.constantFrom(...SCENARIOS.map(s => s as unknown)))

  it('do to the text what they do to the value, and taken back give the same text', () => {
    fc.assert(
      fc.property(
        start,
        fc.nat(2),
        fc.array(fc.tuple(fc.infiniteStream(fc.nat()), json), { maxLength: 8 }),
        (value, layout, moves) => {
          const first = layouts[layout]?.(value) ?? ''
          let history = historyOf(first)
          let expected = value
          const texts = [first]
          for (const [picks, leaf] of moves) {
            const { on, to } = someMove(expected, below => (picks.next().value ?? 0) % below, leaf)
            expected = to(expected)
            history = changedTo(history, on(history.text), `move ${texts.length}`, 0)
            if (history.text !== texts.at(-1)) texts.push(history.text)
            expect(JSON.parse(history.text)).toEqual(expected)
            expect(JSON.parse(tidy(history.text))).toEqual(expected)
          }
          for (const text of texts.toReversed()) {
            expect(history.text).toBe(text)
            history = undo(history)
          }
          expect(history.text).toBe(first)
          for (const text of texts.slice(1)) {
            history = redo(history)
            expect(history.text).toBe(text)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('typed quickly in one field are one step back', () => {
    let history = historyOf('{"a":1}')
    for (const [i, text] of ['{"a":12}', '{"a":123}', '{"a":3}'].entries())
      history = changedTo(history, text, 'a', i * 100)
    expect(undo(history).text).toBe('{"a":1}')
    history = changedTo(history, '{"a":4}', 'a', 5000)
    expect(undo(history).text).toBe('{"a":3}')
  })
})
