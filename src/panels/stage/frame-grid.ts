import type { FrameUse, FrameView } from '../../core/view/world.ts'

/**
 * How the frames are drawn: boxes with words, boxes with numbers, or a picture of small squares when there are too many
 * to be elements of the page.
 */
export type FrameGrid =
  | { readonly kind: 'words' | 'numbers'; readonly columns: number }
  | { readonly kind: 'pixels'; readonly columns: number; readonly rows: number; readonly cell: number }

/** More frames than this are painted. */
export const MOST_BOXES = 128
const PICTURE_HEIGHT = 170

export function gridFor(count: number, width: number): FrameGrid {
  if (count <= 32) return { kind: width < 380 ? 'numbers' : 'words', columns: 8 }
  if (count <= MOST_BOXES) return { kind: 'numbers', columns: width < 420 ? 12 : 16 }
  const cell = Math.max(3, Math.min(12, Math.floor(Math.sqrt((width * PICTURE_HEIGHT) / count))))
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
