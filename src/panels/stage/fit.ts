import { range } from 'd3'
import type { WorldView } from '../../core/view/world.ts'
import { clamp } from '../shared/clamp.ts'
import { bestGrid, type FrameGrid, smallestGrid } from './frame-grid.ts'
import { entriesAtMost, layOutTree, mostAcross, type Skeleton, skeletonOf, type TreeLayout } from './tree-layout.ts'

/*
 * How large everything on the stage is drawn: as large as the room allows. It depends on what the machine can hold,
 * never on what it holds just now, so that nothing moves when content changes. The stylesheets get these numbers as
 * variables and have no heights of their own.
 */

/** What the machine can hold: all that sizes may depend on. */
export interface Capacity {
  readonly cpus: readonly { readonly tlb: number; readonly walkCache: number }[]
  readonly iommu: {
    readonly iotlb: number
    readonly walkCache: number
    readonly queue: number
    /** Slots of the page request queue, and a line for what has been taken out. */
    readonly requests?: number
    /** Address spaces that devices know; absent: one. */
    readonly pasids?: number
  }
  /** Slots of the ATC of each; 0 without one. */
  readonly devices: readonly number[]
  /** Lines of facts, slots of each list, those who run its code. */
  readonly consumers: readonly { readonly facts: number; readonly lists: readonly number[]; readonly threads: number }[]
  readonly gathers: number
  readonly frames: number
  readonly tables: Skeleton
}

export const capacityOf = (world: WorldView): Capacity => ({
  cpus: world.cpus.map(c => ({ tlb: c.tlbCapacity, walkCache: c.walkCacheCapacity })),
  iommu: {
    iotlb: world.iommu.iotlbCapacity,
    walkCache: world.iommu.walkCacheCapacity,
    // Two to a line; those of a driver take two lines each, and a wait stands below them.
    queue: world.iommu.dialect === undefined ? world.iommu.queueCapacity : 4 * world.iommu.queueCapacity + 2,
    requests: world.iommu.pageRequests?.capacity ?? 0,
    pasids: world.iommu.pasids?.length ?? 1,
  },
  devices: world.devices.map(d => d.atc?.capacity ?? 0),
  consumers: world.consumers.map(c => ({
    facts: c.facts.length,
    lists: c.lists.map(list => list.entries.length),
    threads: c.threads.length,
  })),
  gathers: world.gathers.length,
  frames: world.frames.length,
  tables: skeletonOf(world.mm),
})

/** Sizes of text and rows in one part of the stage, in pixels. */
export interface Type {
  readonly text: number
  /** A line of text. */
  readonly line: number
  /** A slot of a cache or an entry of a table, with the gap below it. */
  readonly row: number
}

export interface Fit {
  /** Everything below everything else: a phone. */
  readonly stacked: boolean
  readonly air: Air
  readonly side: Type
  readonly centre: Type
  /** Slots side by side. */
  readonly cpuAcross: 1 | 2
  readonly deviceAcross: 1 | 2
  /** Width of the outer columns. */
  readonly left: number
  readonly right: number
  /** Whether the cards of an outer column may grow by a banner; else it covers what it is about. */
  readonly leftGrows: boolean
  readonly rightGrows: boolean
  readonly tree: TreeLayout
  readonly gathersAcross: number
  readonly grid: FrameGrid
}

/** Space in and between things. */
export interface Air {
  /** Hardly enough height: titles of columns are left out, and a banner stands over what it is about. */
  readonly tight: boolean
  /** From this size of text on; with smaller text there is not enough height to be so generous. */
  readonly least: number
  /** In a card, between its parts, between cards, at the edges of the stage. */
  readonly pad: number
  readonly part: number
  readonly card: number
  readonly edge: number
  /** What a line of text and a row have beyond the text itself. */
  readonly line: number
  readonly row: number
}

const ROOMY: Air = { tight: false, least: 13.5, pad: 8, part: 4, card: 8, edge: 8, line: 1.45, row: 7 }
const SNUG: Air = { tight: false, least: 12.5, pad: 5, part: 2, card: 6, edge: 6, line: 1.4, row: 5 }
const TIGHT: Air = { tight: true, least: 11, pad: 3, part: 1, card: 4, edge: 4, line: 1.3, row: 4 }

/** Largest text, in rem. */
const LARGEST = 1.2
/** With a page text larger than this the reader wants size, not air: presenting, or poor sight. */
const USUAL_REM = 16.5
const STACKED_TEXT = 13
/** On a phone a slot is touched: 24 pixels high. */
const TOUCHED_ROW = 7
/** The middle is what one looks at: its text may be this much larger than that of the outer columns. */
const MORE_IN_CENTRE = 2
/** Below this the columns stand one below the other. */
export const STACKED_BELOW = 620

const typeOf = (text: number, air: Air): Type => ({
  text,
  line: Math.round(text * air.line),
  row: Math.round(text * 1.45) + air.row,
})

