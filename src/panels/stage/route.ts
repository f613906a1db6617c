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
/** How near a path passes over something that stands higher than its target. */
const CLEAR = 4
/** Straight pieces that a curve is drawn with: more than the eye can tell apart. */
const PIECES = 64

/**
 * From one box to another. Sideways it leaves through the wall that faces the target, rises in the gap between the
 * columns, runs in the gap above the target's row, and comes down on it: it never lies across what stands in between.
 * `row` is the height of a slot: slots stand in lists, and are entered through their wall. `side` is from where a box that
 * stands in a row is entered: what has its name above it is entered from below. `others` stand in the same row as one of
 * the two, and may stand higher: the path keeps above them. `card` is what a slot belongs to.
 */
export function routeBetween(from: Box, to: Box, around: Surroundings = {}): Route {
  const { row = 24, side = 'above', others = [], card = to } = around
  const apart = to.x >= from.x + from.width ? 1 : to.x + to.width <= from.x ? -1 : 0
  if (apart === 0) return besides(from, to, others)
  const start = { x: apart > 0 ? from.x + from.width : from.x, y: from.y + from.height / 2 }
  const wall = { x: apart > 0 ? to.x : to.x + to.width, y: to.y + Math.min(row / 2, to.height / 2) }
  // Next door: straight in through the wall.
  if (Math.abs(wall.x - start.x) < 60) {
    const mid = (start.x + wall.x) / 2
    return through([start, { x: mid, y: start.y }, { x: mid, y: wall.y }, wall])
  }
  // Into a slot, or out of a row into a card: the way back from there to where it comes from.
  if (to.height <= row || to.height > from.height) {
    const back = apart > 0 ? -1 : 1
    return through(
      [
        ...outOfSlot(to, wall, card, back),
        ...overRow(doorOf(wall, card, back), from, back, { side, others }),
      ].reverse(),
    )
  }
  return through(overRow(start, to, apart, { side, others }))
}

/** What a path has to mind on its way. */
export interface Surroundings {
  readonly row?: number
  readonly side?: 'above' | 'below'
  readonly others?: readonly Box[]
  readonly card?: Box
}

/** A slot's wall farther than this from the wall of its card has another slot in front of it. */
const BEHIND = 24

const isBehind = (wall: Point, card: Box, way: 1 | -1): boolean =>
  (way < 0 ? wall.x - card.x : card.x + card.width - wall.x) > BEHIND

/** Where the path to a slot leaves its card: at the slot's own wall, or at the card's when another slot stands before it. */
const doorOf = (wall: Point, card: Box, way: 1 | -1): Point =>
  isBehind(wall, card, way) ? { x: (way < 0 ? card.x : card.x + card.width) - way * LANE, y: wall.y } : wall

/** Out of a slot that has another before it, through the gap above the row. */
function outOfSlot(slot: Box, wall: Point, card: Box, way: 1 | -1): readonly Point[] {
  if (!isBehind(wall, card, way)) return []
  const end = { x: slot.x + slot.width / 2, y: slot.y }
  return [...downOn(end, slot.y - 1, way === 1 ? -1 : 1)].reverse()
}

/** The height at which a path runs over `to` when it comes from `x`: above all that lies across the way. */
function laneOver(to: Box, x: number, others: readonly Box[]): number {
  const lane = to.y - LANE
  const end = to.x + to.width / 2
  const [left, right] = [Math.min(x, end), Math.max(x, end)]
  const across = others.filter(o => o.x < right && o.x + o.width > left && o.y - CLEAR < lane && o.y + o.height > lane)
  return Math.min(lane, ...across.filter(o => !holds(o, to)).map(o => o.y - CLEAR))
}

const holds = (outer: Box, inner: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

/** From a wall, up or down the gap beside it, along the lane above the box, or below it, and straight into it. */
function overRow(start: Point, to: Box, way: 1 | -1, { side, others = [] }: Surroundings): readonly Point[] {
  const below = side === 'below'
  const lane = below ? to.y + to.height + LANE_BELOW : laneOver(to, start.x, others)
  const end = { x: to.x + to.width / 2, y: below ? to.y + to.height : to.y }
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
function besides(from: Box, to: Box, others: readonly Box[]): Route {
  const margin = Math.min(from.x, to.x) - MARGIN
  const inRow = (box: Box): boolean => box.x - margin > 40
  const leaving = inRow(from) ? laneOver(from, margin, others) : from.y + from.height / 2
  const entry = inRow(to) ? laneOver(to, margin, others) : to.y + to.height / 2
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
