import { type Field, shapeFor } from '../../core/base/form.ts'
import { type JsonPath, pathText } from '../../core/base/json-path.ts'
import { namesWhat } from './hints.ts'

/** A region, as far as what stands in the scenario makes one. */
export interface RegionNamed {
  readonly name: string
  readonly pages: number
  /** The first address behind it. */
  readonly end: bigint
}

/** The regions of a scenario that may be anything. */
export function regionsOf(whole: unknown): readonly RegionNamed[] {
  const regions = get(get(whole, 'memory'), 'regions')
  if (!Array.isArray(regions)) return []
  return regions.flatMap((r: unknown) => {
    const name = get(r, 'name')
    if (typeof name !== 'string') return []
    const pages = get(r, 'pages')
    const at = get(r, 'at')
    const count = typeof pages === 'number' && pages > 0 && pages < 1e6 ? Math.floor(pages) : 0
    const start = typeof at === 'string' && /^0x[0-9a-f]{1,16}$/i.test(at) ? BigInt(at) : 0n
    return [{ name, pages: count, end: start + BigInt(count) * 4096n }]
  })
}

/** A text that names a region or a page of one. */
export interface Reference {
  readonly at: string
  readonly text: string
  readonly resolves: boolean
}

/** Every name in the scenario that stands for a region or a page, and whether there is one. */
export function referencesIn(form: Field, whole: unknown): readonly Reference[] {
  const pagesByRegion = new Map(regionsOf(whole).map(r => [r.name, r.pages]))
  const found: Reference[] = []
  const visit = (field: Field, value: unknown, path: JsonPath): void => {
    if (field.kind === 'text' && typeof value === 'string') {
      const what = namesWhat(String(path.at(-1) ?? ''), field)
      if (what !== null) found.push({ at: pathText(path), text: value, resolves: resolves(what, value, pagesByRegion) })
    } else if (field.kind === 'list' && Array.isArray(value)) {
      for (const [i, item] of value.entries()) visit(field.item, item, [...path, i])
    } else if (field.kind === 'variant' || field.kind === 'object') {
      const shape = field.kind === 'object' ? field : shapeFor(field, get(value, field.key))
      for (const { name, field: inner } of shape?.members ?? []) visit(inner, get(value, name), [...path, name])
    } else if (field.kind === 'union') {
      for (const option of field.options) if (option.kind !== 'text') visit(option, value, path)
    }
  }
  visit(form, whole, [])
  return found
}

function resolves(what: 'region' | 'page', text: string, pagesByRegion: ReadonlyMap<string, number>): boolean {
  if (what === 'region') return pagesByRegion.has(text)
  const [, name, page] = /^([^[\]]*)\[(\d{1,6}|any)\]$/.exec(text) ?? []
  const pages = pagesByRegion.get(name ?? '')
  return pages !== undefined && (page === 'any' || Number(page) < pages)
}

function get(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
