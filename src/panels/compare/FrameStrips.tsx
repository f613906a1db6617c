import type { FrameView } from '../../core/view/world.ts'
import { frameWords } from '../shared/words.ts'

interface Props {
  readonly here: { readonly name: string; readonly frames: readonly FrameView[] }
  readonly there: { readonly name: string; readonly frames: readonly FrameView[] }
}

/** Frames drawn at most; further ones are summed up in words. */
const LIMIT = 96

/** Physical memory on both sides, frame above frame; where they are not alike, that is said. */
export function FrameStrips({ here, there }: Props) {
  return (
    <div className="compare-frames">
      <FrameStrip name={here.name} frames={here.frames} other={there.frames} />
      <FrameStrip name={there.name} frames={there.frames} other={here.frames} />
    </div>
  )
}

interface StripProps {
  readonly name: string
  readonly frames: readonly FrameView[]
  readonly other: readonly FrameView[]
}

function FrameStrip({ name, frames, other }: StripProps) {
  const beside = new Map(other.map(f => [f.pfn, f]))
  const differs = (f: FrameView) => beside.get(f.pfn)?.use !== f.use || beside.get(f.pfn)?.damaged !== f.damaged
  const different = frames.filter(differs)
  return (
    <figure className="compare-frame-strip">
      <figcaption>
        <b>{name}</b>{' '}
        {different.length === 0 ? 'memory is the same' : different.map(f => `frame ${f.pfn} ${stateOf(f)}`).join(', ')}
      </figcaption>
      <div className="compare-grid" aria-hidden="true">
        {frames.slice(0, LIMIT).map(f => (
          <span
            key={f.pfn}
            className={`cell use-${f.damaged ? 'damage' : f.use}`}
            data-differs={differs(f)}
            title={`${f.pfn}: ${stateOf(f)}`}
          >
            <span className="compare-pfn">{f.pfn}</span>
            <span className="compare-use">{f.damaged ? 'damage' : f.use === 'free' ? 'free' : f.label}</span>
          </span>
        ))}
      </div>
    </figure>
  )
}

const stateOf = (f: FrameView): string => (f.damaged ? 'damaged' : frameWords[f.use])
