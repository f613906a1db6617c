import { placeIn, readJson } from '../core/base/json.ts'

/** The first thing that keeps a text from being JSON, and where. */
export interface JsonError {
  readonly line: number
  readonly column: number
  readonly message: string
  readonly mend: string
}

/** The syntax error in a text that JSON.parse() has refused; null when there is none. */
export function jsonErrorIn(text: string): JsonError | null {
  const read = readJson(text)
  if (read.ok) return null
  const { at, message, mend } = read.fault
  return { ...placeIn(text, at), message, mend }
}
