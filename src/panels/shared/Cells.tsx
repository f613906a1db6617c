import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef } from 'react'

interface Props {
  readonly label: string
  readonly className?: string
  readonly children: ReactNode
  /** Name by which motions find the group. */
  readonly place?: string
}

/**
 * A group of cells with one tab stop: arrow keys move among its buttons, so that thirty frames do not stand between a
 * keyboard and the next panel. The browser's focus is the state; React does not hold a copy.
 */
export function Cells({ label, className, children, place }: Props) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => keepOneTabStop(ref))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls; these are cells of a picture
    <div
      ref={ref}
      role="group"
      aria-label={label}
      className={className}
      data-place={place}
      onKeyDown={event => moveFocus(event, ref)}
      onFocus={event => makeTabStop(event.target, ref)}
    >
      {children}
    </div>
  )
}

const cellsIn = (ref: RefObject<HTMLElement | null>): HTMLElement[] => [
  ...(ref.current?.querySelectorAll<HTMLElement>('button.cell') ?? []),
]

function keepOneTabStop(ref: RefObject<HTMLElement | null>): void {
  const cells = cellsIn(ref)
  const stop = cells.find(c => c.tabIndex === 0) ?? cells[0]
  for (const c of cells) c.tabIndex = c === stop ? 0 : -1
}

function makeTabStop(target: EventTarget, ref: RefObject<HTMLElement | null>): void {
  const cells = cellsIn(ref)
  if (cells.every(c => c !== target)) return
  for (const c of cells) c.tabIndex = c === target ? 0 : -1
}

function moveFocus(event: KeyboardEvent, ref: RefObject<HTMLElement | null>): void {
  const cells = cellsIn(ref)
  const here = cells.indexOf(event.target as HTMLElement)
  if (here < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  const next = cells[nextCell(event.key, here, cells)]
  if (next === undefined) return
  // The page has its own meaning for the arrows: step. Inside a group they belong to the group.
  event.preventDefault()
  event.stopPropagation()
  next.focus()
}

function nextCell(key: string, here: number, cells: readonly HTMLElement[]): number {
  switch (key) {
    case 'ArrowRight':
      return Math.min(here + 1, cells.length - 1)
    case 'ArrowLeft':
      return Math.max(here - 1, 0)
    case 'ArrowDown':
      return below(here, cells, 1)
    case 'ArrowUp':
      return below(here, cells, -1)
    case 'Home':
      return 0
    case 'End':
      return cells.length - 1
    default:
      return -1
  }
}

/** The next cell in this column of the picture, or the one we are on. */
function below(here: number, cells: readonly HTMLElement[], way: 1 | -1): number {
  const box = cells[here]?.getBoundingClientRect()
  if (box === undefined) return here
  const mid = box.left + box.width / 2
  for (let i = here + way; i >= 0 && i < cells.length; i += way) {
    const other = cells[i]?.getBoundingClientRect()
    if (other && other.left <= mid && other.right >= mid && Math.abs(other.top - box.top) > 2) return i
  }
  return here
}
