import { wrap } from 'comlink'
import type { BugApi, BugQuestion, BugReport, BugStory, PriceReport } from './bug-api.ts'
import { deathOf } from './client.ts'

/** A running worker that keeps the shelf of bugs. */
export interface BugWorker {
  tell(question: BugQuestion): Promise<BugStory>
  begin(question: BugQuestion): Promise<void>
  advance(milliseconds: number): Promise<BugReport>
  price(bug: string): Promise<PriceReport>
  /** Settles with the reason when the worker cannot be loaded or breaks down by itself. */
  readonly died: Promise<string>
  stop(): void
}

/** Starts a worker for the shelf, apart from the simulation. */
export function startBugWorker(): BugWorker {
  const worker = new Worker(new URL('./bug.worker.ts', import.meta.url), { type: 'module', name: 'bugs' })
  const api = wrap<BugApi>(worker)
  return {
    tell: question => api.tell(question) as Promise<BugStory>,
    begin: question => api.begin(question),
    advance: milliseconds => api.advance(milliseconds) as Promise<BugReport>,
    price: bug => api.price(bug) as Promise<PriceReport>,
    died: deathOf(worker),
    stop: () => worker.terminate(),
  }
}
