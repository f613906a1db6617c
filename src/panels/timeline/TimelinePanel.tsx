import { type KeyboardEvent, type PointerEvent, useMemo, useRef } from 'react'
import type { PhaseView, StepView } from '../../core/view/world.ts'
import '../shared/shared.css'
import { useSize } from '../shared/use-size.ts'
import { overviewOf } from './overview.ts'
import { Plot } from './Plot.tsx'
import './timeline.css'
import { LANE, layOutTimeline, stepAt } from './timeline-layout.ts'

export interface TimelineProps {
  /** Names of the lanes, top to bottom. */
  readonly lanes: readonly string[]
  /** All steps of the run, the first at index 0. */
  readonly film: readonly StepView[]
  readonly at: number
  readonly length: number
  /** The ribbon's phases: the brackets on top. */
  readonly phases: readonly PhaseView[]
  onSeek(at: number): void
}

const TOP = 24
const OVERVIEW = 14

/** Who did what when, a lane per actor. The whole plot is one slider: pull it, or use the arrows. */
export function TimelinePanel({ lanes, film, at, length, phases, onSeek }: TimelineProps) {
  const plot = useRef<HTMLDivElement>(null)
  const { width } = useSize(plot, { width: 1200, height: 0 })
  const layout = useMemo(
    () => layOutTimeline({ film, lanes, phases, at, length, width }),
    [film, lanes, phases, at, length, width],
  )
  const whole = layout.first === 0 && layout.last >= length
  const height = TOP + lanes.length * LANE
  const scrub = useScrub(x => onSeek(stepAt(layout, x, length)), at)
  return (
    <section className="timeline" aria-label="Timeline">
      <ul className="lanes" style={{ paddingTop: TOP }} aria-label="Lanes">
        {lanes.map(name => (
          <li key={name}>{name}</li>
        ))}
      </ul>
      <div className="plot" ref={plot}>
        <div
          className="plot-slider"
          role="slider"
          tabIndex={0}
          aria-label="Step"
          aria-valuemin={0}
          aria-valuemax={length}
          aria-valuenow={at}
          aria-valuetext={valueText(film, at, length)}
          onKeyDown={event => seekByKey(event, at, length, onSeek)}
          {...scrub}
        >
          <Plot layout={layout} lanes={lanes.length} at={at} width={width} height={height} top={TOP} />
        </div>
        {!whole && <OverviewBar {...{ film, length, at, width, onSeek, first: layout.first, last: layout.last }} />}
      </div>
    </section>
  )
}

interface OverviewProps {
  readonly film: readonly StepView[]
  readonly length: number
  readonly at: number
  readonly width: number
  readonly first: number
  readonly last: number
  onSeek(at: number): void
}

/** The whole run in one strip, and which part of it is shown above. For the pointer: the slider does the same by key. */
function OverviewBar({ film, length, at, width, first, last, onSeek }: OverviewProps) {
  const picture = useMemo(() => overviewOf(film, length, width, OVERVIEW), [film, length, width])
  const scale = width / Math.max(1, length)
  const scrub = useScrub(x => onSeek(Math.round(Math.min(1, Math.max(0, x / width)) * length)), at)
  return (
    <svg className="overview" width={width} height={OVERVIEW} aria-hidden="true" {...scrub}>
      <rect width={width} height={OVERVIEW} className="overview-ground" />
      <path d={picture.exposed} className="overview-exposed" />
      <path d={picture.damage} className="overview-damage" />
      <rect
        x={first * scale}
        y="0.5"
        width={Math.max(6, (last - first) * scale)}
        height={OVERVIEW - 1}
        className="overview-window"
      />
      <line x1={at * scale} x2={at * scale} y1="0" y2={OVERVIEW} className="playhead" />
    </svg>
  )
}

/** Pointer down, or pulled while down, means "go there". */
function useScrub(seek: (x: number) => void, at: number) {
  const to = (event: PointerEvent<Element>) => seek(event.clientX - event.currentTarget.getBoundingClientRect().left)
  return {
    'data-at': at,
    onPointerDown: (event: PointerEvent<Element>) => {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      to(event)
    },
    onPointerMove: (event: PointerEvent<Element>) => {
      if (event.currentTarget.hasPointerCapture(event.pointerId)) to(event)
    },
  }
}

function seekByKey(event: KeyboardEvent, at: number, length: number, onSeek: (at: number) => void): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
  const to = keyTarget(event.key, at, length)
  if (to === null) return
  event.preventDefault()
  // The page has the same keys: it must not step a second time.
  event.stopPropagation()
  if (to !== at) onSeek(to)
}

/** Where a key takes the playhead, or null when it is not one of the slider's. */
export function keyTarget(key: string, at: number, length: number): number | null {
  const page = Math.max(5, Math.round(length / 20))
  const targets: Readonly<Record<string, number>> = {
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    PageUp: at + page,
    PageDown: at - page,
    Home: 0,
    End: length,
  }
  const to = targets[key]
  return to === undefined ? null : Math.min(length, Math.max(0, to))
}

function valueText(film: readonly StepView[], at: number, length: number): string {
  const sentence = at === 0 ? 'before the first step' : (film[at - 1]?.sentence ?? '')
  return `Step ${at} of ${length}: ${sentence}`
}
