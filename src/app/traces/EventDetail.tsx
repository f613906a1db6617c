import { useEffect, useState } from 'react'
import type { StepView } from '../../core/view/world.ts'
import { RawLines } from '../../panels/traces/RawLines.tsx'
import { Transcript } from '../../panels/traces/Transcript.tsx'
import type { RawLine } from '../../worker/trace-api.ts'
import type { ShownEvent } from './film-of.ts'
import type { LinesOf } from './use-recording.ts'

interface Props {
  readonly film: readonly StepView[]
  readonly timeline: readonly ShownEvent[]
  /** The event that is looked at, from 1; 0 when its line is none of an event that is shown. */
  readonly at: number
  readonly line: number
  readonly linesOf: LinesOf
  readonly onSeek: (at: number) => void
}

/** Lines shown before and after the one that is looked at. */
const AROUND = 4
/** Sentences of the transcript that are drawn at a time. */
const PAGE = 120

/** One event in words and in the recording's own, and the transcript around it. */
export function EventDetail({ film, timeline, at, line, linesOf, onSeek }: Props) {
  const now = film[at - 1]
  const lines = useLines(linesOf, line)
  const from = Math.max(0, Math.min(film.length - PAGE, Math.floor(at / (PAGE / 2)) * (PAGE / 2) - PAGE / 4))
  return (
    <>
      <section className="trace-event" aria-label="The event that is looked at">
        <div className="trace-event-head">
          <h3 className="panel-title">
            {at === 0 ? `Line ${line}` : `Event ${at} of ${film.length}, line ${line} of the file`}
          </h3>
          <button type="button" className="trace-button" disabled={at <= 1} onClick={() => onSeek(at - 1)}>
            Previous
          </button>
          <button type="button" className="trace-button" disabled={at >= film.length} onClick={() => onSeek(at + 1)}>
            Next
          </button>
        </div>
        <p className="trace-said" role="status">
          <b>{now?.sentence ?? 'Lies beyond the events that are shown.'}</b>{' '}
          {now !== undefined && (
            <span className="muted">
              {now.actor.name}, {Math.round(timeline[at - 1]?.time ?? 0)} µs after the first event of the recording
            </span>
          )}
        </p>
        <RawLines lines={lines} line={line} />
      </section>
      <h3 className="panel-title">Transcript</h3>
      <Transcript
        sentences={film.slice(from, from + PAGE).map(s => ({
          number: s.number,
          line: timeline[s.number - 1]?.line ?? 0,
          sentence: s.sentence,
        }))}
        length={film.length}
        at={at}
      />
    </>
  )
}

/** The lines around one of them; while others are fetched, those from before. */
function useLines(linesOf: LinesOf, line: number): readonly RawLine[] {
  const [lines, setLines] = useState<readonly RawLine[]>([])
  useEffect(() => {
    let wanted = true
    linesOf(Math.max(1, line - AROUND), line + AROUND).then(
      found => {
        if (wanted) setLines(found)
      },
      () => undefined,
    )
    return () => {
      wanted = false
    }
  }, [linesOf, line])
  return lines
}