/** Sizes to try, the largest first. */
const sizesTo = (least: number, largest: number): readonly number[] => range(largest, least - 0.25, -0.5)

/** Sizes, in pixels, at which the stage shows as much as fits. `rem` is the size of the text at the root. */
export function fitStage(capacity: Capacity, width: number, height: number, rem = 16): Fit {
  if (width < STACKED_BELOW) return fitStacked(capacity, width)
  return fitColumns(capacity, width, height - moreLegend(rem), rem)
}

/** The legend is a line of the page, and grows with its text. */
const moreLegend = (rem: number): number => Math.max(0, Math.round(((rem - 16) / 16) * 20))

function fitColumns(capacity: Capacity, width: number, height: number, rem: number): Fit {
  const sides = fitOuter(capacity, width, height, rem) ?? {
    ...columnsOf(width, TIGHT.least),
    air: TIGHT,
    side: typeOf(TIGHT.least, TIGHT),
    cpuAcross: 2,
    deviceAcross: 2,
    leftGrows: false,
    rightGrows: false,
  }
  return { stacked: false, ...sides, ...fitCentre(capacity, width, height, rem, sides) }
}

type Sides = Pick<Fit, 'air' | 'side' | 'cpuAcross' | 'deviceAcross' | 'left' | 'right' | 'leftGrows' | 'rightGrows'>

/**
 * The outer columns with as much air as leaves the text readable, then with as large a text as that leaves. For those who
 * want size, with as large a text as there can be, and then with air.
 */
function fitOuter(capacity: Capacity, width: number, height: number, rem: number): Sides | null {
  const fits = [ROOMY, SNUG, TIGHT].flatMap(air => {
    const texts = sizesTo(air.least, Math.max(air.least, Math.min(Math.round(LARGEST * rem), widestText(width))))
    const text = texts.find(t => fitSides(capacity, width, height, t, air) !== null)
    return text === undefined ? [] : [{ air, text }]
  })
  const largest = Math.max(...fits.map(f => f.text))
  const chosen = rem > USUAL_REM ? fits.find(f => f.text > largest - 1) : fits[0]
  if (chosen === undefined) return null
  // What is tight only because there was no room for more is no larger than what is not.
  const text = chosen.air.tight && rem <= USUAL_REM ? Math.min(chosen.text, SNUG.least) : chosen.text
  return fitSides(capacity, width, height, text, chosen.air)
}

/** The widest line that must not be cut, in widths of its own text: `Invalidation queue` and `empty` in bold and plain. */
const WIDEST_LINE = 13.2

/** The text with which that line fits the right column of a stage of this width. Height alone would let it grow larger. */
const widestText = (width: number): number => Math.floor(2 * ((width * 0.27 - CARD_EDGES) / WIDEST_LINE)) / 2
/** Left and right edges of a card. */
const CARD_EDGES = 26

const columnsOf = (width: number, text: number) => ({
  left: Math.round(Math.min(width * 0.24, text * 18)),
  right: Math.round(Math.min(width * 0.27, text * 20)),
})

/** Height that legend, edges and a title leave to a column. */
function roomIn(height: number, width: number, type: Type, air: Air, titled = !air.tight): number {
  return height - legendHeight(width, air) - 3 * air.edge - 2 - (titled ? type.line + 4 + air.card : 0)
}

/** As the stylesheet draws it: in two lines where the stage is narrower than its words and the gaps between them. */
const legendHeight = (width: number, { tight }: Air): number =>
  tight ? (width < 815 ? 38 : 20) : width < 914 ? 46 : 28

/** The outer columns with text of this size, or null when they do not fit. */
function fitSides(capacity: Capacity, width: number, height: number, text: number, air: Air): Sides | null {
  const side = typeOf(text, air)
  const room = roomIn(height, width, side, air)
  const { left, right } = columnsOf(width, text)
  const cpuAcross = acrossFor(left, text, n => cpuColumn(capacity, side, air, n) <= room)
  const deviceAcross = acrossFor(right, text, n => deviceColumn(capacity, side, air, n) <= room)
  if (cpuAcross === null || deviceAcross === null) return null
  const spare = room - bannerHeight(side) - air.part
  return {
    ...{ air, side, left, right, cpuAcross, deviceAcross },
    leftGrows: cpuColumn(capacity, side, air, cpuAcross) + side.line <= spare,
    rightGrows: deviceColumn(capacity, side, air, deviceAcross) <= spare,
  }
}

/** Letters that a slot must show: a page's name, a sign, and a frame number. */
const LETTERS = 9
const MONO = 0.6

function acrossFor(width: number, text: number, fits: (across: 1 | 2) => boolean): 1 | 2 | null {
  if (fits(1)) return 1
  const slot = (width - 30) / 2
  return slot >= LETTERS * MONO * text + 16 && fits(2) ? 2 : null
}

const slots = (count: number, across: number, { line, row }: Type, part: number): number =>
  count === 0 ? 0 : line + Math.ceil(count / across) * row + part

