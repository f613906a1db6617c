import { type PointerEvent, useRef } from 'react'

/** Pointer down, or pulled while down, means "go there". With Shift, or with a second finger, it means something else. */
export function useScrub(seek: (x: number) => void, at: number) {
  const fingers = useRef(new Set<number>())
  const to = (event: PointerEvent<Element>) => seek(event.clientX - event.currentTarget.getBoundingClientRect().left)
  const lift = (event: PointerEvent<Element>) => void fingers.current.delete(event.pointerId)
  return {
    'data-at': at,
    onPointerDown: (event: PointerEvent<Element>) => {
      fingers.current.add(event.pointerId)
      if (event.button !== 0 || event.shiftKey || fingers.current.size > 1) return
      event.currentTarget.setPointerCapture(event.pointerId)
      to(event)
    },
    onPointerMove: (event: PointerEvent<Element>) => {
      if (fingers.current.size === 1 && event.currentTarget.hasPointerCapture(event.pointerId)) to(event)
    },
    onPointerUp: lift,
    onPointerCancel: lift,
  }
}
