import { clamp } from '../shared/clamp.ts'

/** The steps between the left and the right edge of the plot; fractions while it is zoomed. */
export interface Span {
  readonly first: number
  readonly last: number
}

/** A part of the run that the reader zoomed or panned to, and where the playhead stood then. */
export interface ChosenSpan extends Span {
  readonly at: number
}

/** Room left and right of the outermost steps. */
export const EDGE = 14
/** Steps are not drawn closer than this unless the reader zooms out: a dot must stay a dot. */
const USUAL_PITCH = 13
/** As far in as zooming goes. */
const WIDEST_PITCH = 120
/** Short runs do not fill the width, so that the next few steps do not rescale the picture. */
const SHORTEST = 18

const roomFor = (width: number): number => Math.max(8, Math.floor((width - 2 * EDGE) / USUAL_PITCH))

/** All there is to see: the run, and beyond its end when it is short. */
export const wholeRun = (length: number, width: number): Span => ({
  first: 0,
  last: Math.max(length, Math.min(SHORTEST, roomFor(width))),
})

/** How many times closer than the whole run one can look. */
export function closestZoom(length: number, width: number): number {
  const { last } = wholeRun(length, width)
  return Math.max(1, (last * WIDEST_PITCH) / Math.max(1, width - 2 * EDGE))
}

/** The usual view: the whole run, or a page around `at` that turns half a page at a time, so that it mostly stands still. */
export function usualSpan(at: number, length: number, width: number): Span {
  const room = roomFor(width)
  if (length <= room) return wholeRun(length, width)
  const half = Math.floor(room / 2)
  const first = clamp(Math.floor((at - Math.floor(half / 2)) / half) * half, 0, length - room)
  return { first, last: first + room }
}

/**
 * What is shown: the usual view, or what the reader chose. That stays put until the playhead moves out of it; then it
 * turns by half pages to where the playhead is.
 */
export function shownSpan(chosen: ChosenSpan | null, at: number, length: number, width: number): Span {
  if (chosen === null) return usualSpan(at, length, width)
  const whole = wholeRun(length, width)
  const size = Math.min(chosen.last - chosen.first, whole.last)
  const page = size / 2
  const first = clamp(chosen.first, 0, whole.last - size)
  const moved = at !== chosen.at
  const pages =
    moved && at > first + size
      ? Math.ceil((at - first - size) / page)
      : moved && at < first
        ? -Math.ceil((first - at) / page)
        : 0
  const turned = clamp(first + pages * page, 0, whole.last - size)
  return { first: turned, last: turned + size }
}
