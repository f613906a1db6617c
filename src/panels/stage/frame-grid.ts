import { range } from 'd3'
import type { FrameUse, FrameView } from '../../core/view/world.ts'

/**
 * How the frames are drawn: boxes with words, boxes with numbers, or a picture of small squares when there are too many
 * to be elements of the page.
 */
export type FrameGrid =
  | {
      readonly kind: 'words' | 'numbers'
      readonly columns: number
      /** Height of a box. */
      readonly height: number
      /** Size of its words. */
      readonly text: number
    }
  | { readonly kind: 'pixels'; readonly columns: number; readonly rows: number; readonly cell: number }

/** More frames than this are painted. */
export const MOST_BOXES = 128
/** More frames than this show numbers only. */
const MOST_WORDS = 32
const LARGEST_BOX = 76
const PICTURE_HEIGHT = 120
/** What stands below the picture. */
const COUNTS = 90
/** Gaps between boxes; paths run between the rows. */
export const GAP_X = 6
export const GAP_Y = 10
/** Letters of a word on a box: `heap[1]`. */
const LETTERS = 7
const LETTER = 0.55
const LEAST_WORDS = 10.5
/** Words need not be larger than this for larger words to be worth a row more. */
const ENOUGH_WORDS = 13

type Boxes = Exclude<FrameGrid, { readonly kind: 'pixels' }>

/** The grid with the largest boxes in this room, or null when there is none with text of this size. */
export function bestGrid(count: number, width: number, height: number, text: number): FrameGrid | null {
  if (count > MOST_BOXES) return height < PICTURE_HEIGHT + COUNTS ? null : pixels(count, width, height - COUNTS)
  if (count > MOST_WORDS) {
    const columns = width < 420 ? 12 : 16
    const box = boxIn(count, columns, height, text * 2)
    return box === null ? null : { kind: 'numbers', columns, height: Math.min(box, 40), text: Math.min(text, 15) }
  }
  const grids = range(4, 9).flatMap(columns => {
    const width1 = (width - (columns - 1) * GAP_X) / columns
    const words = Math.min(text, Math.round(((width1 - 12) / (LETTERS * LETTER)) * 2) / 2)
    const box = boxIn(count, columns, height, text * 2.3 + 6)
    return box === null || words < LEAST_WORDS
      ? []
      : [
          {
            kind: 'words' as const,
            columns,
            height: Math.min(box, LARGEST_BOX, Math.max(text * 2.6, width1)),
            text: words,
          },
        ]
  })
  // Words that can be read, then large boxes, then few rows.
  const readable = (text: number): number => Math.min(text, ENOUGH_WORDS)
  const better = (a: Boxes, b: Boxes): number =>
    readable(b.text) - readable(a.text) || b.height - a.height || b.columns - a.columns
  return grids.sort(better)[0] ?? null
}

/** The grid when there is no room for any: as low as it gets. */
export function smallestGrid(count: number, width: number, text: number): FrameGrid {
  if (count > MOST_BOXES) return pixels(count, width, PICTURE_HEIGHT)
  const words =
    count <= MOST_WORDS ? bestGrid(count, width, (text * 2.3 + 6 + GAP_Y) * Math.ceil(count / 6), text) : null
  return words ?? { kind: 'numbers', columns: width < 420 ? 8 : 16, height: Math.round(text * 2.4), text }
}

/** How high a box can be, or null when that is less than `least`. */
function boxIn(count: number, columns: number, height: number, least: number): number | null {
  const rows = Math.ceil(count / columns)
  const box = Math.floor((height - (rows - 1) * GAP_Y) / rows)
  return box < least ? null : box
}

function pixels(count: number, width: number, height: number): FrameGrid {
  const cell = Math.max(3, Math.min(14, Math.floor(Math.sqrt((width * Math.min(height, 260)) / count))))
  const columns = Math.max(1, Math.floor(width / cell))
  return { kind: 'pixels', columns, rows: Math.ceil(count / columns), cell }
}

/** Where frame number `i` of the list stands in a painted grid. */
export function pixelOf(grid: Extract<FrameGrid, { kind: 'pixels' }>, i: number): { x: number; y: number } {
  return { x: (i % grid.columns) * grid.cell, y: Math.floor(i / grid.columns) * grid.cell }
}

/** The frame under a point of a painted grid: an index into the list. */
export function frameUnder(grid: Extract<FrameGrid, { kind: 'pixels' }>, x: number, y: number): number {
  const column = Math.min(grid.columns - 1, Math.max(0, Math.floor(x / grid.cell)))
  return Math.max(0, Math.floor(y / grid.cell)) * grid.columns + column
}

/** How many frames there are of each use, in the order of the legend. */
export function countUses(frames: readonly FrameView[]): readonly { readonly use: FrameUse; readonly count: number }[] {
  const order: readonly FrameUse[] = ['mapped', 'unmapped', 'free', 'table', 'reused', 'reserved']
  const counts = new Map<FrameUse, number>()
  for (const f of frames) counts.set(f.use, (counts.get(f.use) ?? 0) + 1)
  return order.flatMap(use => {
    const count = counts.get(use) ?? 0
    return count === 0 ? [] : [{ use, count }]
  })
}
