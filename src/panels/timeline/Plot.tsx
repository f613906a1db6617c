import { memo } from 'react'
import type { StepView } from '../../core/view/world.ts'
import type { MarkBox, TimelineLayout } from './timeline-layout.ts'

interface Props {
  readonly layout: TimelineLayout
  readonly at: number
  readonly width: number
  readonly height: number
  readonly top: number
}

/** The picture inside the slider. Its twin in words is the transcript. */
export function Plot({ layout, at, width, height, top }: Props) {
  return (
    <svg width={width} height={height} aria-hidden="true">
      <defs>
        <pattern id="exposed-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="8" height="8" className="exposed-ground" />
          <line y2="8" className="exposed-line" />
        </pattern>
      </defs>
      {layout.exposures.map(stretch => (
        <rect
          key={stretch.x1}
          x={stretch.x1}
          y={top - 2}
          width={Math.max(2, stretch.x2 - stretch.x1)}
          height={height - top + 2}
          className="exposed"
          fill="url(#exposed-hatch)"
        />
      ))}
      {layout.lanes.map(y => (
        <line key={`lane ${y}`} x1="0" x2={width} y1={y} y2={y} className="lane-line" />
      ))}
      {layout.brackets.map(b => (
        <g key={`${b.phase} ${b.x1}`} className={b.amber ? 'bracket bracket-amber' : 'bracket'}>
          <path d={`M${b.x1},${top - 3}v-5H${b.x2}v5`} />
          <text x={b.x1} y={top - 12}>
            {b.title}
          </text>
        </g>
      ))}
      {layout.exposures.map(stretch =>
        stretch.x2 - stretch.x1 > 210 ? (
          <text key={stretch.x1} x={stretch.x1 + 8} y={height - 3} className="exposed-words">
            unmapped, still reachable by the device
          </text>
        ) : null,
      )}
      {layout.ticks.map(({ tone, d }) => (
        <path key={tone} d={d} className={`dot tone-${tone}`} />
      ))}
      {layout.marks.map(mark => (
        <Dot
          key={mark.step.number}
          x={mark.x}
          y={mark.y}
          tone={mark.step.tone}
          label={mark.label}
          before={mark.before}
          now={mark.step.number === at}
          ahead={mark.step.number > at}
        />
      ))}
      <g className="playhead-place">
        <line x1={layout.playhead} x2={layout.playhead} y1={top - 6} y2={height} className="playhead" />
        <path d={`M${layout.playhead - 6},${top - 12}h12l-6,8z`} className="playhead-grip" />
      </g>
    </svg>
  )
}

interface DotProps extends Pick<MarkBox, 'x' | 'y' | 'label' | 'before'> {
  readonly tone: StepView['tone']
  readonly now: boolean
  readonly ahead: boolean
}

/** A step. Most of them are as they were when another step is shown. */
const Dot = memo(function Dot({ x, y, tone, label, before, now, ahead }: DotProps) {
  return (
    <g
      className={`dot tone-${tone}${now ? ' dot-now' : ''}${ahead ? ' dot-ahead' : ''}`}
      transform={`translate(${x},${y})`}
    >
      {now && <circle r="10" className="dot-halo" />}
      {shapeOf(tone)}
      {label !== null && (
        <text x={(before ? -1 : 1) * (now ? 12 : 7)} y="-5" textAnchor={before ? 'end' : 'start'}>
          {label}
        </text>
      )}
    </g>
  )
})

/** Damage, freeing and clearing are told by shape as well as colour. */
function shapeOf(tone: StepView['tone']) {
  switch (tone) {
    case 'damage':
      return <path d="m-6,-6 12,12M6,-6 -6,6" className="dot-cross" />
    case 'freed':
      return <rect x="-4.5" y="-4.5" width="9" height="9" />
    case 'unmapped':
      return <circle r="4.2" className="dot-ring" />
    case 'invalidated':
      return <path d="M0,-6.4 6.4,0 0,6.4 -6.4,0z" />
    case 'table':
      return <path d="M0,-6 6,5H-6z" />
    default:
      return <circle r="5" />
  }
}
