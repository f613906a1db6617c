import { type MouseEvent, use, useEffect, useRef } from 'react'
import type { FrameUse, FrameView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Mark } from '../shared/Mark.tsx'
import { frameWords } from '../shared/words.ts'
import { Cell } from './Cell.tsx'
import { countUses, type FrameGrid, frameUnder, pixelOf } from './frame-grid.ts'
import { PickingContext } from './picking.ts'

type Grid = Extract<FrameGrid, { kind: 'pixels' }>

interface Props {
  readonly frames: readonly FrameView[]
  readonly grid: Grid
}

const NOTABLE: readonly FrameUse[] = ['reused', 'unmapped', 'table']

/** Thousands of frames: painted, counted in words, and the ones worth a look as buttons. */
export function FramePicture({ frames, grid }: Props) {
  const ref = useRef<HTMLCanvasElement>(null)
  const { selected, onSelect } = use(PickingContext)
  const chosen = selected?.kind === 'frame' ? frames.findIndex(f => f.pfn === selected.pfn) : -1
  useEffect(() => {
    if (ref.current !== null) paint(ref.current, frames, grid, chosen)
  }, [frames, grid, chosen])

  const pick = (event: MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const frame = frames[frameUnder(grid, event.clientX - box.left, event.clientY - box.top)]
    if (frame !== undefined) onSelect({ kind: 'frame', pfn: frame.pfn })
  }
  const counts = countUses(frames)
  const notable = frames.filter(f => f.damaged || NOTABLE.includes(f.use)).slice(0, 10)
  return (
    <div className="frame-picture">
      <canvas
        ref={ref}
        role="img"
        aria-label={`${frames.length} frames: ${counts.map(c => `${c.count} ${frameWords[c.use]}`).join('; ')}`}
        onClick={pick}
      />
      <p className="frame-counts">
        {counts.map(c => (
          <span key={c.use}>
            <Mark kind={c.use} /> {c.count.toLocaleString('en')} {frameWords[c.use]}
          </span>
        ))}
      </p>
      <Cells label="Frames worth a look" className="frame-notable">
        {notable.map(f => (
          <Cell
            key={f.pfn}
            use={f.damaged ? 'damage' : f.use}
            className="gather-item"
            place={`frame:${f.pfn}`}
            pfn={f.pfn}
            label={`Frame ${f.pfn}: ${frameWords[f.use]} ${f.owner}`}
          >
            <b className="mono">{f.pfn}</b>
            <span>{f.label || f.owner}</span>
          </Cell>
        ))}
      </Cells>
    </div>
  )
}

function paint(canvas: HTMLCanvasElement, frames: readonly FrameView[], grid: Grid, chosen: number): void {
  const sharp = window.devicePixelRatio || 1
  const width = grid.columns * grid.cell
  const height = grid.rows * grid.cell
  canvas.width = Math.round(width * sharp)
  canvas.height = Math.round(height * sharp)
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const pen = canvas.getContext('2d')
  if (pen === null) return
  pen.scale(sharp, sharp)
  const theme = getComputedStyle(canvas)
  const size = grid.cell - (grid.cell > 4 ? 1 : 0.5)
  // One colour at a time: changing the pen's colour is the dear part.
  for (const { use } of countUses(frames)) {
    const token = use === 'reused' ? 'damage' : use
    pen.fillStyle = theme.getPropertyValue(`--${token}-${use === 'free' ? 'hatch' : 'line'}`)
    frames.forEach((frame, i) => {
      if (frame.use !== use) return
      const { x, y } = pixelOf(grid, i)
      pen.fillRect(x, y, size, size)
    })
  }
  if (chosen < 0) return
  const { x, y } = pixelOf(grid, chosen)
  pen.strokeStyle = theme.getPropertyValue('--ink')
  pen.lineWidth = 2
  pen.strokeRect(x - 1, y - 1, grid.cell + 1, grid.cell + 1)
}
