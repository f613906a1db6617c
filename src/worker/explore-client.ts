import { wrap } from 'comlink'
import { deathOf } from './client.ts'
import type { ExploreApi, RunFormat, SearchBegun, SearchLimits, SearchReport } from './explore-api.ts'
import type { RunLink } from './lab-api.ts'

/** A running worker that searches. */
export interface ExploreWorker {
  begin(link: RunLink, limits: SearchLimits): Promise<SearchBegun>
  advance(milliseconds: number): Promise<SearchReport>
  runText(link: RunLink, format: RunFormat): Promise<string>
  /** Settles with the reason when the worker cannot be loaded or breaks down by itself. */
  readonly died: Promise<string>
  stop(): void
}

/** Starts a searcher off the main thread, and apart from the simulation: what it does to memory harms no run. */
export function startExploreWorker(): ExploreWorker {
  const worker = new Worker(new URL('./explore.worker.ts', import.meta.url), { type: 'module', name: 'explore' })
  const api = wrap<ExploreApi>(worker)
  return {
    begin: (link, limits) => api.begin(link, limits),
    advance: milliseconds => api.advance(milliseconds),
    runText: (link, format) => api.runText(link, format),
    died: deathOf(worker),
    stop: () => worker.terminate(),
  }
}
