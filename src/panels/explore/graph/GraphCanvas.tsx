import { type KeyboardEvent, useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef } from 'react'
import { useSize } from '../../shared/use-size.ts'
import { draw, drawCurrent } from './draw.ts'
import { INKS, usePalette } from './palette.ts'
import { type Direction, nodeBeside, nodeUnder } from './pick.ts'
import type { Scene } from './scene.ts'
import { usePanZoom } from './use-pan-zoom.ts'

interface Props {
  readonly scene: Scene
  /** `State graph: 1,782 states` */
  readonly label: string
  /** Nodes of the run that stands out, the first one first. */
  readonly path: readonly number[]
  /** The node that the keys stand on. */
  readonly current: number
  /** The node that is described: where the pointer is, else the current one. */
  readonly described: number
  /** A number as people read it. */
  readonly count: (n: number) => string
  readonly onHover: (node: number | null) => void
  readonly onMove: (node: number) => void
  readonly onFollow: (node: number) => void
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
const PAN = 60
const ZOOM = 1.35
const STEPS_ROOM = 22

/** The picture itself: a canvas with one Tab stop. Arrow keys go from node to node. */
export function GraphCanvas({ scene, label, path, current, described, count, onHover, onMove, onFollow }: Props) {
  const root = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const over = useRef<HTMLCanvasElement>(null)
  const hint = useId()
  const palette = usePalette(root)
  const { width, height, rem } = useSize(root, { width: 600, height: 400 })
  const frame = useMemo(() => {
    const left = scene.rows.length === 0 ? 0 : Math.round(Math.min(9.5 * rem, width * 0.3))
    return { left, top: 0, width: Math.max(80, width - left), height: Math.max(80, height - STEPS_ROOM) }
  }, [scene, width, height, rem])

  const wanted = useRef(0)
  const paint = useRef<() => void>(() => undefined)
  const repaint = useCallback(() => {
    cancelAnimationFrame(wanted.current)
    wanted.current = requestAnimationFrame(() => paint.current())
  }, [])
  const click = useCallback(
    (x: number, y: number, touch: boolean) => {
      const node = nodeUnder(scene, look.current.view(), x, y)
      if (node < 0) return
      onMove(node)
      // A finger cannot hover: its first tap describes, the second follows.
      if (!touch || node === current) onFollow(node)
    },
    [scene, current, onMove, onFollow],
  )
  const panZoom = usePanZoom(root, scene, frame, repaint, click)
  const look = useRef(panZoom)
  look.current = panZoom

  const paintRing = () => {
    const context = sized(over.current, width, height)
    if (context === null || palette === null) return
    drawCurrent(context, { scene, view: panZoom.view(), frame, palette }, described, count, width, height)
  }
  paint.current = () => {
    const context = sized(canvas.current, width, height)
    if (context === null || palette === null) return
    draw(context, { scene, view: panZoom.view(), frame, palette, path }, width, height)
    paintRing()
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: what decides the picture, but for the view, which asks for itself
  useLayoutEffect(() => paint.current(), [scene, frame, palette, path])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ring follows the pointer, the picture under it stays
  useLayoutEffect(paintRing, [described])
  useEffect(() => () => cancelAnimationFrame(wanted.current), [])
  useEffect(() => onPixelRatio(repaint), [repaint])

  const go = (node: number) => {
    onMove(node)
    panZoom.show(node)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const direction = ARROWS[event.key]
    const act = direction !== undefined ? () => onArrow(direction, event.shiftKey) : KEYS[event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  const onArrow = (direction: Direction, pans: boolean) => {
    if (!pans) return go(nodeBeside(scene, current, direction))
    const by = direction === 'left' || direction === 'up' ? PAN : -PAN
    if (direction === 'left' || direction === 'right') panZoom.pan(by, 0)
    else panZoom.pan(0, by)
  }
  const KEYS: Readonly<Record<string, () => void>> = {
    '+': () => panZoom.zoom(ZOOM),
    '=': () => panZoom.zoom(ZOOM),
    '-': () => panZoom.zoom(1 / ZOOM),
    '0': panZoom.fit,
    Home: () => go(path[0] ?? 0),
    End: () => go(path.at(-1) ?? scene.nodes - 1),
    Enter: () => onFollow(current),
  }

  return (
    <div className="graph-picture">
      <div
        className="graph-canvas"
        ref={root}
        role="application"
        aria-label={label}
        aria-describedby={hint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys go through the picture
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerMove={event => {
          if (event.pointerType === 'touch' || event.buttons !== 0) return
          const box = event.currentTarget.getBoundingClientRect()
          const node = nodeUnder(scene, panZoom.view(), event.clientX - box.left, event.clientY - box.top)
          onHover(node < 0 ? null : node)
        }}
        onPointerLeave={() => onHover(null)}
        data-hovering={described !== current || undefined}
      >
        <canvas ref={canvas} />
        <canvas ref={over} />
        {INKS.map(ink => (
          <span key={ink} data-ink={ink} hidden />
        ))}
      </div>
      <fieldset className="graph-zoom" aria-label="Zoom">
        <button type="button" onClick={() => panZoom.zoom(ZOOM)} aria-label="Zoom in">
          <Sign d="M2 7h10M7 2v10" />
        </button>
        <button type="button" onClick={() => panZoom.zoom(1 / ZOOM)} aria-label="Zoom out">
          <Sign d="M2 7h10" />
        </button>
        <button type="button" onClick={panZoom.fit} aria-label="Show all of it">
          <Sign d="M2 5V2h3M9 2h3v3M12 9v3H9M5 12H2V9" />
        </button>
      </fieldset>
      <p className="graph-hint" id={hint}>
        Steps from the start go from left to right. Arrow keys go from one to the next, Enter watches a shortest run to
        it, Home and End lead to the ends of the highlighted run. Drag, or Shift with arrow keys, moves the picture; the
        wheel, + and − zoom; 0 shows all of it.
      </p>
    </div>
  )
}

function Sign({ d }: { readonly d: string }) {
  return (
    <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      <path d={d} />
    </svg>
  )
}

/** The canvas ready to be drawn on in pixels of CSS, as sharp as the screen. */
function sized(canvas: HTMLCanvasElement | null, width: number, height: number): CanvasRenderingContext2D | null {
  const context = canvas?.getContext('2d') ?? null
  if (canvas === null || context === null) return null
  const scale = devicePixelRatio
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
  }
  context.setTransform(scale, 0, 0, scale, 0, 0)
  return context
}

/** Calls back when the window goes to a screen of other pixels, or is zoomed. */
function onPixelRatio(listener: () => void): () => void {
  let query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
  const changed = () => {
    query.removeEventListener('change', changed)
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
    query.addEventListener('change', changed)
    listener()
  }
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}
