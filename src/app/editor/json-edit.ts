import { type JsonArray, type JsonNode, type JsonObject, readJson } from '../../core/base/json.ts'
import { type JsonPath, memberOf, nodeAt } from '../../core/base/json-path.ts'
import { LINE_WIDTH, printFlat, printJson } from '../../core/base/json-print.ts'

/*
 * What the form does to the text. Each change touches the place that it is about and nothing else: what the reader laid out by
 * hand stays as it is, and a name that nobody knows stays where it stands. A change that cannot be made gives the same text.
 */

/** Another value at a path; a member that is not there yet is added, where `order` says that it belongs. */
export function put(text: string, path: JsonPath, value: unknown, order: readonly string[] = []): string {
  return changed(text, path, root => {
    const node = nodeAt(root, path)
    const holder = path.length === 0 ? undefined : nodeAt(root, path.slice(0, -1))
    if (node !== undefined) {
      if (JSON.stringify(value) === JSON.stringify(JSON.parse(text.slice(node.from, node.to)))) return text
      const by = holder !== undefined && onOneLine(text, holder) ? printFlat(value) : printAt(text, node.from, value)
      return spliced(text, node.from, node.to, by)
    }
    const name = path.at(-1)
    if (holder?.kind === 'object' && typeof name === 'string') return addMember(text, holder, name, value, order)
    if (holder?.kind === 'array' && name === holder.items.length) return addItem(text, holder, name, value)
    return text
  })
}

/** Takes a member or an item out. */
export function remove(text: string, path: JsonPath): string {
  return changed(text, path, root => {
    const holder = nodeAt(root, path.slice(0, -1))
    const last = path.at(-1)
    if (holder?.kind === 'object' && typeof last === 'string') {
      const parts = holder.members.map(m => ({ from: m.at.from, to: m.value.to }))
      return takenOut(
        text,
        holder,
        parts,
        holder.members.findLastIndex(m => m.name === last),
      )
    }
    if (holder?.kind === 'array' && typeof last === 'number') return takenOut(text, holder, holder.items, last)
    return text
  })
}

/** A new item in the list at `path`, before the one that stands at `index` now. */
export function insert(text: string, path: JsonPath, index: number, value: unknown): string {
  return changed(text, path, root => {
    const list = nodeAt(root, path)
    return list?.kind === 'array' ? addItem(text, list, Math.max(0, Math.min(index, list.items.length)), value) : text
  })
}

/** The item at `from` goes to `to`; those between make room. */
export function move(text: string, path: JsonPath, from: number, to: number): string {
  return changed(text, path, root => {
    const list = nodeAt(root, path)
    if (list?.kind !== 'array' || list.items[from] === undefined || list.items[to] === undefined) return text
    const parts = list.items.map(item => text.slice(item.from, item.to))
    parts.splice(to, 0, ...parts.splice(from, 1))
    let moved = ''
    let at = 0
    for (const [i, slot] of list.items.entries()) {
      moved += text.slice(at, slot.from) + parts[i]
      at = slot.to
    }
    return moved + text.slice(at)
  })
}

/** The member at `path` under another name. */
export function rename(text: string, path: JsonPath, name: string): string {
  return changed(text, path, root => {
    const member = memberOf(nodeAt(root, path.slice(0, -1)), String(path.at(-1)))
    return member === undefined ? text : spliced(text, member.at.from, member.at.to, JSON.stringify(name))
  })
}

/** The whole text laid out anew. */
export function tidy(text: string): string {
  const read = readJson(text)
  return read.ok ? `${layOut(text, read.root, '', 0)}\n` : text
}

/** Makes a change; a line that it made too long is broken. One that the reader wrote so long is left alone. */
function changed(text: string, path: JsonPath, change: (root: JsonNode) => string): string {
  const before = readJson(text)
  if (!before.ok) return text
  const after = change(before.root)
  const read = after === text ? undefined : readJson(after)
  if (read === undefined || !read.ok) return after
  for (let depth = 0; depth <= path.length; depth++) {
    const above = path.slice(0, depth)
    const node = nodeAt(read.root, above)
    const old = nodeAt(before.root, above)
    if (node === undefined || node.kind === 'scalar') break
    if (!onOneLine(after, node) || lineLength(after, node) <= LINE_WIDTH) continue
    if (old !== undefined && lineLength(text, old) > LINE_WIDTH) break
    const { indent, column } = lineOf(after, node.from)
    return spliced(after, node.from, node.to, layOut(after, node, indent, column - indent.length))
  }
  return after
}

