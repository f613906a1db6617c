import { useCallback, useEffect, useRef, useState } from 'react'
import type { RawLine, TraceReport } from '../../worker/trace-api.ts'
import { startTraceWorker, type TraceWorker } from '../../worker/trace-client.ts'
import { readSource, type Source } from './read-source.ts'

/** How far the reading of a recording has got. */
export type Reading =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'reading'
      readonly source: Source
      readonly bytes: number
    }
  | { readonly kind: 'read'; readonly source: Source; readonly report: TraceReport }
  | { readonly kind: 'failed'; readonly source: Source; readonly why: string }

/** Gives lines of the recording that was read. */
export type LinesOf = (from: number, to: number) => Promise<readonly RawLine[]>

export interface RecordingHandle {
  readonly reading: Reading
  readonly read: (source: Source) => void
  readonly cancel: () => void
  readonly linesOf: LinesOf
}

/**
 * Reads one recording at a time. Another one, or Cancel, ends the reading under way together with its worker; until then
 * the worker stays, for the lines of the file.
 */
export function useRecording(): RecordingHandle {
  const [reading, setReading] = useState<Reading>({ kind: 'nothing' })
  const worker = useRef<TraceWorker | null>(null)

  const cancel = useCallback(() => {
    worker.current?.stop()
    worker.current = null
    setReading({ kind: 'nothing' })
  }, [])

  const read = useCallback((source: Source) => {
    worker.current?.stop()
    const mine = startTraceWorker()
    worker.current = mine
    const show = (next: Reading) => {
      if (worker.current === mine) setReading(next)
    }
    show({ kind: 'reading', source, bytes: 0 })
    const report = readSource(source, mine, bytes => show({ kind: 'reading', source, bytes }))
    const death = mine.died.then(why => Promise.reject(new Error(`the reader stopped: ${why}`)))
    Promise.race([report, death]).then(
      done => show({ kind: 'read', source, report: done }),
      (error: unknown) => {
        mine.stop()
        show({ kind: 'failed', source, why: error instanceof Error ? error.message : String(error) })
      },
    )
    report.catch(() => undefined)
  }, [])

  const linesOf = useCallback<LinesOf>((from, to) => worker.current?.lines(from, to) ?? Promise.resolve([]), [])

  useEffect(() => () => worker.current?.stop(), [])
  return { reading, read, cancel, linesOf }
}
