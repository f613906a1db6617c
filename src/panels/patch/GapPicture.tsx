import { useId, useRef } from 'react'
import type { Gap } from '../../core/studies/patch/gap.ts'
import { useSize } from '../shared/use-size.ts'
import { type Box, type GapLayout, layOutGap, type Segment, type StageBox, wrap } from './gap-layout.ts'
import { gapSentence, stageNote, tellingOf } from './words.ts'

/** Phase by phase: what becomes of one frame, and whether the IOMMU can get at it in any run. To be read across a hall. */
export function GapPicture({ gap }: { readonly gap: Gap }) {
  const frame = useRef<HTMLDivElement>(null)
  const { width } = useSize(frame, { width: 1200, height: 0 })
  const hatch = useId()
  const layout = layOutGap(gap, Math.max(280, width))
  return (
    <div className="gap-picture" ref={frame}>
      <svg width={layout.width} height={layout.height} role="img" aria-label={gapSentence(gap)}>
        <Patterns id={hatch} />
        {layout.gap !== null && <Area box={layout.gap} className="gap-band" fill={`url(#${hatch}-amber)`} />}
        {layout.names.map(n => (
          <text key={n.text} x={n.x} y={n.y} className="gap-name" fontSize={layout.font}>
            {n.text}
          </text>
        ))}
        {layout.pair !== null && <Pair box={layout.pair} layout={layout} />}
        {layout.stages.map(s => (
          <Stage key={s.stage.phase.id} stage={s} font={layout.font} hatch={hatch} />
        ))}
        {[...layout.lives, ...layout.reach].map(s => (
          <Stretch key={s.key} segment={s} font={layout.font} hatch={hatch} />
        ))}
      </svg>
    </div>
  )
}

function Patterns({ id }: { readonly id: string }) {
  return (
    <defs>
      {(['amber', 'free', 'harm'] as const).map(kind => (
        <pattern
          key={kind}
          id={`${id}-${kind}`}
          width="9"
          height="9"
          patternUnits="userSpaceOnUse"
          patternTransform={kind === 'free' ? 'rotate(45)' : 'rotate(-45)'}
        >
          <rect width="9" height="9" className={`hatch-ground hatch-${kind}`} />
          <path d="M0 0h9" className={`hatch-line hatch-${kind}`} />
        </pattern>
      ))}
    </defs>
  )
}

interface AreaProps {
  readonly box: Box
  readonly className: string
  readonly fill?: string | undefined
}

function Area({ box, className, fill }: AreaProps) {
  return <rect {...box} rx="5" className={className} style={fill === undefined ? undefined : { fill }} />
}

/** The bracket over all phases in which the pair is open. */
function Pair({ box, layout }: { readonly box: Box; readonly layout: GapLayout }) {
  const { x, y, width, height } = box
  const path = layout.down
    ? `M${x + width} ${y}h${-width + 3}v${height}h${width - 3}`
    : `M${x} ${y + height}v${-height + 8}h${width}v${height - 8}`
  return (
    <g className="gap-pair">
      <path d={path} />
      {!layout.down && (
        <text x={x + width / 2} y={y + height - 1} fontSize={layout.font}>
          start … end open
        </text>
      )}
    </g>
  )
}

function Stage({ stage, font, hatch }: { readonly stage: StageBox; readonly font: number; readonly hatch: string }) {
  const { box, lines, amber } = stage
  const { phase } = stage.stage
  const told = tellingOf(stage.stage) === 'in-time'
  const note = stageNote(stage.stage)
  const rows = [...lines, ...(note === '' ? [] : (wrap(note, Math.floor((box.width - 8) / (font * 0.58))) ?? [note]))]
  const line = font * 1.22
  const top = box.y + box.height / 2 - ((rows.length - 1) * line) / 2 + font * 0.35
  return (
    <g className={`gap-stage gap-${phase.kind}${told ? ' is-told' : ''}`}>
      <Area box={box} className="gap-stage-box" fill={amber && !told ? `url(#${hatch}-amber)` : undefined} />
      <text textAnchor="middle" fontSize={font}>
        {rows.map((text, i) => (
          <tspan
            key={text}
            x={box.x + box.width / 2}
            y={top + i * line}
            className={i < lines.length ? 'gap-fn' : 'gap-note'}
          >
            {text}
          </tspan>
        ))}
      </text>
    </g>
  )
}

const FILLS: Partial<Record<Segment['standing'], string>> = {
  unmapped: 'amber',
  still: 'amber',
  freed: 'free',
  harm: 'harm',
}

function Stretch({
  segment,
  font,
  hatch,
}: {
  readonly segment: Segment
  readonly font: number
  readonly hatch: string
}) {
  const { box, lines, standing } = segment
  const pattern = FILLS[standing]
  const line = font * 1.2
  const top = box.y + box.height / 2 - ((lines.length - 1) * line) / 2 + font * 0.35
  return (
    <g className={`gap-stretch is-${standing}`}>
      <Area
        box={box}
        className="gap-stretch-box"
        fill={pattern === undefined ? undefined : `url(#${hatch}-${pattern})`}
      />
      <text textAnchor="middle" fontSize={font}>
        {lines.map((text, i) => (
          <tspan key={text} x={box.x + box.width / 2} y={top + i * line}>
            {text}
          </tspan>
        ))}
      </text>
    </g>
  )
}