const spliced = (text: string, from: number, to: number, by: string): string =>
  text.slice(0, from) + by + text.slice(to)

const onOneLine = (text: string, { from, to }: JsonNode): boolean => !text.slice(from, to).includes('\n')

/** The white space that the line of a place begins with, and how far into the line the place is. */
function lineOf(text: string, at: number): { readonly indent: string; readonly column: number } {
  const start = text.lastIndexOf('\n', at - 1) + 1
  return { indent: /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? '', column: at - start }
}

function lineLength(text: string, { from, to }: JsonNode): number {
  const end = text.indexOf('\n', to)
  return (end < 0 ? text.length : end) - (text.lastIndexOf('\n', from - 1) + 1)
}

function printAt(text: string, at: number, value: unknown, label = ''): string {
  const { indent, column } = lineOf(text, at)
  return printJson(value, indent, column - indent.length + label.length)
}

function addMember(text: string, holder: JsonObject, name: string, value: unknown, order: readonly string[]): string {
  const label = `${JSON.stringify(name)}: `
  const [first] = holder.members
  if (first === undefined) return spliced(text, holder.from, holder.to, printAt(text, holder.from, { [name]: value }))
  const rank = (n: string) => (order.includes(n) ? order.indexOf(n) : order.length)
  const before = holder.members.findLast(m => rank(m.name) < rank(name) || (rank(name) === order.length && m !== first))
  const gap = gapIn(text, holder, first.at.from)
  const part = label + (gap === ' ' ? printFlat(value) : printAt(text, first.at.from, value, label))
  if (before === undefined) return spliced(text, first.at.from, first.at.from, `${part},${gap}`)
  return spliced(text, before.value.to, before.value.to, `,${gap}${part}`)
}

function addItem(text: string, list: JsonArray, index: number, value: unknown): string {
  const [first] = list.items
  if (first === undefined) return spliced(text, list.from, list.to, printAt(text, list.from, [value]))
  const gap = gapIn(text, list, first.from)
  const part = gap === ' ' ? printFlat(value) : printAt(text, first.from, value)
  const before = list.items[index - 1]
  if (before === undefined) return spliced(text, first.from, first.from, `${part},${gap}`)
  return spliced(text, before.to, before.to, `,${gap}${part}`)
}

/** What stands between two parts: a blank, or a new line where the first part has one. */
function gapIn(text: string, { from }: JsonNode, first: number): string {
  const space = text.slice(from + 1, first)
  return space.includes('\n') ? `\n${space.slice(space.lastIndexOf('\n') + 1)}` : ' '
}

type Part = Pick<JsonNode, 'from' | 'to'>

function takenOut(text: string, holder: JsonNode, parts: readonly Part[], index: number): string {
  const part = parts[index]
  if (part === undefined) return text
  const before = parts[index - 1]
  const after = parts[index + 1]
  if (before !== undefined) return spliced(text, before.to, part.to, '')
  if (after !== undefined) return spliced(text, part.from, after.from, '')
  return spliced(text, holder.from + 1, holder.to - 1, '')
}

/** No text of ours is deeper; what is, stays as it is. */
const DEEPEST = 50

/** A value as it is written, on one line if it fits, else a line for each part. */
function layOut(text: string, node: JsonNode, indent: string, before: number, depth = 0): string {
  const flat = flatten(text, node, depth)
  if (node.kind === 'scalar' || depth > DEEPEST || indent.length + before + flat.length <= LINE_WIDTH) return flat
  const deeper = `${indent}  `
  const [open, close, parts] =
    node.kind === 'array'
      ? ['[', ']', node.items.map(item => layOut(text, item, deeper, 0, depth + 1))]
      : ['{', '}', node.members.map(m => labelled(text, m, at => layOut(text, m.value, deeper, at, depth + 1)))]
  return parts.length === 0 ? flat : `${open}\n${parts.map(part => deeper + part).join(',\n')}\n${indent}${close}`
}

function flatten(text: string, node: JsonNode, depth: number): string {
  if (node.kind === 'scalar' || depth > DEEPEST) return text.slice(node.from, node.to)
  if (node.kind === 'array') return `[${node.items.map(item => flatten(text, item, depth + 1)).join(', ')}]`
  const parts = node.members.map(m => labelled(text, m, () => flatten(text, m.value, depth + 1)))
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

function labelled(text: string, m: JsonObject['members'][number], print: (before: number) => string): string {
  const label = `${text.slice(m.at.from, m.at.to)}: `
  return label + print(label.length)
}
