import type { SimEvent } from '../../core/machine/event.ts'
import type { FrameView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Mark } from '../shared/Mark.tsx'
import { frameWords } from '../shared/words.ts'
import { Cell } from './Cell.tsx'
import { FramePicture } from './FramePicture.tsx'
import type { FrameGrid } from './frame-grid.ts'

interface Props {
  readonly frames: readonly FrameView[]
  readonly grid: FrameGrid
  readonly events: readonly SimEvent[]
}

/** Physical memory, frame by frame. */
export function Frames({ frames, grid, events }: Props) {
  const hit = hitIn(events)
  return (
    <section data-place="memory">
      <h3 className="panel-title">Physical memory · {frames.length.toLocaleString('en')} frames</h3>
      {grid.kind === 'pixels' ? (
        <FramePicture frames={frames} grid={grid} />
      ) : (
        <Cells label="Physical frames" className={`frames frames-${grid.kind} frames-${grid.columns}`}>
          {frames.map(frame => (
            <FrameCell key={frame.pfn} frame={frame} words={grid.kind === 'words'} hit={hit.has(frame.pfn)} />
          ))}
        </Cells>
      )}
    </section>
  )
}

function FrameCell({ frame, words, hit }: { frame: FrameView; words: boolean; hit: boolean }) {
  return (
    <Cell
      use={frame.damaged || hit ? 'damage' : frame.use}
      className={`frame${hit ? ' frame-hit' : ''}`}
      place={`frame:${frame.pfn}`}
      pfn={frame.pfn}
      label={frameSentence(frame)}
    >
      <span className="frame-top">
        <b className="mono frame-number">{frame.pfn}</b>
        <Mark kind={frame.damaged || hit ? 'damage' : frame.use} />
      </span>
      {words && <span className="frame-word">{frameWord(frame)}</span>}
    </Cell>
  )
}

const frameWord = ({ use, label, owner, bitsSet }: FrameView): string => {
  if (bitsSet !== undefined) return `${bitsSet} set`
  return use === 'free' ? 'free' : label || owner
}

/** `Frame 12: reused by another owner, other; last written by GPU 0, damaged` */
export function frameSentence(frame: FrameView): string {
  const parts = [frameWords[frame.use]]
  if (frame.owner !== '') parts.push(`owner ${frame.owner}`)
  if (frame.label !== '' && frame.label !== frame.owner) parts.push(frame.label)
  if (frame.bitsSet !== undefined) parts.push(`a page walk has set ${frame.bitsSet} in its bytes`)
  if (frame.looksLikePte !== null) parts.push(`its bytes, read as a PTE, name frame ${frame.looksLikePte}`)
  if (frame.lastWriter !== '') parts.push(`last written by ${frame.lastWriter}`)
  if (frame.damaged) parts.push('damaged by a write that was not its owner’s')
  return `Frame ${frame.pfn}: ${parts.join(', ')}`
}

/** Frames that harm was done to in this very step. */
const hitIn = (events: readonly SimEvent[]): ReadonlySet<number> =>
  new Set(
    events.flatMap(e =>
      e.type === 'used-after-free' ||
      e.type === 'walked-after-free' ||
      e.type === 'walk-wrote-after-free' ||
      e.type === 'freed-too-early'
        ? [e.pfn]
        : [],
    ),
  )
