import type { FrameView } from '../../core/view/world.ts'
import { frameWords } from '../shared/words.ts'

interface Props {
  readonly name: string
  readonly frames: readonly FrameView[]
  readonly other: readonly FrameView[]
}

/** Frames drawn at most; further ones are summed up in words. */
const LIMIT = 96

/** Physical memory in small; a frame that stands otherwise on the other side has a dot. */
export function FrameStrip({ name, frames, other }: Props) {
  const before = new Map(other.map(f => [f.pfn, f]))
  const differs = (f: FrameView) => before.get(f.pfn)?.use !== f.use || before.get(f.pfn)?.damaged !== f.damaged
  const different = frames.filter(differs)
  return (
    <figure className="compare-frames">
      <figcaption>
        <b>{name}</b>{' '}
        {different.length === 0
          ? 'memory is the same'
          : different.map(f => `frame ${f.pfn} ${f.damaged ? 'damaged' : frameWords[f.use]}`).join(', ')}
      </figcaption>
      <div className="compare-grid" aria-hidden="true">
        {frames.slice(0, LIMIT).map(f => (
          <span
            key={f.pfn}
            className={`cell use-${f.damaged ? 'damage' : f.use}`}
            data-differs={differs(f)}
            title={`${f.pfn}: ${frameWords[f.use]}`}
          />
        ))}
      </div>
    </figure>
  )
}
