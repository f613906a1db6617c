import { type HierarchyPointNode, hierarchy, linkHorizontal, tree } from 'd3'
import { indexAt, LEVELS, type Level, tableBase, type Vpn } from '../../core/units.ts'
import type { MmView, TableEntryView, TableView } from '../../core/view/world.ts'

/** Page tables that the pages need, whether they are there just now or not: what the picture has places for. */
export interface Skeleton {
  /** Address space: 0 is the app's. */
  readonly mm: number
  readonly level: Level | null
  readonly base: Vpn
  readonly indices: readonly number[]
  readonly children: readonly Skeleton[]
}

export interface TreeSize {
  readonly width: number
  /** Of the text, in pixels. */
  readonly text: number
  /** Height of an entry, with the gap below it. */
  readonly row: number
  /** Entries of a PTE table side by side. */
  readonly across: number
}

/** One place for a page table. It is there whether the table is or not, so that freeing a table moves nothing. */
export interface TablePlace {
  readonly mm: number
  readonly level: Level
  readonly base: Vpn
  readonly rows: readonly EntryPlace[]
  /** Entries that do not fit the picture. */
  readonly more: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Place of an entry, from the corner of its table. */
export interface EntryPlace {
  readonly index: number
  readonly x: number
  readonly y: number
  readonly width: number
}

/** A curve from an entry to the table it names. */
export interface TreeLink {
  readonly from: TablePlace
  readonly index: number
  readonly to: TablePlace
  readonly d: string
}

export interface TreeLayout {
  readonly places: readonly TablePlace[]
  readonly links: readonly TreeLink[]
  readonly height: number
  readonly headHeight: number
}

const PAD = 4
const GAP_Y = 8
/** Entries drawn of one table; the rest is counted. */
const MOST_ENTRIES = 12

/** The tables of each address space as a tree, the app's first. */
export function skeletonOf(view: MmView): Skeleton {
  const mms = [...new Set([0, ...[...view.pages, ...view.tables].map(mmOf)])].sort((a, b) => a - b)
  return { mm: 0, level: null, base: 0 as Vpn, indices: [], children: mms.flatMap(mm => tablesOf(view, mm)) }
}

const mmOf = ({ mm = 0 }: { readonly mm?: number }): number => mm

/** Tables of one address space, from the PGD down. */
function tablesOf(view: MmView, mm: number): readonly Skeleton[] {
  const needed = LEVELS.map(level => indicesByBase(level, view, mm))
  const under = (depth: number, parent: Vpn | null): readonly Skeleton[] => {
    const level = LEVELS[depth]
    if (level === undefined) return []
    return [...(needed[depth] ?? [])]
      .filter(([base]) => parent === null || tableBase(LEVELS[depth - 1] as Level, base) === parent)
      .sort(([a], [b]) => a - b)
      .map(([base, indices]) => ({
        mm,
        level,
        base,
        indices: [...indices].sort((a, b) => a - b),
        children: under(depth + 1, base),
      }))
  }
  return under(0, null)
}

/** The entries of each table of `level` that pages or other entries need, by the table's first page. */
function indicesByBase(level: Level, view: MmView, mm: number): ReadonlyMap<Vpn, ReadonlySet<number>> {
  const tables = new Map<Vpn, Set<number>>()
  const add = (base: Vpn, index: number | null) => {
    const indices = tables.get(base) ?? new Set()
    tables.set(base, indices)
    if (index !== null) indices.add(index)
  }
  for (const p of view.pages) if (mmOf(p) === mm) add(tableBase(level, p.vpn), indexAt(level, p.vpn))
  for (const t of view.tables) {
    if (t.level !== level || mmOf(t) !== mm) continue
    add(t.base, null)
    for (const e of t.entries) add(t.base, e.index)
  }
  return tables
}

/** Most entries of a PTE table. */
export const entriesAtMost = (node: Skeleton): number =>
  Math.max(node.level === 'PTE' ? Math.min(MOST_ENTRIES, node.indices.length) : 0, ...node.children.map(entriesAtMost))

/** The most entries that stand side by side in `width`. */
export function mostAcross(width: number, text: number): number {
  const room = width - 3 * gapOf(width) - 3 * narrowest(text)
  return Math.max(1, Math.floor((room - PAD) / (text * 3.6 + PAD)))
}

/** Room for an index of three digits and a frame number. */
const narrowest = (text: number): number => text * 4.4
const gapOf = (width: number): number => (width < 400 ? 10 : 15)

/** Where every page table goes. Depends on which pages there are, not on which tables exist just now. */
export function layOutTree(skeleton: Skeleton, size: TreeSize): TreeLayout {
  const headHeight = Math.round(size.text * 1.7) + 2
  const columns = columnsFor(size)
  const heightOf = (node: Skeleton): number => {
    if (node.level === null) return 0
    const shown = Math.min(MOST_ENTRIES, node.indices.length)
    const more = node.indices.length > shown ? size.text + 6 : 0
    return headHeight + Math.ceil(shown / acrossOf(node.level, size)) * size.row + more + PAD
  }
  const root = tree<Skeleton>()
    .nodeSize([1, 1])
    .separation((a, b) => (heightOf(a.data) + heightOf(b.data)) / 2 + GAP_Y)(hierarchy(skeleton, node => node.children))
  const nodes = root.descendants().filter(node => node.data.level !== null)
  // D3 puts the root at 0 and the rest around it.
  const top = Math.min(0, ...nodes.map(n => n.x - heightOf(n.data) / 2))
  const places = new Map(
    nodes.map(n => {
      const level = n.data.level as Level
      const column = columns[LEVELS.indexOf(level)] as Column
      const height = heightOf(n.data)
      const y = Math.round(n.x - height / 2 - top)
      return [
        n,
        { mm: n.data.mm, level, base: n.data.base, ...column, y, height, ...rowsOf(n.data, column, headHeight, size) },
      ]
    }),
  )
  return {
    places: [...places.values()],
    links: nodes.flatMap(n => linkTo(n, places, size, headHeight)),
    height: Math.max(0, ...[...places.values()].map(p => p.y + p.height)),
    headHeight,
  }
}

interface Column {
  readonly x: number
  readonly width: number
}

const acrossOf = (level: Level, size: TreeSize): number => (level === 'PTE' ? size.across : 1)

/** Three narrow columns for the upper levels, a wide one for PTEs. */
function columnsFor({ width, across, text }: TreeSize): readonly Column[] {
  const gap = gapOf(width)
  const usable = width - 3 * gap
  const room = usable - 3 * narrowest(text)
  const last = Math.round(Math.min(room, usable * ([0.25, 0.4, 0.44][across - 1] ?? 0.56)))
  const upper = Math.floor((usable - last) / 3)
  return LEVELS.map((level, i) => ({ x: i * (upper + gap), width: level === 'PTE' ? last : upper }))
}

function rowsOf(node: Skeleton, column: Column, head: number, size: TreeSize): Pick<TablePlace, 'rows' | 'more'> {
  const across = acrossOf(node.level as Level, size)
  const shown = node.indices.slice(0, MOST_ENTRIES)
  const down = Math.ceil(shown.length / across)
  const width = (column.width - 2 * PAD - (across - 1) * PAD) / across
  const rows = shown.map((index, i) => ({
    index,
    x: PAD + Math.floor(i / down) * (width + PAD),
    y: head + (i % down) * size.row,
    width,
  }))
  return { rows, more: node.indices.length - shown.length }
}

const curve = linkHorizontal<unknown, { source: [number, number]; target: [number, number] }, [number, number]>()

function linkTo(
  node: HierarchyPointNode<Skeleton>,
  places: ReadonlyMap<HierarchyPointNode<Skeleton>, TablePlace>,
  size: TreeSize,
  head: number,
): readonly TreeLink[] {
  const to = places.get(node)
  const from = node.parent === null ? undefined : places.get(node.parent)
  if (from === undefined || to === undefined) return []
  const index = indexAt(from.level, to.base)
  const row = from.rows.find(r => r.index === index)
  if (row === undefined) return []
  const source: [number, number] = [from.x + row.x + row.width, from.y + row.y + (size.row - 2) / 2]
  return [{ from, index, to, d: curve({ source, target: [to.x - 1, to.y + head / 2] }) ?? '' }]
}

/** The table that walks reach in this place, or the one that was unlinked and waits; null when there is none. */
export function tableIn(mm: MmView, place: TablePlace): TableView | null {
  const here = mm.tables.filter(t => t.level === place.level && t.base === place.base && mmOf(t) === place.mm)
  return here.find(t => t.state === 'linked') ?? here[0] ?? null
}

export const entryIn = (table: TableView | null, index: number): TableEntryView | null =>
  table?.entries.find(e => e.index === index) ?? null

/** Whether the entry still names the table; null when there is no table to name. */
export function isLinked(mm: MmView, link: TreeLink): boolean | null {
  const child = tableIn(mm, link.to)
  if (child === null) return null
  return entryIn(tableIn(mm, link.from), link.index)?.pfn === child.pfn
}
