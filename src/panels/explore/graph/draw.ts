import { MARK } from '../../../core/studies/state-facts.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import { addSign } from './signs.ts'
import { type Frame, radiusOf, type View, xOf, yOf } from './view.ts'

/** Everything that decides what is on the canvas. */
export interface Drawn {
  readonly scene: Scene
  readonly view: View
  readonly frame: Frame
  readonly palette: Palette
  /** Nodes of the run that stands out, the first one first. */
  readonly path: readonly number[]
}

/** Draws all but the ring around the current node, on a canvas of `width` by `height` pixels of CSS. */
export function draw(context: CanvasRenderingContext2D, drawn: Drawn, width: number, height: number): void {
  const { scene, frame, palette } = drawn
  context.clearRect(0, 0, width, height)
  context.save()
  clip(context, frame)
  if (scene.of === 'groups') stripes(context, drawn)
  edges(context, drawn)
  pathEdges(context, drawn)
  for (let standing = 0; standing < palette.standings.length; standing++) nodes(context, drawn, standing)
  rings(context, drawn)
  context.restore()
  titles(context, drawn)
  steps(context, drawn, height)
}

/**
 * Draws the ring around one node and the moves out of it, with what they do where there is room to say it. It follows the pointer, so
 * it has a canvas of its own.
 */
export function drawCurrent(
  context: CanvasRenderingContext2D,
  drawn: Omit<Drawn, 'path'>,
  node: number,
  count: (n: number) => string,
  width: number,
  height: number,
): void {
  const { scene, view, frame, palette } = drawn
  context.clearRect(0, 0, width, height)
  context.save()
  clip(context, frame)
  const out: number[] = []
  for (let e = 0; e < scene.from.length; e++) if (scene.from[e] === node) out.push(e)
  const [x, y, radius] = placeOf(drawn, node)
  const lines = new Path2D()
  for (const e of out) {
    const [x2, y2] = placeOf(drawn, scene.to[e] as number)
    addEdge(lines, x, y, x2, y2)
  }
  stroke(context, palette.ink, 1.5, lines)
  circle(context, x, y, radius + 5)
  stroke(context, palette.ground, 5)
  stroke(context, palette.ink, 2.5)
  if (view.across >= LABEL_ROOM) for (const e of out) edgeLabel(context, drawn, e, count)
  context.restore()
}

/** Pixels between two columns that a word needs. */
const LABEL_ROOM = 100

/** Beside the node that a move leads to: moves out of one node end at different heights. */
function edgeLabel(
  context: CanvasRenderingContext2D,
  drawn: Omit<Drawn, 'path'>,
  edge: number,
  count: (n: number) => string,
): void {
  const { scene, palette } = drawn
  const [x, y, radius] = placeOf(drawn, scene.to[edge] as number)
  const text = scene.textOf(edge, count)
  context.font = palette.font
  context.textAlign = 'left'
  context.textBaseline = 'middle'
  context.fillStyle = palette.ground
  context.fillRect(x + radius + 4, y - 8, context.measureText(text).width + 6, 16)
  context.fillStyle = palette.ink
  context.fillText(text, x + radius + 7, y)
}

function clip(context: CanvasRenderingContext2D, frame: Frame): void {
  context.beginPath()
  context.rect(frame.left, frame.top, frame.width, frame.height)
  context.clip()
}

const placeOf = ({ scene, view }: Pick<Drawn, 'scene' | 'view'>, node: number): readonly [number, number, number] => [
  xOf(view, scene.x[node] as number),
  yOf(view, scene.y[node] as number),
  radiusOf(view, scene, node),
]

/** Every second row on a ground of its own. */
function stripes(context: CanvasRenderingContext2D, { scene, view, frame, palette }: Drawn): void {
  context.fillStyle = palette.stripe
  for (const [i, row] of scene.rows.entries()) {
    const top = yOf(view, row.top)
    if (i % 2 === 0) context.fillRect(frame.left, top, frame.width, yOf(view, row.bottom) - top)
  }
}

/** Widths of lines that sum up moves, in pixels. */
const WIDTHS = [0.7, 1.3, 2.2, 3.6] as const

/** Lanes closer than so many pixels: lines step back behind the nodes. */
const DENSE = 6

function edges(context: CanvasRenderingContext2D, drawn: Drawn): void {
  const { scene, view, frame, palette } = drawn
  const right = frame.left + frame.width
  const bottom = frame.top + frame.height
  const lines = WIDTHS.map(
    (width, i) =>
      new Batch(LINES, path => {
        stroke(
          context,
          i === 0 && (scene.weight !== null || view.down < DENSE) ? palette.faint : palette.line,
          width,
          path,
        )
      }),
  )
  for (let e = 0; e < scene.from.length; e++) {
    const from = scene.from[e] as number
    const to = scene.to[e] as number
    const x1 = xOf(view, scene.x[from] as number)
    const y1 = yOf(view, scene.y[from] as number)
    const x2 = xOf(view, scene.x[to] as number)
    const y2 = yOf(view, scene.y[to] as number)
    if (Math.max(x1, x2) < frame.left || Math.min(x1, x2) > right) continue
    if (Math.max(y1, y2) < frame.top - 40 || Math.min(y1, y2) > bottom + 40) continue
    const share = scene.weight === null ? 0 : Math.sqrt(scene.weight[e] as number)
    const line = lines[Math.min(WIDTHS.length - 1, Math.floor(share * WIDTHS.length))]
    if (line !== undefined) addEdge(line.next(), x1, y1, x2, y2)
  }
  for (const line of lines) line.flush()
}

/** Canvases take long over paths of thousands of pieces, and over thousands of paths. So many pieces go into one path. */
const LINES = 48
const SHAPES = 16

