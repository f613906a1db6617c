import { type JsonNode, placeIn, readJson } from '../../core/base/json.ts'

/** What a text turned out to be. While it is no JSON, `value` and `root` are those of the last text that was. */
export interface Reading {
  readonly text: string
  readonly value: unknown
  /** The values with their places in `text`; null while it is no JSON. */
  readonly root: JsonNode | null
  /** What keeps it from being JSON. */
  readonly fault: {
    readonly at: number
    readonly line: number
    readonly column: number
    readonly message: string
    readonly mend: string
  } | null
}

/** Reads a text at once, without the worker: what the form shows and what it may change. */
export function readText(text: string, before: unknown): Reading {
  const from = text.startsWith('\ufeff') ? 1 : 0
  const read = readJson(text, from)
  if (read.ok) return { text, value: JSON.parse(text.slice(from)), root: read.root, fault: null }
  return { text, value: before, root: null, fault: { ...read.fault, ...placeIn(text, read.fault.at) } }
}

/** The title that stands in a value, or what it was called before. */
export function titleIn(value: unknown, before: string): string {
  const title = typeof value === 'object' && value !== null ? Reflect.get(value, 'title') : undefined
  return typeof title === 'string' && title.trim() !== '' ? title.trim() : before
}

/** The id that stands in a value, for the name of a file and a link. */
export function idIn(value: unknown): string {
  const id = typeof value === 'object' && value !== null ? Reflect.get(value, 'id') : undefined
  return typeof id === 'string' && /^[a-z0-9-]{1,64}$/.test(id) ? id : 'scenario'
}
