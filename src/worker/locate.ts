import { type JsonNode, placeIn, type Span } from '../core/base/json.ts'
import { type JsonPath, memberOf, nodeAt, readPath } from '../core/base/json-path.ts'
import type { Problem } from '../core/base/problem.ts'

/** A problem with its place in the text it is about. */
export interface Located extends Problem {
  /** Where it is, as far as such a thing stands in the text. */
  readonly path: JsonPath
  readonly span: Span
  /** Counted from 1. */
  readonly line: number
  readonly column: number
}

/** Finds the place of a problem that names a path. What names none is about the whole text, and stands at its start. */
export function locate(text: string, root: JsonNode, problem: Problem): Located {
  const named = problem.at === 'scenario' ? [] : readPath(problem.at)
  let path: JsonPath = named
  while (path.length > 0 && nodeAt(root, path) === undefined) path = path.slice(0, -1)
  const span = spanOf(root, path, named)
  return { ...problem, path, span, ...placeIn(text, span.from) }
}

/** A value as it stands; of an object or a list only its name, or its bracket where it has none. */
function spanOf(root: JsonNode, path: JsonPath, named: JsonPath): Span {
  const node = nodeAt(root, path) ?? root
  const last = path.at(-1)
  if (typeof last === 'string' && path.length === named.length && node.kind !== 'scalar') {
    const member = memberOf(nodeAt(root, path.slice(0, -1)), last)
    if (member !== undefined) return member.at
  }
  return node.kind === 'scalar' ? { from: node.from, to: node.to } : { from: node.from, to: node.from + 1 }
}

/** Names that an object holds twice: JSON allows it, the last one counts, and hardly anybody means it. */
export function namedTwice(root: JsonNode): Problem[] {
  const problems: Problem[] = []
  const open: { readonly node: JsonNode; readonly at: string }[] = [{ node: root, at: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, at } = next
    if (node.kind === 'array')
      for (const [i, item] of node.items.entries()) open.push({ node: item, at: `${at}[${i}]` })
    if (node.kind !== 'object') continue
    const seen = new Set<string>()
    for (const { name, value } of node.members) {
      const here = at === '' ? name : `${at}.${name}`
      if (seen.has(name)) {
        problems.push({
          at: here,
          message: 'this name is there twice',
          mend: 'Remove one of them: the last one counts.',
        })
      }
      seen.add(name)
      open.push({ node: value, at: here })
    }
  }
  return problems
}