/** Pieces that are drawn some at a time. */
class Batch {
  private readonly most: number
  private readonly paint: (path: Path2D) => void
  private path = new Path2D()
  private pieces = 0

  constructor(most: number, paint: (path: Path2D) => void) {
    this.most = most
    this.paint = paint
  }

  /** The path to add one more piece to. */
  next(): Path2D {
    if (this.pieces === this.most) this.flush()
    this.pieces++
    return this.path
  }

  flush(): void {
    if (this.pieces > 0) this.paint(this.path)
    this.path = new Path2D()
    this.pieces = 0
  }
}

/** Forward moves are straight. Those that lead back, or stay in their column, bow out so that they are not taken for forward ones. */
function addEdge(line: Path2D, x1: number, y1: number, x2: number, y2: number): void {
  line.moveTo(x1, y1)
  if (x2 > x1) line.lineTo(x2, y2)
  else {
    const bow = 10 + Math.hypot(x2 - x1, y2 - y1) * 0.15
    line.quadraticCurveTo((x1 + x2) / 2 + bow, (y1 + y2) / 2 - bow, x2, y2)
  }
}

function pathEdges(context: CanvasRenderingContext2D, drawn: Drawn): void {
  const { path, palette } = drawn
  const line = new Path2D()
  for (let i = 1; i < path.length; i++) {
    const [x1, y1] = placeOf(drawn, path[i - 1] as number)
    const [x2, y2] = placeOf(drawn, path[i] as number)
    addEdge(line, x1, y1, x2, y2)
  }
  context.strokeStyle = palette.ground
  context.lineWidth = 6
  context.stroke(line)
  context.strokeStyle = palette.accent
  context.lineWidth = 3
  context.stroke(line)
}

/** Below this radius nobody can tell a disc from a square, which is drawn several times as fast. */
const DOT = 2.1

function nodes(context: CanvasRenderingContext2D, drawn: Drawn, standing: number): void {
  const { scene, frame, palette } = drawn
  const fill = palette.standings[standing]?.fill ?? ''
  const line = palette.standings[standing]?.line ?? ''
  const shapes = new Batch(SHAPES, path => {
    context.fillStyle = fill
    context.fill(path)
    stroke(context, line, 1, path)
  })
  const dots: number[] = []
  for (let node = 0; node < scene.nodes; node++) {
    if (scene.standing[node] !== standing) continue
    const [x, y, r] = placeOf(drawn, node)
    if (x < frame.left - r || x > frame.left + frame.width + r || y < frame.top - r || y > frame.top + frame.height + r)
      continue
    if (standing === 0 && r < DOT) dots.push(x, y, r)
    else addSign(shapes.next(), standing, x, y, r)
  }
  shapes.flush()
  context.fillStyle = line
  for (let i = 0; i < dots.length; i += 3) {
    const half = (dots[i + 2] as number) - 0.3
    context.fillRect((dots[i] as number) - half, (dots[i + 1] as number) - half, 2 * half, 2 * half)
  }
}

function rings(context: CanvasRenderingContext2D, drawn: Drawn): void {
  const { scene, palette } = drawn
  for (let node = 0; node < scene.nodes; node++) {
    const marks = scene.marks[node] as number
    if (marks === 0) continue
    const [x, y, r] = placeOf(drawn, node)
    if ((marks & MARK.initial) !== 0) {
      circle(context, x, y, r + 3)
      stroke(context, palette.accent, 2.5)
    }
    if ((marks & MARK.final) !== 0) {
      context.beginPath()
      context.rect(x - r - 2, y - r - 2, 2 * r + 4, 2 * r + 4)
      stroke(context, palette.ink, 1)
    }
    if ((marks & MARK.stuck) !== 0) {
      context.setLineDash([3, 2])
      context.beginPath()
      context.rect(x - r - 4, y - r - 4, 2 * r + 8, 2 * r + 8)
      stroke(context, palette.warn, 2.5)
      context.setLineDash([])
    }
  }
}

function titles(context: CanvasRenderingContext2D, { scene, view, frame, palette }: Drawn): void {
  if (scene.rows.length === 0) return
  context.fillStyle = palette.ink
  context.font = palette.font
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  context.save()
  context.beginPath()
  context.rect(0, frame.top, frame.left, frame.height)
  context.clip()
  for (const row of scene.rows) {
    const top = Math.max(frame.top, yOf(view, row.top))
    const bottom = Math.min(frame.top + frame.height, yOf(view, row.bottom))
    if (bottom - top > 8) context.fillText(row.title, frame.left - 6, (top + bottom) / 2, frame.left - 8)
  }
  context.restore()
}

const TICK_ROOM = 44

function steps(context: CanvasRenderingContext2D, { scene, view, frame, palette }: Drawn, height: number): void {
  const { bounds, stepsPerColumn } = scene
  context.fillStyle = palette.muted
  context.font = palette.font
  context.textBaseline = 'alphabetic'
  context.textAlign = 'center'
  const every = [1, 2, 5, 10, 20, 50, 100].find(n => n * view.across >= TICK_ROOM) ?? 200
  for (let x = 0; x <= bounds.right; x += every) {
    const at = xOf(view, x)
    if (at < frame.left || at > frame.left + frame.width) continue
    context.fillText(x === 0 ? 'start' : `${x * stepsPerColumn}`, at, height - 5)
  }
}

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
}

function stroke(context: CanvasRenderingContext2D, colour: string, width: number, path?: Path2D): void {
  context.strokeStyle = colour
  context.lineWidth = width
  if (path === undefined) context.stroke()
  else context.stroke(path)
}
