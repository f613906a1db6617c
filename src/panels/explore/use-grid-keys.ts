import { type FocusEvent, type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react'

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

interface GridKeys<E extends HTMLElement> {
  readonly ref: RefObject<E | null>
  /** `row,column` of the one cell that Tab reaches. */
  readonly active: string | null
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly onFocus: (event: FocusEvent) => void
}

/**
 * One Tab stop for a whole table, arrow keys inside it. Cells that can be reached carry `data-at="row,column"`; those that
 * cannot are stepped over. Where none has been reached yet, it is the first.
 */
export function useGridKeys<E extends HTMLElement>(): GridKeys<E> {
  const ref = useRef<E>(null)
  const [active, setActive] = useState<string | null>(null)

  // Cells become reachable as answers come in.
  useLayoutEffect(() => {
    const cells = ref.current?.querySelectorAll<HTMLElement>('[data-at]')
    const there = active !== null && ref.current?.querySelector(`[data-at="${active}"]`)
    if (!there) setActive(cells?.[0]?.dataset.at ?? null)
  })

  return {
    ref,
    active,
    onFocus: event => {
      const at = (event.target as HTMLElement).dataset.at
      if (at !== undefined) setActive(at)
    },
    onKeyDown: event => {
      const step = STEPS[event.key]
      const at = (event.target as HTMLElement).dataset.at
      if (step === undefined || at === undefined || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      next(ref.current, at, step)?.focus()
    },
  }
}

/** The nearest reachable cell in that direction. */
function next(
  table: HTMLElement | null,
  at: string,
  [down, right]: readonly [number, number],
): HTMLElement | undefined {
  const [row = 0, column = 0] = at.split(',').map(Number)
  const ahead = [...(table?.querySelectorAll<HTMLElement>('[data-at]') ?? [])]
    .map(cell => {
      const [r = 0, c = 0] = (cell.dataset.at ?? '').split(',').map(Number)
      return { cell, r, c, distance: (r - row) * down + (c - column) * right }
    })
    .filter(({ r, c, distance }) => distance > 0 && (down !== 0 ? c === column : r === row))
  return ahead.sort((a, b) => a.distance - b.distance)[0]?.cell
}
