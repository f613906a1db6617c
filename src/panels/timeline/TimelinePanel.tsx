import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import type { PhaseView, StepView } from '../../core/view/world.ts'
import { clamp } from '../shared/clamp.ts'
import '../shared/shared.css'
import { useSize } from '../shared/use-size.ts'
import { Overview } from './Overview.tsx'
import { Plot } from './Plot.tsx'
import './timeline.css'
import { layOutTimeline, stepAt } from './timeline-layout.ts'
import { useScrub } from './use-scrub.ts'
import { useZoom } from './use-zoom.ts'
import { type ChosenSpan, shownSpan, wholeRun } from './window.ts'
import { ZoomButtons } from './ZoomButtons.tsx'

export interface TimelineProps {
  /** Names of the lanes, top to bottom. */
  readonly lanes: readonly string[]
  /** All steps of the run, the first at index 0. */
  readonly film: readonly StepView[]
  readonly at: number
  readonly length: number
  /** The ribbon's phases: the brackets on top. */
  readonly phases: readonly PhaseView[]
  /** The window is low: lanes lie closer. */
  readonly low?: boolean
  onSeek(at: number): void
}

const TOP = 24

/** Who did what when, a lane per actor. The whole plot is one slider: pull it, or use the arrows. */
export function TimelinePanel({ lanes, film, at, length, phases, low = false, onSeek }: TimelineProps) {
  const plot = useRef<HTMLDivElement>(null)
  const { width, rem } = useSize(plot, { width: 1200, height: 0 })
  const [chosen, setChosen] = useState<ChosenSpan | null>(null)
  const { first, last } = shownSpan(chosen, at, length, width)
  const span = useMemo(() => ({ first, last }), [first, last])
  const lane = low ? 18 : 22
  const layout = useMemo(
    () => layOutTimeline({ film, lanes, phases, at, length, span, width, top: TOP, lane, rem }),
    [film, lanes, phases, at, length, span, width, lane, rem],
  )
  const zoomBy = useZoom(plot, { width, length, span, onSpan: to => setChosen({ ...to, at }) })
  const whole = wholeRun(length, width)
  const all = first <= whole.first + 1e-6 && last >= whole.last - 1e-6
  const scrub = useScrub(x => onSeek(stepAt(layout, x, length)), at)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    const to = keyTarget(event.key, at, length)
    const factor = ZOOM_KEYS[event.key]
    if (to === null && factor === undefined && event.key !== '0') return
    event.preventDefault()
    // The page has the same keys: it must not step a second time.
    event.stopPropagation()
    if (factor !== undefined) zoomBy(factor)
    else if (to === null) setChosen(null)
    else if (to !== at) onSeek(to)
  }
  return (
    <section className="timeline" aria-label="Timeline">
      <div className="timeline-names">
        <ZoomButtons zoomed={chosen !== null} onZoom={zoomBy} onReset={() => setChosen(null)} />
        <ul className="lanes" aria-label="Lanes">
          {lanes.map(name => (
            <li key={name} style={{ height: lane }}>
              {name}
            </li>
          ))}
        </ul>
      </div>
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
          title="Drag: go to a step. Wheel or pinch: zoom. Shift and drag: move along."
          onKeyDown={onKeyDown}
          {...scrub}
        >
          <Plot layout={layout} at={at} width={width} height={TOP + lanes.length * lane} top={TOP} />
        </div>
        {!all && <Overview {...{ film, length, at, width, span, onSeek }} />}
      </div>
    </section>
  )
}

/** Keys of the slider that zoom, and by how much. */
const ZOOM_KEYS: Readonly<Record<string, number>> = { '[': 1 / 1.6, ']': 1.6 }

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
  return to === undefined ? null : clamp(to, 0, length)
}

function valueText(film: readonly StepView[], at: number, length: number): string {
  const sentence = at === 0 ? 'before the first step' : (film[at - 1]?.sentence ?? '')
  return `Step ${at} of ${length}: ${sentence}`
}
