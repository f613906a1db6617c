import type { JsonMember, JsonNode } from './json.ts'

/** A way down into a JSON value: names and positions. */
export type JsonPath = readonly (string | number)[]

/** A path as a reader would write it: `cpus[1].script[0].page`; the empty one is empty. */
export function pathText(path: JsonPath): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (!/^[A-Za-z_$][\w$]*$/.test(key)) text += `[${JSON.stringify(key)}]`
    else text += text === '' ? key : `.${key}`
  }
  return text
}

/** The path that a text begins with: `breaks[0].schedule step 3` is about `breaks[0].schedule`. Nothing when it begins with none. */
export function readPath(text: string): JsonPath {
  const path: (string | number)[] = []
  const STEP = /(?:^|\.)([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  for (let step = STEP.exec(text); step !== null; step = STEP.exec(text)) {
    const [, name, position, quoted] = step
    if (name !== undefined) path.push(name)
    else if (position !== undefined) path.push(Number(position))
    else path.push(unquoted(quoted ?? ''))
  }
  return path
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

/** What stands at a path, or undefined. Of two members with one name the last counts, as with JSON.parse(). */
export function nodeAt(root: JsonNode, path: JsonPath): JsonNode | undefined {
  let node: JsonNode | undefined = root
  for (const key of path) {
    if (node?.kind === 'array' && typeof key === 'number') node = node.items[key]
    else if (node?.kind === 'object' && typeof key === 'string') node = memberOf(node, key)?.value
    else return undefined
  }
  return node
}

/** The member of an object that counts for a name. */
export function memberOf(node: JsonNode | undefined, name: string): JsonMember | undefined {
  return node?.kind === 'object' ? node.members.findLast(m => m.name === name) : undefined
}

/** The path to the innermost value around a place in the text: where a cursor stands. */
export function pathAround(root: JsonNode, at: number): JsonPath {
  const path: (string | number)[] = []
  let node: JsonNode | undefined = root
  while (node !== undefined) {
    if (node.kind === 'array') {
      const i: number = node.items.findIndex(item => item.from <= at && at <= item.to)
      if (i >= 0) path.push(i)
      node = node.items[i]
    } else if (node.kind === 'object') {
      const member: JsonMember | undefined = node.members.find(m => m.at.from <= at && at <= m.value.to)
      if (member !== undefined) path.push(member.name)
      node = member?.value
    } else node = undefined
  }
  return path
}
