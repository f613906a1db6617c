import { pathText as jsonPathText } from '../core/base/json-path.ts'
import { nearest } from '../core/base/nearest.ts'
import type { Problem } from '../core/base/problem.ts'

/** As much of a schema as is needed to walk along it. */
interface Node {
  readonly type: string
  readonly entries?: Readonly<Record<string, Node>>
  readonly item?: Node
  readonly wrapped?: Node
  readonly key?: string
  readonly options?: readonly Node[]
  readonly pipe?: readonly { readonly type: string; readonly description?: string }[]
}
type Key = string | number

/**
 * Everything about names that is wrong in a value: names that nobody knows, and names that are missing. A schema library stops
 * at the first stranger of an object; who mends a file wants to see them all.
 */
export function namesIn(schema: object, value: unknown): Problem[] {
  const problems: Problem[] = []
  visit(schema as Node, value, [], problems)
  return problems
}

function visit(node: Node, value: unknown, path: readonly Key[], problems: Problem[]): void {
  switch (node.type) {
    case 'exact_optional':
      if (node.wrapped !== undefined) visit(node.wrapped, value, path, problems)
      return
    case 'array':
      if (!Array.isArray(value) || node.item === undefined) return
      for (const [i, entry] of value.entries()) visit(node.item, entry, [...path, i], problems)
      return
    case 'variant':
      if (!isObject(value)) problems.push(notAnObject(path))
      else {
        const option = optionFor(node, value)
        const key = node.key ?? ''
        if (option !== undefined) visit(option, value, path, problems)
        else if (!Object.hasOwn(value, key)) problems.push(missing(path, key, undefined))
      }
      return
    case 'strict_object':
      if (isObject(value)) visitEntries(node.entries ?? {}, value, path, problems)
      else problems.push(notAnObject(path))
  }
}

function visitEntries(
  entries: Readonly<Record<string, Node>>,
  value: Readonly<Record<string, unknown>>,
  path: readonly Key[],
  problems: Problem[],
): void {
  const free = new Set(Object.keys(entries).filter(name => !Object.hasOwn(value, name)))
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(entries, name)) continue
    const meant = nearest(name, [...free])
    // A name that was mistyped is one problem, not two.
    if (meant !== undefined) free.delete(meant)
    const mend = meant === undefined ? `Known here are ${Object.keys(entries).join(', ')}.` : `Did you mean "${meant}"?`
    problems.push({ at: pathText([...path, name]), message: 'there is no such name here', mend })
  }
  for (const [name, node] of Object.entries(entries)) {
    if (Object.hasOwn(value, name)) visit(node, value[name], [...path, name], problems)
    else if (node.type !== 'exact_optional' && free.has(name)) problems.push(missing(path, name, node))
  }
}

/** The option of a variant that this object says it is. */
function optionFor({ key = '', options = [] }: Node, value: Readonly<Record<string, unknown>>): Node | undefined {
  if (!Object.hasOwn(value, key)) return undefined
  const says = value[key]
  return options.find(option => {
    const words: readonly unknown[] = option.entries?.[key]?.options ?? []
    return words.includes(says)
  })
}

function missing(path: readonly Key[], name: string, node: Node | undefined): Problem {
  const what = node?.pipe?.find(action => action.type === 'description')?.description
  const mend = what === undefined ? `Add "${name}".` : `Add "${name}": ${what}`
  return { at: pathText(path), message: `“${name}” is missing`, mend }
}

const notAnObject = (path: readonly Key[]): Problem => ({
  at: pathText(path),
  message: 'this is not an object',
  mend: 'Write names and values in braces: { }.',
})

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A place in a JSON value as a reader would write it: `cpus[1].script[0].page`. Names that go on and on are cut short. */
export function pathText(path: readonly Key[]): string {
  return jsonPathText(path.map(key => (typeof key === 'string' ? key.slice(0, 40) : key))) || 'scenario'
}
