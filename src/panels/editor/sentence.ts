/**
 * An action, or another part of a script, in a few words: `munmap buf, pages 0-3`. Made from what stands in it, so that an
 * action which is new here reads as well.
 */
export function sentenceOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return shown(value)
  const { do: verb, region, page, first, pages, ...rest } = value as Readonly<Record<string, unknown>>
  const words = [verb, region, page].filter(x => x !== undefined).map(shown)
  const range = pageRange(first, pages)
  const others = Object.entries(rest).map(([name, x]) => (x === true ? name : `${name} ${shown(x)}`))
  return [words.join(' '), ...(range === '' ? [] : [range]), ...others].filter(x => x !== '').join(', ')
}

function pageRange(first: unknown, pages: unknown): string {
  const from = typeof first === 'number' ? first : 0
  if (typeof pages === 'number') return pages === 1 ? `page ${from}` : `pages ${from}-${from + pages - 1}`
  return from === 0 ? '' : `pages ${from} to the end`
}

/** A card of a list in a few words: what tells it from the others. */
export function summaryOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return shown(value)
  if (Array.isArray(value)) return `${value.length} entries`
  const { name, what, task, pages, kind, protection, script, kernel } = value as Readonly<Record<string, unknown>>
  const parts = [
    typeof name === 'string' ? name : '',
    typeof what === 'string' ? (what.length > 60 ? `${what.slice(0, 59)}…` : what) : '',
    typeof kernel === 'string' ? kernel : '',
    typeof task === 'string' ? task : '',
    typeof pages === 'number' ? `${pages} ${pages === 1 ? 'page' : 'pages'}` : '',
    typeof kind === 'string' ? kind : '',
    typeof protection === 'string' ? protection : '',
    Array.isArray(script) ? (script.length === 0 ? 'no script' : script.map(sentenceOf).join('; ')) : '',
  ]
  return parts.filter(x => x !== '').join(' · ')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  const text = JSON.stringify(value) ?? ''
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`
}
