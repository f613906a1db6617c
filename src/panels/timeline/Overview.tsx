import { scaleLinear } from 'd3'
import { useMemo } from 'react'
import type { StepView } from '../../core/view/world.ts'
import { clamp } from '../shared/clamp.ts'
import { overviewOf } from './overview.ts'
import { useScrub } from './use-scrub.ts'
import type { Span } from './window.ts'

interface Props {
  readonly film: readonly StepView[]
  readonly length: number
  readonly at: number
  readonly width: number
  /** The part that is shown above. */
  readonly span: Span
  onSeek(at: number): void
}

const HEIGHT = 14

/** The whole run in one strip, and which part of it is shown above. For the pointer: the slider does the same by key. */
export function Overview({ film, length, at, width, span, onSeek }: Props) {
  const picture = useMemo(() => overviewOf(film, length, width, HEIGHT), [film, length, width])
  const x = scaleLinear([0, Math.max(1, length)], [0, width])
  const scrub = useScrub(to => onSeek(clamp(Math.round(x.invert(to)), 0, length)), at)
  return (
    <svg className="overview" width={width} height={HEIGHT} aria-hidden="true" {...scrub}>
      <rect width={width} height={HEIGHT} className="overview-ground" />
      <path d={picture.exposed} className="overview-exposed" />
      <path d={picture.damage} className="overview-damage" />
      <rect
        x={x(span.first)}
        y="0.5"
        width={Math.max(6, x(span.last) - x(span.first))}
        height={HEIGHT - 1}
        className="overview-window"
      />
      <line x1={x(at)} x2={x(at)} y1="0" y2={HEIGHT} className="playhead" />
    </svg>
  )
}
