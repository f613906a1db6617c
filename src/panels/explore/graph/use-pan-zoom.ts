import { type RefObject, useCallback, useEffect, useRef } from 'react'
import type { Scene } from './scene.ts'
import { type Frame, fitted, panned, showing, type View, zoomed } from './view.ts'

interface PanZoom {
  readonly view: () => View
  readonly zoom: (by: number) => void
  readonly pan: (x: number, y: number) => void
  readonly fit: () => void
  readonly show: (node: number) => void
}

/** A pointer that moved less than this has clicked, in pixels. */
const CLICK = 4
/** The wheel turns by 100 a notch, most often. */
const NOTCH = 0.0022

/**
 * What part of a scene is seen, and the pointer that changes it: drag, pinch, wheel. It changes many times between two frames and
 * is nothing that React should know: `onChange` draws.
 *
 * A page that scrolls under a still pointer goes on scrolling: the wheel zooms when the pointer has moved over the picture.
 */
export function usePanZoom(
  ref: RefObject<HTMLElement | null>,
  scene: Scene,
  frame: Frame,
  onChange: () => void,
  onClick: (x: number, y: number, touch: boolean) => void,
): PanZoom {
  const seen = useRef<{ readonly scene: Scene; readonly frame: Frame; view: View } | null>(null)
  const view = useCallback(() => {
    if (seen.current?.scene !== scene || !sameFrame(seen.current.frame, frame))
      seen.current = { scene, frame, view: fitted(scene.bounds, frame) }
    return seen.current.view
  }, [scene, frame])
  const set = useCallback(
    (next: View) => {
      view()
      if (seen.current !== null) seen.current.view = next
      onChange()
    },
    [view, onChange],
  )

  useEffect(() => {
    const element = ref.current
    if (element === null) return
    const pointers = new Map<number, { readonly x: number; readonly y: number }>()
    let travelled = 0
    let armed = false
    const at = (event: PointerEvent | WheelEvent) => {
      const box = element.getBoundingClientRect()
      return { x: event.clientX - box.left, y: event.clientY - box.top }
    }
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return
      pointers.set(event.pointerId, at(event))
      if (pointers.size === 1) travelled = 0
      element.setPointerCapture(event.pointerId)
    }
    const onMove = (event: PointerEvent) => {
      if (event.movementX !== 0 || event.movementY !== 0) armed = true
      const before = pointers.get(event.pointerId)
      if (before === undefined) return
      const now = at(event)
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
      travelled += Math.hypot(now.x - before.x, now.y - before.y)
      pointers.set(event.pointerId, now)
      if (travelled < CLICK) return
      if (other === undefined) set(panned(view(), now.x - before.x, now.y - before.y, scene, frame))
      else {
        const distance = (p: { x: number; y: number }) => Math.max(10, Math.hypot(p.x - other.x, p.y - other.y))
        const by = distance(now) / distance(before)
        set(zoomed(view(), by, (now.x + other.x) / 2, (now.y + other.y) / 2, scene, frame))
      }
    }
    const onUp = (event: PointerEvent) => {
      const down = pointers.get(event.pointerId)
      pointers.delete(event.pointerId)
      if (down === undefined || pointers.size > 0 || travelled >= CLICK || event.type !== 'pointerup') return
      onClick(down.x, down.y, event.pointerType === 'touch')
    }
    const onLeave = () => {
      armed = false
    }
    const onWheel = (event: WheelEvent) => {
      if (!armed && !event.ctrlKey && document.activeElement !== element) return
      event.preventDefault()
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1
      const { x, y } = at(event)
      set(zoomed(view(), Math.exp(-event.deltaY * lines * NOTCH), x, y, scene, frame))
    }
    element.addEventListener('pointerdown', onDown)
    element.addEventListener('pointermove', onMove)
    element.addEventListener('pointerup', onUp)
    element.addEventListener('pointercancel', onUp)
    element.addEventListener('pointerleave', onLeave)
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('pointerdown', onDown)
      element.removeEventListener('pointermove', onMove)
      element.removeEventListener('pointerup', onUp)
      element.removeEventListener('pointercancel', onUp)
      element.removeEventListener('pointerleave', onLeave)
      element.removeEventListener('wheel', onWheel)
    }
  }, [ref, scene, frame, view, set, onClick])

  const middle = { x: frame.left + frame.width / 2, y: frame.top + frame.height / 2 }
  return {
    view,
    zoom: by => set(zoomed(view(), by, middle.x, middle.y, scene, frame)),
    pan: (x, y) => set(panned(view(), x, y, scene, frame)),
    fit: () => set(fitted(scene.bounds, frame)),
    show: node => set(showing(view(), node, scene, frame)),
  }
}

const sameFrame = (a: Frame, b: Frame): boolean =>
  a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height
