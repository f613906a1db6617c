import { type RefObject, useLayoutEffect, useState } from 'react'

export interface Size {
  readonly width: number
  readonly height: number
  /** Size of the page's text, in pixels: larger for readers who ask for it, and while presenting. */
  readonly rem: number
}

const USUAL_REM = 16

/** Size of an element's content box, kept up to date. `first` is used until it has been measured. */
export function useSize(ref: RefObject<HTMLElement | null>, first: Omit<Size, 'rem'>): Size {
  const [size, setSize] = useState<Size>({ ...first, rem: USUAL_REM })
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return
    const read = () => {
      const width = Math.round(element.clientWidth)
      const height = Math.round(element.clientHeight)
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || USUAL_REM
      const same = (old: Size) => old.width === width && old.height === height && old.rem === rem
      setSize(old => (same(old) ? old : { width, height, rem }))
    }
    read()
    const observer = new ResizeObserver(read)
    observer.observe(element)
    return () => observer.disconnect()
  }, [ref])
  return size
}
