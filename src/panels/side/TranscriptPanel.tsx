import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { StepView } from '../../core/view/world.ts'
import { Mark } from '../shared/Mark.tsx'
import '../shared/shared.css'
import './side.css'
import { LINE, linesInView, MOST_LINES } from './transcript-window.ts'

export interface TranscriptProps {
  /** All steps of the run. */
  readonly film: readonly StepView[]
  readonly at: number
  onSeek(at: number): void
}

/** The run as text: every step, one sentence each. The step that is shown is marked and kept in view. */
export function TranscriptPanel({ film, at, onSeek }: TranscriptProps) {
  const box = useRef<HTMLElement>(null)
  const long = film.length > MOST_LINES
  const view = useScroll(box)
  const { start, end } = long ? linesInView(film.length, view.top, view.height) : { start: 0, end: film.length }
  useEffect(() => keepInView(box.current, at, long), [at, long])
  return (
    <div className="side-panel transcript-panel">
      <h2 className="side-heading">Transcript</h2>
      {film.length === 0 && <p className="state-note">No step yet.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="transcript-box" ref={box} tabIndex={0} aria-label="All steps of the run">
        <ol
          className={long ? 'transcript transcript-long' : 'transcript'}
          start={start + 1}
          style={long ? { paddingTop: start * LINE, paddingBottom: (film.length - end) * LINE } : undefined}
        >
          {film.slice(start, end).map(step => (
            <Line key={step.number} step={step} now={step.number === at} count={film.length} onSeek={onSeek} />
          ))}
        </ol>
      </section>
    </div>
  )
}

interface LineProps {
  readonly step: StepView
  readonly now: boolean
  readonly count: number
  onSeek(at: number): void
}

function Line({ step, now, count, onSeek }: LineProps) {
  return (
    <li aria-setsize={count} aria-posinset={step.number}>
      <button
        type="button"
        className={`line line-${step.tone}`}
        data-step={step.number}
        aria-current={now ? 'step' : undefined}
        onClick={() => onSeek(step.number)}
      >
        <span className="line-number">{step.number}</span>
        <span className="line-text">
          {step.tone === 'damage' && <Mark kind="damage" />} {step.sentence}
        </span>
      </button>
    </li>
  )
}

function useScroll(box: RefObject<HTMLElement | null>): { readonly top: number; readonly height: number } {
  const [view, setView] = useState({ top: 0, height: 600 })
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    const read = () => setView({ top: element.scrollTop, height: element.clientHeight })
    read()
    element.addEventListener('scroll', read, { passive: true })
    const observer = new ResizeObserver(read)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', read)
      observer.disconnect()
    }
  }, [box])
  return view
}

/** Scrolls the box, and only the box. */
function keepInView(box: HTMLElement | null, at: number, long: boolean): void {
  if (box === null || at === 0) return
  const line = box.querySelector<HTMLElement>(`[data-step="${at}"]`)
  const top = long ? (at - 1) * LINE : line === null ? 0 : line.offsetTop - box.offsetTop
  const height = line?.offsetHeight ?? LINE
  if (top < box.scrollTop || top + height > box.scrollTop + box.clientHeight) {
    box.scrollTop = top - box.clientHeight / 2 + height / 2
  }
}
