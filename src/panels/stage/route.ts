import { cumsum, interpolateBasis, line, pairs, quantize, scaleLinear } from 'd3'

/** A rectangle of the stage, in its own pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A curve across the stage: drawn, and moved along, from the same numbers. */
export interface Route {
  /** The `d` of an SVG path. */
  readonly d: string
  /** The point `t` of the way along, 0 to 1, at an even pace. */
  at(t: number): Point
}

/** Height above a box in which a path may run without crossing its neighbours: the gap between rows. */
const LANE = 7
/** The same below a box. Below the pages of the address space is the narrowest gap that there is. */
const LANE_BELOW = 4
const BEND = 12
/** How far outside the boxes a path runs up or down. */
const MARGIN = 5
/** Straight pieces that a curve is drawn with: more than the eye can tell apart. */
const PIECES = 64

/**
 * From one box to another. Sideways it leaves through the wall that faces the target, rises in the gap between the
 * columns, runs in the gap above the target's row, and comes down on it: it never lies across what stands in between.
 * `row` is the height of a slot: slots stand in lists, and are entered through their wall. `side` is from where a box that
 * stands in a row is entered: what has its name above it is entered from below.
 */
export function routeBetween(from: Box, to: Box, row = 24, side: 'above' | 'below' = 'above'): Route {
  const apart = to.x >= from.x + from.width ? 1 : to.x + to.width <= from.x ? -1 : 0
  if (apart === 0) return besides(from, to)
  const start = { x: apart > 0 ? from.x + from.width : from.x, y: from.y + from.height / 2 }
  const wall = { x: apart > 0 ? to.x : to.x + to.width, y: to.y + Math.min(row / 2, to.height / 2) }
  // Next door: straight in through the wall.
  if (Math.abs(wall.x - start.x) < 60) {
    const mid = (start.x + wall.x) / 2
    return through([start, { x: mid, y: start.y }, { x: mid, y: wall.y }, wall])
  }
  // Into a slot, or out of a row into a card: the way back from there to where it comes from.
  if (to.height <= row || to.height > from.height)
    return through([...overRow(wall, from, apart > 0 ? -1 : 1)].reverse())
  return through(overRow(start, to, apart, side))
}

/** From a wall, up or down the gap beside it, along the lane above the box, or below it, and straight into it. */
function overRow(start: Point, to: Box, way: 1 | -1, side: 'above' | 'below' = 'above'): readonly Point[] {
  const lane = side === 'above' ? to.y - LANE : to.y + to.height + LANE_BELOW
  const end = { x: to.x + to.width / 2, y: side === 'above' ? to.y : to.y + to.height }
  const rise = Math.min(BEND, Math.abs(lane - start.y) / 3) * (Math.sign(lane - start.y) || 1)
  const x = start.x + way * BEND
  return [
    start,
    { x, y: start.y },
    { x, y: start.y + rise },
    { x, y: lane - rise },
    { x, y: lane },
    { x: x + way * BEND, y: lane },
    ...downOn(end, lane, way),
  ]
}

/**
 * One above the other: out on the left, or through the gap above its row when it is not the first of it, along the margin,
 * and in the same way.
 */
function besides(from: Box, to: Box): Route {
  const margin = Math.min(from.x, to.x) - MARGIN
  const inRow = (box: Box): boolean => box.x - margin > 40
  const leaving = inRow(from) ? from.y - LANE : from.y + from.height / 2
  const entry = inRow(to) ? to.y - LANE : to.y + to.height / 2
  const way = Math.sign(entry - leaving) || 1
  const out = inRow(from)
    ? [...downOn({ x: from.x + from.width / 2, y: from.y }, leaving, 1)]
        .reverse()
        .concat({ x: margin + BEND, y: leaving })
    : [{ x: from.x, y: leaving }]
  const along = [
    { x: margin, y: leaving },
    { x: margin, y: leaving + way * BEND },
    { x: margin, y: entry - way * BEND },
    { x: margin, y: entry },
  ]
  const into = inRow(to)
    ? [{ x: margin + BEND, y: entry }, ...downOn({ x: to.x + to.width / 2, y: to.y }, entry, 1)]
    : [{ x: to.x, y: entry }]
  return through([...out, ...along, ...into])
}

/** Along the lane and down on the box. Where points lie close, the curve bends sharply. */
const downOn = (end: Point, lane: number, way: 1 | -1): readonly Point[] => [
  { x: end.x - way * BEND * 1.5, y: lane },
  { x: end.x - way * BEND * 0.75, y: lane },
  { x: end.x, y: lane },
  end,
]

/** The smooth curve that these points pull into shape; it begins and ends on the first and the last. */
function through(points: readonly Point[]): Route {
  const x = interpolateBasis(points.map(p => p.x))
  const y = interpolateBasis(points.map(p => p.y))
  const at = (t: number): Point => ({ x: x(t), y: y(t) })
  const drawn = quantize(at, PIECES + 1)
  const lengths = cumsum([0, ...pairs(drawn, (a, b) => Math.hypot(b.x - a.x, b.y - a.y))])
  const total = lengths.at(-1) ?? 0
  // The curve's own parameter dawdles where its points lie close: this turns a share of the way into it.
  const pace = scaleLinear(
    Array.from(lengths, l => (total === 0 ? 1 : l / total)),
    drawn.map((_, i) => i / PIECES),
  ).clamp(true)
  return { d: path(drawn) ?? '', at: t => at(pace(t)) }
}

const path = line<Point>(
  p => p.x,
  p => p.y,
).digits(1)

/** How far motion `i` of `count` has got when the step has got to `progress`: they start one after another and overlap. */
export function progressOf(progress: number, i: number, count: number): number {
  const share = 1 / (1 + 0.5 * (count - 1))
  return scaleLinear([i * 0.5 * share, (i * 0.5 + 1) * share], [0, 1]).clamp(true)(progress)
}
