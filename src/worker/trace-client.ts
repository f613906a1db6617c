import { type Remote, transfer, wrap } from 'comlink'
import { deathOf } from './client.ts'
import type { RawLine, TraceApi, TraceReport, TraceSummary } from './trace-api.ts'

/** A running reader of recordings. */
export interface TraceWorker {
  begin(file: string): Promise<void>
  /** Gives the bytes away: they cannot be read here afterwards. */
  feed(bytes: Uint8Array): Promise<void>
  end(): Promise<TraceReport>
  judge(): Promise<TraceSummary>
  lines(from: number, to: number): Promise<readonly RawLine[]>
  readonly died: Promise<string>
  stop(): void
}

/** Starts a reader off the main thread, and apart from the simulation: stopping it harms no run. */
export function startTraceWorker(): TraceWorker {
  const worker = new Worker(new URL('./trace.worker.ts', import.meta.url), { type: 'module', name: 'traces' })
  const api: Remote<TraceApi> = wrap<TraceApi>(worker)
  return {
    begin: file => api.begin(file),
    feed: bytes => api.feed(transfer(bytes, [bytes.buffer as ArrayBuffer])),
    end: () => api.end(),
    judge: () => api.judge(),
    lines: (from, to) => api.lines(from, to),
    died: deathOf(worker),
    stop: () => worker.terminate(),
  }
}