function cpuColumn({ cpus }: Capacity, type: Type, air: Air, across: number): number {
  const { pad, part, card } = air
  const one = (c: Capacity['cpus'][number]): number =>
    2 * pad + 2 + 2 * type.line + 4 + part + slots(c.tlb, across, type, part) + slots(c.walkCache, across, type, part)
  return cpus.reduce((sum, c) => sum + one(c), 0) + (cpus.length - 1) * card
}

/** Where only consumers share the memory there is no IOMMU to show. */
export const showsIommu = (devices: number, consumers: number): boolean => devices > 0 || consumers === 0

function deviceColumn({ iommu, devices, consumers }: Capacity, type: Type, air: Air, across: number): number {
  const { tight, pad, part, card } = air
  const caches =
    slots(iommu.iotlb, across, type, part) +
    slots(iommu.walkCache, across, type, part) +
    slots(iommu.queue, 2, type, part) +
    slots(iommu.requests ?? 0, 1, type, part) +
    ((iommu.requests ?? 0) > 0 ? 2 * type.line : 0) +
    ((iommu.pasids ?? 1) - 1) * (type.row + part)
  const head = 2 * pad + 2 + type.line + 4
  const banner = tight ? 0 : bannerHeight(type) + part
  const iommuCard = head + type.row + 2 * part + caches
  const consumerCards = consumers.map(
    ({ facts, lists, threads }) =>
      head +
      (facts + 2 * threads) * type.line +
      (2 + lists.length) * part +
      lists.reduce((sum, count) => sum + slots(count, across, type, part), 0) +
      card,
  )
  return (
    (showsIommu(devices.length, consumers.length) ? iommuCard : 0) +
    devices.reduce(
      (sum, atc) => sum + head + 4 * type.line + 2 * part + banner + card + slots(atc, across, type, part),
      0,
    ) +
    consumerCards.reduce((sum, height) => sum + height, 0)
  )
}

export const bannerHeight = (type: Type): number => 2 * type.line + 6

/** Tables, address space, gathers and frames, in what the outer columns leave. */
function fitCentre(capacity: Capacity, stage: number, height: number, rem: number, sides: Sides) {
  const { air, side, left, right } = sides
  const width = stage - left - right - 2 * EDGE_X - 2 * columnGap(air) - 2
  const entries = Math.max(1, entriesAtMost(capacity.tables))
  for (const text of sizesTo(TIGHT.least, Math.min(Math.round(LARGEST * rem), side.text + MORE_IN_CENTRE))) {
    const centre = typeOf(text, air)
    const gathersAcross = gathersBeside(capacity.gathers, width, text)
    const gathers = Math.ceil(capacity.gathers / gathersAcross) * (gatherHeight(centre) + air.card)
    const space = centre.line + centre.row + air.card
    const frames = centre.line + 4 + air.card
    const room = roomIn(height, stage, centre, air, true) - TREE_TOP - gathers - space - frames
    for (const across of range(1, Math.min(mostAcross(width, text), entries) + 1)) {
      const tree = layOutTree(capacity.tables, { width, text, row: centre.row, across })
      const grid = bestGrid(capacity.frames, width, room - tree.height, text)
      if (grid !== null) return { centre, tree, grid, gathersAcross }
    }
  }
  const text = TIGHT.least
  const centre = typeOf(text, air)
  return {
    centre,
    gathersAcross: gathersBeside(capacity.gathers, width, text),
    tree: layOutTree(capacity.tables, { width, text, row: centre.row, across: mostAcross(width, text) }),
    grid: smallestGrid(capacity.frames, width, text),
  }
}

/** Left and right of everything. */
export const EDGE_X = 12
/** Paths of walks come in from over the tables. */
export const TREE_TOP = 5
export const columnGap = ({ tight }: Air): number => (tight ? 16 : 24)
export const gatherHeight = (type: Type): number => 2 * type.line + 10

const gathersBeside = (count: number, width: number, text: number): number =>
  clamp(Math.floor(width / (text * 15)), 1, Math.max(1, count))

/** One column, as tall as it likes. */
function fitStacked(capacity: Capacity, stage: number): Fit {
  const type = typeOf(STACKED_TEXT, { ...SNUG, row: TOUCHED_ROW })
  const width = stage - 2 * EDGE_X - 2
  const { text, row } = type
  const across = Math.min(mostAcross(width, text), Math.max(1, Math.ceil(entriesAtMost(capacity.tables) / 4)))
  return {
    stacked: true,
    air: SNUG,
    side: type,
    centre: type,
    cpuAcross: 2,
    deviceAcross: 2,
    left: width,
    right: width,
    leftGrows: true,
    rightGrows: true,
    tree: layOutTree(capacity.tables, { width, text, row, across }),
    gathersAcross: 1,
    grid: smallestGrid(capacity.frames, width, text),
  }
}
