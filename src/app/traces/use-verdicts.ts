import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Judged } from '../../panels/traces/RecordingTable.tsx'
import type { TraceSummary } from '../../worker/trace-api.ts'
import { startTraceWorker, type TraceWorker } from '../../worker/trace-client.ts'
import { bundledSource, judgeSource } from './read-source.ts'
import type { RecordingCard } from './recordings.ts'

/** What came of each recording, by name: worked out once a visit. */
const known = new Map<string, TraceSummary>()

export interface Verdicts {
  readonly judged: ReadonlyMap<string, Judged>
  /** The recording that is being compared; null when none is. */
  readonly now: string | null
  readonly stopped: boolean
  readonly stop: () => void
  readonly resume: () => void
}

/** Compares the recordings with the simulator, one after the other, for as long as `wanted`. */
export function useVerdicts(cards: readonly RecordingCard[], wanted: boolean): Verdicts {
  const [judged, setJudged] = useState<ReadonlyMap<string, Judged>>(() => new Map(known))
  const [now, setNow] = useState<string | null>(null)
  const [stopped, setStopped] = useState(false)

  useEffect(() => {
    const todo = cards.filter(c => !known.has(c.name))
    if (!wanted || stopped || todo.length === 0) return
    const worker = startTraceWorker()
    let going = true
    const judgeAll = async () => {
      for (const card of todo) {
        setNow(card.name)
        const came = await judge(card, worker)
        if (!going) return
        if ('verdict' in came) known.set(card.name, came)
        setJudged(before => new Map(before).set(card.name, came))
      }
      setNow(null)
    }
    void judgeAll()
    return () => {
      going = false
      worker.stop()
      setNow(null)
    }
  }, [cards, wanted, stopped])

  const stop = useCallback(() => setStopped(true), [])
  const resume = useCallback(() => setStopped(false), [])
  return useMemo(() => ({ judged, now, stopped, stop, resume }), [judged, now, stopped, stop, resume])
}

async function judge(card: RecordingCard, worker: TraceWorker): Promise<TraceSummary | { readonly failed: string }> {
  try {
    const death = worker.died.then(why => Promise.reject(new Error(`the reader stopped: ${why}`)))
    return await Promise.race([judgeSource(bundledSource(card.file), worker), death])
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}
