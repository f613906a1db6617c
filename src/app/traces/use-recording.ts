import { useCallback, useEffect, useRef, useState } from 'react'
import type { TraceReport } from '../../worker/trace-api.ts'
import { startTraceWorker, type TraceWorker } from '../../worker/trace-client.ts'
import { readSource, type Source } from './read-source.ts'

/** How far the reading of a recording has got. */
export type Reading =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'reading'; readonly name: string; readonly bytes: number; readonly size: number | null }
  | { readonly kind: 'read'; readonly report: TraceReport }
  | { readonly kind: 'failed'; readonly name: string; readonly why: string }

export interface RecordingHandle {
  readonly reading: Reading
  readonly read: (source: Source) => void
  readonly cancel: () => void
}

/** Reads one recording at a time. Another one, or Cancel, ends the reading under way together with its worker. */
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
    const { name, size } = source
    show({ kind: 'reading', name, bytes: 0, size })
    const report = readSource(source, mine, bytes => show({ kind: 'reading', name, bytes, size }))
    const death = mine.died.then(why => Promise.reject(new Error(`the reader stopped: ${why}`)))
    Promise.race([report, death])
      .then(
        done => show({ kind: 'read', report: done }),
        (error: unknown) => show({ kind: 'failed', name, why: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => mine.stop())
    report.catch(() => undefined)
  }, [])

  useEffect(() => () => worker.current?.stop(), [])
  return { reading, read, cancel }
}
