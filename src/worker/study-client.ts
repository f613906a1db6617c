import { wrap } from 'comlink'
import type { StudyLimits } from '../core/studies/study.ts'
import { deathOf } from './client.ts'
import type { RunLink } from './lab-api.ts'
import type { StudyApi, StudyKind, StudyReport } from './study-api.ts'

/** A running worker that studies. */
export interface StudyWorker {
  begin(kind: StudyKind, link: RunLink, limits: StudyLimits): Promise<void>
  advance(milliseconds: number): Promise<StudyReport>
  /** Settles with the reason when the worker cannot be loaded or breaks down by itself. */
  readonly died: Promise<string>
  stop(): void
}

/** Starts a worker for studies, apart from the one that searches and from the simulation. */
export function startStudyWorker(): StudyWorker {
  const worker = new Worker(new URL('./study.worker.ts', import.meta.url), { type: 'module', name: 'study' })
  const api = wrap<StudyApi>(worker)
  return {
    begin: (kind, link, limits) => api.begin(kind, link, limits),
    advance: milliseconds => api.advance(milliseconds) as Promise<StudyReport>,
    died: deathOf(worker),
    stop: () => worker.terminate(),
  }
}
