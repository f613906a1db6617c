import { blankOf, type Field, type MemberField, shapeFor } from '../../core/base/form.ts'
import { namesWhat } from './hints.ts'
import { regionsOf } from './references.ts'

/** What is worth more than the least that would do, by the path without its numbers. Only members that the form has are taken. */
const STARTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '': {
    id: 'my-scenario',
    title: 'New scenario',
    purpose: 'Say here what it shows.',
    lookFor: 'Say here what to watch.',
    batchSize: 16,
  },
  memory: { frames: 16 },
  'memory.regions[]': { pages: 2, kind: 'anon', protection: 'rw', present: 'all' },
  'cpus[]': { task: 'app', tlb: 4, walkCache: 3 },
  iommu: { iotlb: 4, walkCache: 3, queue: 4 },
  'breaks[]': { what: 'Say here what happens then.', kernel: '6.1', driver: 'notifier' },
}

/** A new value for a field, ready to be changed: `path` is where it goes in the scenario `whole`, `[]` for a place in a list. */
export function freshFor(field: Field, path: string, whole: unknown): unknown {
  switch (field.kind) {
    case 'text':
      return freshText(field, path, whole)
    case 'list':
      return Array.from({ length: field.least }, () => freshFor(field.item, `${path}[]`, whole))
    case 'object':
      return freshObject(field.members, path, whole)
    case 'variant':
      return freshObject(field.shapes[0]?.members ?? [], path, whole)
    default:
      return blankOf(field)
  }
}

/** The same action with another word under its key: what both have stays, what only the old one had goes. */
export function reshaped(
  field: Extract<Field, { kind: 'variant' }>,
  word: string,
  old: Readonly<Record<string, unknown>>,
  path: string,
  whole: unknown,
): Readonly<Record<string, unknown>> {
  const before = shapeFor(field, old[field.key])
  const after = shapeFor(field, word)
  if (after === undefined) return { ...old, [field.key]: word }
  const fresh = freshObject(after.members, path, whole)
  const ofBefore = new Set(before?.members.map(m => m.name) ?? [])
  const kept = Object.entries(old).filter(([name]) => after.members.some(m => m.name === name) || !ofBefore.has(name))
  return { ...fresh, ...Object.fromEntries(kept), [field.key]: word }
}

function freshObject(members: readonly MemberField[], path: string, whole: unknown): Readonly<Record<string, unknown>> {
  const start = { ...STARTS[path], ...numbered(path, whole) }
  return Object.fromEntries(
    members
      .filter(m => !m.optional)
      .map(({ name, field }) => {
        const at = path === '' ? name : `${path}.${name}`
        const given = start[name]
        const usable = given !== undefined && (field.kind !== 'choice' || field.words.includes(String(given)))
        return [name, usable ? given : freshFor(field, at, whole)]
      }),
  )
}

function freshText(field: Extract<Field, { kind: 'text' }>, path: string, whole: unknown): string {
  const name = path.slice(path.lastIndexOf('.') + 1)
  const what = namesWhat(name, field)
  const region = regionsOf(whole)[0]?.name ?? 'buf'
  if (what === 'region') return region
  if (what === 'page') return `${region}[0]`
  if (path === 'bugs[]') return 'B01'
  return ''
}

/** Names and addresses that nobody has yet. */
function numbered(path: string, whole: unknown): Readonly<Record<string, unknown>> {
  if (path === 'memory.regions[]') {
    const regions = regionsOf(whole)
    const name = unused('buf', new Set(regions.map(r => r.name)), '')
    const last = regions.reduce((end, r) => (r.end > end ? r.end : end), 0x1000_0000_0000n)
    // Apart from its neighbours: in page-table pages of its own.
    const at = regions.length === 0 ? last : (last + 0x1f_ffffn) & ~0x1f_ffffn
    return { name, at: `0x${at.toString(16)}` }
  }
  if (path === 'devices[]') {
    const devices = namesIn(whole, 'devices')
    return { name: unused('GPU', new Set(devices), ' ') }
  }
  return {}
}

function unused(stem: string, taken: ReadonlySet<unknown>, gap: string): string {
  if (gap === '' && !taken.has(stem)) return stem
  for (let i = gap === '' ? 2 : 0; ; i++) if (!taken.has(`${stem}${gap}${i}`)) return `${stem}${gap}${i}`
}

function namesIn(whole: unknown, list: string): readonly unknown[] {
  const all = typeof whole === 'object' && whole !== null ? Reflect.get(whole, list) : undefined
  return Array.isArray(all)
    ? all.map(x => (typeof x === 'object' && x !== null ? Reflect.get(x, 'name') : undefined))
    : []
}
