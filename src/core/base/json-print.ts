/** Longest line, as the formatter of this repository has it. */
export const LINE_WIDTH = 119

/**
 * A JSON value as a person would lay it out: on one line what fits, else a line for each part. `indent` stands before its
 * lines, `before` is what already stands on the first: how many characters.
 */
export function printJson(value: unknown, indent = '', before = 0): string {
  const flat = printFlat(value)
  if (typeof value !== 'object' || value === null || indent.length + before + flat.length <= LINE_WIDTH) return flat
  const deeper = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Object.entries(value).map(([name, inner]) => {
    const label = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `
    return `${deeper}${label}${printJson(inner, deeper, label.length)}`
  })
  return `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

/** A JSON value on one line: `{ "do": "read", "page": "buf[0]" }`. */
export function printFlat(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(printFlat).join(', ')}]`
  const parts = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${printFlat(inner)}`)
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}
