import type { Bounds, Scene } from './scene.ts'

/** What part of a scene is seen, in pixels: x of a node is `x * across + left`, y is `y * down + top`. */
export interface View {
  readonly across: number
  readonly down: number
  readonly left: number
  readonly top: number
}

/** The picture's place on the canvas, in pixels; titles stand left of it, steps below. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const MARGIN = 18
/** Largest node there is, in pixels from its middle to its rim. */
const LARGEST = 15
const SMALLEST = 1.7
/** Pixels between two lanes when nothing larger can be seen. */
const CLOSEST = 48

export const xOf = (view: View, x: number): number => x * view.across + view.left
export const yOf = (view: View, y: number): number => y * view.down + view.top

/** All of it, as large as it goes. */
export function fitted({ left, right, top, bottom }: Bounds, frame: Frame): View {
  const across = (frame.width - 2 * MARGIN) / Math.max(1, right - left)
  const down = Math.min(CLOSEST, (frame.height - 2 * MARGIN) / Math.max(1, bottom - top))
  return {
    across,
    down,
    left: frame.left + (frame.width - across * (right - left)) / 2 - across * left,
    top: frame.top + (frame.height - down * (bottom - top)) / 2 - down * top,
  }
}

/** Larger or smaller around a point of the canvas, between all of it and a close look. */
export function zoomed(view: View, by: number, x: number, y: number, scene: Scene, frame: Frame): View {
  const whole = fitted(scene.bounds, frame)
  const closest = Math.max(CLOSEST / whole.down, CLOSEST / whole.across, 1)
  const now = view.down / whole.down
  const factor = Math.min(closest, Math.max(1, now * by)) / now
  const next = {
    across: view.across * factor,
    down: view.down * factor,
    left: x - (x - view.left) * factor,
    top: y - (y - view.top) * factor,
  }
  return within(next, scene.bounds, frame)
}

export const panned = (view: View, x: number, y: number, scene: Scene, frame: Frame): View =>
  within({ ...view, left: view.left + x, top: view.top + y }, scene.bounds, frame)

/** Moves the view as little as it takes to see a node with some of what is around it. */
export function showing(view: View, node: number, scene: Scene, frame: Frame): View {
  const room = Math.min(60, frame.width / 4, frame.height / 4)
  const x = xOf(view, scene.x[node] as number)
  const y = yOf(view, scene.y[node] as number)
  const short = (at: number, from: number, to: number) => (at < from ? from - at : at > to ? to - at : 0)
  return panned(
    view,
    short(x, frame.left + room, frame.left + frame.width - room),
    short(y, frame.top + room, frame.top + frame.height - room),
    scene,
    frame,
  )
}

/** Nobody can lose the picture: what is larger than the frame covers it, what is smaller stands in its middle. */
function within(view: View, bounds: Bounds, frame: Frame): View {
  const whole = fitted(bounds, frame)
  const held = (at: number, scale: number, low: number, high: number, from: number, size: number, middle: number) => {
    const first = from + MARGIN - scale * low
    const last = from + size - MARGIN - scale * high
    return last > first ? middle : Math.min(first, Math.max(last, at))
  }
  const { left, right, top, bottom } = bounds
  return {
    ...view,
    left: held(view.left, view.across, left, right, frame.left, frame.width, whole.left),
    top: held(
      view.top,
      view.down,
      top,
      bottom,
      frame.top,
      frame.height,
      frame.top + (frame.height - view.down * (bottom - top)) / 2 - view.down * top,
    ),
  }
}

/** Half the width of a node in pixels: by its share of states, and never more than its place has room for. */
export function radiusOf(view: View, scene: Scene, node: number): number {
  const { across, down } = view
  if (scene.area === null) return Math.max(SMALLEST, Math.min(7, 0.46 * Math.min(across, down)))
  const largest = Math.min(LARGEST, 0.6 * Math.max(down, 8), 0.8 * Math.max(across, 8))
  return Math.max(SMALLEST + 0.6, largest * Math.sqrt(scene.area[node] as number))
}
