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

type Cubic = readonly [Point, Point, Point, Point]
/** A path as cubic curves, end to end: drawn, and walked along, from the same numbers. */
export type Route = readonly Cubic[]

/** Height above a box in which a path may run without crossing its neighbours: the gap between rows. */
const LANE = 7
const BEND = 10
/** Slots and entries are this high at most, and stand in lists. */
const ROW = 24
/** How far outside the boxes a path runs up or down. */
const MARGIN = 5

/**
 * From one box to another. Sideways it leaves through the wall that faces the target, runs in the gap above the target's
 * row, and comes down on it: it never lies across what stands in between on that row.
 */
export function routeBetween(from: Box, to: Box): Route {
  const apart = to.x >= from.x + from.width ? 1 : to.x + to.width <= from.x ? -1 : 0
  if (apart === 0) return besides(from, to)
  const start = { x: apart > 0 ? from.x + from.width : from.x, y: from.y + from.height / 2 }
  const wall = apart > 0 ? to.x : to.x + to.width
  // Next door, or a slot of a list, which has no neighbour beside it: straight in through the wall.
  if (Math.abs(wall - start.x) < 60 || to.height <= ROW)
    return [across(start, { x: wall, y: to.y + Math.min(14, to.height / 2) })]
  const lane = to.y - LANE
  const room = Math.abs(to.x + to.width / 2 - start.x)
  const enter = { x: start.x + apart * Math.min(56, room * 0.45), y: lane }
  return [across(start, enter), ...downOn(enter, to, apart)]
}

/**
 * One above the other: out on the left, along the margin, and in above the target's row, or through its wall when it
 * is the first of its row.
 */
function besides(from: Box, to: Box): Route {
  const start = { x: from.x, y: from.y + from.height / 2 }
  const margin = Math.min(from.x, to.x) - MARGIN
  const inside = to.x - margin > 40
  const entry = inside ? to.y - LANE : to.y + to.height / 2
  const way = Math.sign(entry - start.y) || 1
  const out = { x: margin, y: start.y + way * BEND }
  const back = { x: margin, y: entry - way * BEND }
  const bend: Cubic[] = [[start, { x: margin, y: start.y }, { x: margin, y: start.y }, out], straight(out, back)]
  if (!inside) return [...bend, [back, { x: margin, y: entry }, { x: margin, y: entry }, { x: to.x, y: entry }]]
  const turn = { x: margin + BEND, y: entry }
  const corner: Cubic = [back, { x: margin, y: entry }, { x: margin, y: entry }, turn]
  return [...bend, corner, ...downOn(turn, to, 1)]
}

/** Along the lane and down on the middle of the box. */
function downOn(enter: Point, to: Box, way: 1 | -1): Route {
  const lane = to.y - LANE
  const end = { x: to.x + to.width / 2, y: to.y }
  const turn = { x: end.x - way * BEND, y: lane }
  return [straight(enter, turn), [turn, { x: end.x - way * 2, y: lane }, { x: end.x, y: lane + 1 }, end]]
}

function across(a: Point, b: Point): Cubic {
  const mid = (a.x + b.x) / 2
  return [a, { x: mid, y: a.y }, { x: mid, y: b.y }, b]
}

function straight(a: Point, b: Point): Cubic {
  const at = (t: number): Point => ({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t })
  return [a, at(1 / 3), at(2 / 3), b]
}

const n = (v: number): string => String(Math.round(v * 10) / 10)
const p = (q: Point): string => `${n(q.x)},${n(q.y)}`

/** The `d` of an SVG path. */
export function pathOf(route: Route): string {
  const [first] = route
  if (first === undefined) return ''
  return `M${p(first[0])}${route.map(([, a, b, end]) => `C${p(a)} ${p(b)} ${p(end)}`).join('')}`
}

/** The point `t` of the way along, 0 to 1, at an even pace over the curves. */
export function pointAlong(route: Route, t: number): Point {
  const lengths = route.map(chord)
  const total = lengths.reduce((a, b) => a + b, 0)
  let left = Math.min(1, Math.max(0, t)) * total
  for (const [i, curve] of route.entries()) {
    const length = lengths[i] ?? 0
    if (left <= length || i === route.length - 1) return onCurve(curve, length === 0 ? 1 : Math.min(1, left / length))
    left -= length
  }
  return { x: 0, y: 0 }
}

function onCurve([a, b, c, d]: Cubic, t: number): Point {
  const u = 1 - t
  const mix = (k: 'x' | 'y'): number =>
    u * u * u * a[k] + 3 * u * u * t * b[k] + 3 * u * t * t * c[k] + t * t * t * d[k]
  return { x: mix('x'), y: mix('y') }
}

/** About as long as the curve: half way between its chord and its frame. */
function chord([a, b, c, d]: Cubic): number {
  const far = (q: Point, r: Point): number => Math.hypot(q.x - r.x, q.y - r.y)
  return (far(a, d) + far(a, b) + far(b, c) + far(c, d)) / 2
}

/** How far motion `i` of `count` has got when the step has got to `progress`: they start one after another and overlap. */
export function progressOf(progress: number, i: number, count: number): number {
  const share = 1 / (1 + 0.5 * (count - 1))
  return Math.min(1, Math.max(0, (progress - i * 0.5 * share) / share))
}
