/** The first thing that keeps a text from being JSON, and where. */
export interface JsonError {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly mend: string
}

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end'

/** A scalar, a string, an escape in a string: each tried at one place. */
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

const BAD_STRING =
  'End it with a double quote on the same line; write \\" and \\\\ for those two, \\n for a line break.'
const NO_COMMA = 'Remove the comma before it.'

/**
 * Finds the syntax error in a text that JSON.parse() has refused; null when there is none. Engines disagree on whether and how
 * they say where it is, so this looks for itself. No recursion: nesting costs a place in a list, not a call.
 */
export function jsonErrorIn(text: string): JsonError | null {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  const error = (where: number, message: string, mend: string): JsonError => ({ ...place(text, where), message, mend })
  const unexpected = (mend: string): JsonError => error(at, `unexpected ${shown(text, at)}`, mend)

  for (;;) {
    at = skipSpace(text, at)
    const c = text[at]
    const inside = open.at(-1)
    if (c === undefined) {
      if (inside === undefined && expected === ', or end') return null
      return error(
        at,
        'the text ends too early',
        inside === undefined ? 'Write a JSON object.' : `Close each ${inside}.`,
      )
    }
    const closes = inside !== undefined && c === (inside === '{' ? '}' : ']')

    if (expected === ', or end') {
      if (inside === undefined) return unexpected('Remove what comes after the end of the object.')
      if (c !== ',' && !closes) return unexpected(`Write a comma before it, or close the ${inside} first.`)
      if (closes) open.pop()
      else expected = inside === '{' ? 'name' : 'value'
      at++
    } else if (expected === ':') {
      if (c !== ':') return unexpected('Write a colon after the name.')
      expected = 'value'
      at++
    } else if (closes && (expected === 'name or }' || expected === 'value or ]')) {
      open.pop()
      expected = ', or end'
      at++
    } else if (c === '"') {
      const end = endOfString(text, at)
      if (end < 0) return error(-end - 1, 'this string is not right', BAD_STRING)
      expected = expected.startsWith('name') ? ':' : ', or end'
      at = end
    } else if (expected.startsWith('name')) {
      return unexpected(closes ? NO_COMMA : 'Write a name in double quotes.')
    } else if (c === '{' || c === '[') {
      open.push(c)
      expected = c === '{' ? 'name or }' : 'value or ]'
      at++
    } else {
      SCALAR.lastIndex = at
      const word = SCALAR.exec(text)?.[0]
      if (word === undefined) return unexpected(valueMend(c))
      expected = ', or end'
      at += word.length
    }
  }
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

function place(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at)
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') }
}

function shown(text: string, at: number): string {
  const word = /^[\w$-]+/.exec(text.slice(at, at + 20))?.[0]
  return `“${word ?? String.fromCodePoint(text.codePointAt(at) ?? 0)}”`
}
