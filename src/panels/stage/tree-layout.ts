import { indexAt, LEVELS, type Level, type Pfn, tableBase, type Vpn } from '../../core/units.ts'
import type { MmView, TableEntryView, TableView } from '../../core/view/world.ts'

/** One place for a page table. It is there whether the table is or not, so that freeing a table moves nothing. */
export interface TableSlot {
  readonly level: Level
  readonly base: Vpn
  /** The table that walks reach here, or the one that was unlinked and waits; null when there is none. */
  readonly table: TableView | null
  /** Further tables of the same place, unlinked and not yet freed. */
  readonly unlinked: readonly Pfn[]
  readonly rows: readonly EntryRow[]
  /** Entries that do not fit the picture. */
  readonly more: number
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface EntryRow {
  readonly index: number
  readonly entry: TableEntryView | null
  readonly x: number
  readonly y: number
  readonly width: number
}

/** A curve from an entry to the table it names. */
export interface TreeLink {
  readonly key: string
  readonly d: string
  /** False when the parent entry is empty: the table is unlinked. */
  readonly linked: boolean
}

export interface TreeLayout {
  readonly slots: readonly TableSlot[]
  readonly links: readonly TreeLink[]
  readonly height: number
}

export const ROW = 24
const HEAD = 22
const PAD = 4
const GAP_Y = 8
/** An index of three digits and a frame number need this much. */
const NARROWEST_TABLE = 52
const NARROWEST_ENTRY = 43
/** Entries drawn of one table; the rest is counted. */
const MOST_ENTRIES = 12

/**
 * Where every page table goes. Depends on which pages there are, not on which tables exist just now. `low`: there is
 * little height, so entries stand side by side.
 */
export function layOutTree(mm: MmView, width: number, low = false): TreeLayout {
  const columns = columnsFor(width, mm, low)
  const slots = LEVELS.flatMap((level, i) => {
    const column = columns[i] as Column
    let y = 0
    return basesOf(level, mm).map(base => {
      const slot = slotAt(level, base, mm, column, y)
      y += slot.height + GAP_Y
      return slot
    })
  })
  const height = Math.max(0, ...slots.map(s => s.y + s.height))
  return { slots, links: linksOf(slots), height }
}

interface Column {
  readonly x: number
  readonly width: number
  /** Entries side by side. */
  readonly across: number
}

/** Three narrow columns for the upper levels, a wide one for PTEs. */
function columnsFor(width: number, mm: MmView, low: boolean): readonly Column[] {
  const gap = width < 400 ? 10 : 15
  const most = Math.min(MOST_ENTRIES, Math.max(0, ...basesOf('PTE', mm).map(b => indicesOf('PTE', b, mm).length)))
  const usable = width - 3 * gap
  const room = usable - 3 * NARROWEST_TABLE
  const fits = Math.max(1, Math.floor((room - PAD) / (NARROWEST_ENTRY + PAD)))
  const across = Math.min(fits, low ? Math.max(1, Math.ceil(most / 3)) : most > 4 ? 2 : 1)
  const last = Math.round(Math.min(room, usable * ([0.25, 0.4, 0.44][across - 1] ?? 0.56)))
  const upper = Math.floor((usable - last) / 3)
  return LEVELS.map((_, i) => {
    const isLast = i === LEVELS.length - 1
    return { x: i * (upper + gap), width: isLast ? last : upper, across: isLast ? across : 1 }
  })
}

function slotAt(level: Level, base: Vpn, mm: MmView, column: Column, y: number): TableSlot {
  const here = mm.tables.filter(t => t.level === level && t.base === base)
  const table = here.find(t => t.state === 'linked') ?? here[0] ?? null
  const indices = indicesOf(level, base, mm)
  const shown = indices.slice(0, MOST_ENTRIES)
  const down = Math.ceil(shown.length / column.across)
  const cell = (column.width - 2 * PAD - (column.across - 1) * PAD) / column.across
  const rows = shown.map((index, i) => ({
    index,
    entry: table?.entries.find(e => e.index === index) ?? null,
    x: PAD + Math.floor(i / down) * (cell + PAD),
    y: HEAD + (i % down) * ROW,
    width: cell,
  }))
  const more = indices.length - shown.length
  return {
    level,
    base,
    table,
    unlinked: here.filter(t => t !== table).map(t => t.pfn),
    rows,
    more,
    x: column.x,
    y,
    width: column.width,
    height: HEAD + down * ROW + (more > 0 ? 16 : 0) + PAD,
  }
}

function linksOf(slots: readonly TableSlot[]): readonly TreeLink[] {
  return slots.flatMap(parent =>
    parent.rows.flatMap(row => {
      const level = LEVELS[LEVELS.indexOf(parent.level) + 1]
      const child = slots.find(
        s => s.level === level && s.table !== null && ownerIndex(parent, s) === row.index && sameParent(parent, s),
      )
      if (child === undefined) return []
      const x1 = parent.x + row.x + row.width
      const y1 = parent.y + row.y + ROW / 2 - 1
      const x2 = child.x
      const y2 = child.y + HEAD / 2
      const mid = (x1 + x2) / 2
      return [
        {
          key: `${parent.level}:${parent.base}:${row.index}`,
          d: `M${x1},${y1}C${mid},${y1} ${mid},${y2} ${x2 - 1},${y2}`,
          linked: row.entry !== null && row.entry.pfn !== null && row.entry.pfn === child.table?.pfn,
        },
      ]
    }),
  )
}

const ownerIndex = (parent: TableSlot, child: TableSlot): number => indexAt(parent.level, child.base)
const sameParent = (parent: TableSlot, child: TableSlot): boolean => tableBase(parent.level, child.base) === parent.base

/** First page of every table of `level` that the pages need, in order. Tables of other pages come last. */
function basesOf(level: Level, mm: MmView): readonly Vpn[] {
  const bases = new Set<Vpn>(mm.pages.map(p => tableBase(level, p.vpn)))
  for (const t of mm.tables) if (t.level === level) bases.add(t.base)
  return [...bases].sort((a, b) => a - b)
}

function indicesOf(level: Level, base: Vpn, mm: MmView): readonly number[] {
  const indices = new Set<number>()
  for (const p of mm.pages) if (tableBase(level, p.vpn) === base) indices.add(indexAt(level, p.vpn))
  for (const t of mm.tables) if (t.level === level && t.base === base) for (const e of t.entries) indices.add(e.index)
  return [...indices].sort((a, b) => a - b)
}
