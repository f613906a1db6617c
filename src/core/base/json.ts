/** A part of a text, counted in UTF-16 units from its start; `to` is the first one that is no longer in it. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A JSON value and where it stands in its text. */
export type JsonNode = JsonObject | JsonArray | JsonScalar

export interface JsonObject extends Span {
  readonly kind: 'object'
  readonly members: readonly JsonMember[]
}
export interface JsonMember {
  readonly name: string
  /** Where the name stands, quotes and all. */
  readonly at: Span
  readonly value: JsonNode
}
export interface JsonArray extends Span {
  readonly kind: 'array'
  readonly items: readonly JsonNode[]
}
export interface JsonScalar extends Span {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
}

/** The first thing that keeps a text from being JSON. */
export interface JsonFault {
  /** Where, in UTF-16 units. */
  readonly at: number
  readonly message: string
  readonly mend: string
}

export type ReadJson =
  | { readonly ok: true; readonly root: JsonNode }
  | { readonly ok: false; readonly fault: JsonFault }

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end'

/** What is being built: the containers that are not closed yet. */
type Open =
  | { readonly kind: 'object'; readonly from: number; readonly members: JsonMember[]; name: string; nameAt: Span }
  | { readonly kind: 'array'; readonly from: number; readonly items: JsonNode[] }

/** A scalar, a string, an escape in a string: each tried at one place. */
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

const BAD_STRING =
  'End it with a double quote on the same line; write \\" and \\\\ for those two, \\n for a line break.'
const NO_COMMA = 'Remove the comma before it.'
const NOWHERE: Span = { from: 0, to: 0 }

/**
 * Reads JSON, the same texts that JSON.parse() takes, and keeps the place of every value; or finds the first fault. Engines
 * disagree on whether and how they say where it is, so this looks for itself. No recursion: nesting costs a place in a list,
 * not a call. `from` is where to begin: 1 to leave out a byte order mark.
 */
export function readJson(text: string, from = 0): ReadJson {
  const open: Open[] = []
  let root: JsonNode | undefined
  let expected = 'value' as Expected
  let at = from
  const fault = (where: number, message: string, mend: string): ReadJson => ({
    ok: false,
    fault: { at: where, message, mend },
  })
  const unexpected = (mend: string) => fault(at, `unexpected ${shown(text, at)}`, mend)
  const add = (node: JsonNode) => {
    const inside = open.at(-1)
    if (inside === undefined) root = node
    else if (inside.kind === 'array') inside.items.push(node)
    else inside.members.push({ name: inside.name, at: inside.nameAt, value: node })
    expected = ', or end'
  }
  const close = () => {
    const last = open.pop()
    at++
    if (last?.kind === 'array') add({ kind: 'array', from: last.from, to: at, items: last.items })
    else if (last !== undefined) add({ kind: 'object', from: last.from, to: at, members: last.members })
  }

  for (;;) {
    at = skipSpace(text, at)
    const c = text[at]
    const inside = open.at(-1)
    const bracket = inside?.kind === 'object' ? '{' : '['
    if (c === undefined) {
      if (root !== undefined) return { ok: true, root }
      return fault(
        at,
        'the text ends too early',
        inside === undefined ? 'Write a JSON object.' : `Close each ${bracket}.`,
      )
    }
    const closes = inside !== undefined && c === (inside.kind === 'object' ? '}' : ']')

    if (expected === ', or end') {
      if (inside === undefined) return unexpected('Remove what comes after the end of the object.')
      if (c !== ',' && !closes) return unexpected(`Write a comma before it, or close the ${bracket} first.`)
      if (closes) close()
      else {
        expected = inside.kind === 'object' ? 'name' : 'value'
        at++
      }
    } else if (expected === ':') {
      if (c !== ':') return unexpected('Write a colon after the name.')
      expected = 'value'
      at++
    } else if (closes && (expected === 'name or }' || expected === 'value or ]')) {
      close()
    } else if (c === '"') {
      const end = endOfString(text, at)
      if (end < 0) return fault(-end - 1, 'this string is not right', BAD_STRING)
      const value: string = JSON.parse(text.slice(at, end))
      if (inside?.kind === 'object' && expected.startsWith('name')) {
        inside.name = value
        inside.nameAt = { from: at, to: end }
        expected = ':'
      } else add({ kind: 'scalar', from: at, to: end, value })
      at = end
    } else if (expected.startsWith('name')) {
      return unexpected(closes ? NO_COMMA : 'Write a name in double quotes.')
    } else if (c === '{') {
      open.push({ kind: 'object', from: at, members: [], name: '', nameAt: NOWHERE })
      expected = 'name or }'
      at++
    } else if (c === '[') {
      open.push({ kind: 'array', from: at, items: [] })
      expected = 'value or ]'
      at++
    } else {
      SCALAR.lastIndex = at
      const word = SCALAR.exec(text)?.[0]
      if (word === undefined) return unexpected(valueMend(c))
      add({ kind: 'scalar', from: at, to: at + word.length, value: JSON.parse(word) })
      at += word.length
    }
  }
}

/** Line and column of a place in a text, both counted from 1. */
export function placeIn(text: string, at: number): { readonly line: number; readonly column: number } {
  let line = 1
  let start = 0
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', start)) {
    line++
    start = next + 1
  }
  return { line, column: at - start + 1 }
}

function valueMend(c: string): string {
  if (c === ']' || c === '}') return NO_COMMA
  if (c === "'") return 'Use double quotes.'
  if (c === '/') return 'JSON has no comments: remove it.'
  return 'Write a number, true, false, null, a string in double quotes, a list or an object.'
}

/** Where a string ends, or -1 less the place where it goes wrong. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const c = text[at] as string
    if (c === '"') return at + 1
    if (c < ' ') return -at - 1
    ESCAPE.lastIndex = at
    const width = c === '\\' ? (ESCAPE.exec(text)?.[0].length ?? 0) : 1
    if (width === 0) return -at - 1
    at += width
  }
  return -text.length - 1
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return at
}

function shown(text: string, at: number): string {
  const word = /^[\w$-]+/.exec(text.slice(at, at + 20))?.[0]
  return `“${word ?? String.fromCodePoint(text.codePointAt(at) ?? 0)}”`
}
