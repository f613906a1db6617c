import { type D3ZoomEvent, scaleLinear, select, type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from 'd3'
import { type RefObject, useEffect, useRef } from 'react'
import { closestZoom, EDGE, type Span, wholeRun } from './window.ts'

interface Options {
  readonly width: number
  readonly length: number
  /** What is shown now, whoever chose it: the next gesture goes on from there. */
  readonly span: Span
  onSpan(span: Span): void
}

/**
 * D3 owns the gesture: wheel, pinch and Shift+drag on `target`. React owns what is drawn. The span of steps is all that
 * crosses over, and `onSpan` is the only way across. The answer zooms by a factor, for buttons and keys.
 */
export function useZoom(target: RefObject<HTMLElement | null>, options: Options): (factor: number) => void {
  const latest = useRef(options)
  const behaviour = useRef<ZoomBehavior<HTMLElement, unknown> | null>(null)
  const { width, length } = options
  const { first, last } = options.span

  useEffect(() => {
    latest.current = options
  })

  useEffect(() => {
    const element = target.current
    if (element === null) return
    const own = zoom<HTMLElement, unknown>()
      .filter(isOurs)
      .on('zoom', (event: D3ZoomEvent<HTMLElement, unknown>) => {
        // Without a source it is us, telling D3 where the picture stands.
        if (event.sourceEvent !== null) latest.current.onSpan(spanOf(event.transform, latest.current))
      })
    behaviour.current = own
    const selection = select(element)
    selection.call(own).on('dblclick.zoom', null)
    selection.on('wheel.pan', (event: WheelEvent) => {
      if (!isSideways(event)) return
      event.preventDefault()
      own.translateBy(selection, -(event.deltaX || event.deltaY) / currentTransform(latest.current).k, 0)
      latest.current.onSpan(spanOf(transformOf(element), latest.current))
    })
    return () => {
      selection.on('.zoom', null).on('.pan', null)
      behaviour.current = null
    }
  }, [target])

  useEffect(() => {
    const element = target.current
    const own = behaviour.current
    if (element === null || own === null) return
    const inner: [[number, number], [number, number]] = [
      [EDGE, 0],
      [Math.max(EDGE + 1, width - EDGE), 1],
    ]
    own
      .scaleExtent([1, closestZoom(length, width)])
      .extent(inner)
      .translateExtent(inner)
    own.transform(select(element), currentTransform({ width, length, span: { first, last } }))
  }, [target, width, length, first, last])

  return factor => {
    const element = target.current
    if (element === null || behaviour.current === null) return
    behaviour.current.scaleBy(select(element), factor)
    latest.current.onSpan(spanOf(transformOf(element), latest.current))
  }
}

type Placed = Pick<Options, 'width' | 'length' | 'span'>

/** The whole run over the width: what D3's transform is relative to. */
const baseScale = ({ width, length }: Placed) => {
  const whole = wholeRun(length, width)
  return scaleLinear([whole.first, whole.last], [EDGE, Math.max(EDGE + 1, width - EDGE)])
}

function spanOf(transform: ZoomTransform, placed: Placed): Span {
  const [first = 0, last = 1] = transform.rescaleX(baseScale(placed)).domain()
  return { first, last }
}

function currentTransform(placed: Placed): ZoomTransform {
  const base = baseScale(placed)
  const { first, last } = placed.span
  const k = (base.domain()[1] ?? 1) / Math.max(1e-6, last - first)
  return zoomIdentity.translate(EDGE - k * base(first), 0).scale(k)
}

const transformOf = (element: HTMLElement & { __zoom?: ZoomTransform }): ZoomTransform => element.__zoom ?? zoomIdentity

/**
 * Gestures that zoom or pan. A plain drag pulls the playhead; the wheel scrolls the page where the page scrolls, unless
 * Ctrl says otherwise, which is also what a trackpad's pinch sends.
 */
function isOurs(event: Event): boolean {
  if (event instanceof WheelEvent) return !isSideways(event) && (event.ctrlKey || !pageScrolls())
  if (typeof TouchEvent !== 'undefined' && event instanceof TouchEvent) return event.touches.length > 1
  return event instanceof MouseEvent && (event.button === 1 || (event.button === 0 && event.shiftKey))
}

const isSideways = (event: WheelEvent): boolean => event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)

const pageScrolls = (): boolean => document.documentElement.scrollHeight > document.documentElement.clientHeight + 1
