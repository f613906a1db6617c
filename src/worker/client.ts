import { type Remote, wrap } from 'comlink'
import type { LabApi } from './lab-api.ts'

/** A running lab worker: its calls, and its end. */
export interface LabWorker {
  readonly lab: Remote<LabApi>
  /** Settles with the reason when the worker cannot be loaded or breaks down by itself. */
  readonly died: Promise<string>
  stop(): void
}

/** Starts the simulation off the main thread. */
export function startLabWorker(): LabWorker {
  const worker = new Worker(new URL('./lab.worker.ts', import.meta.url), { type: 'module', name: 'lab' })
  return { lab: wrap<LabApi>(worker), died: deathOf(worker), stop: () => worker.terminate() }
}

/** The first sign that a worker is beyond answering. */
export function deathOf(worker: Worker): Promise<string> {
  return new Promise(resolve => {
    worker.addEventListener('error', event => resolve(event.message || 'its program could not be loaded'))
    worker.addEventListener('messageerror', () => resolve('a message to or from it could not be read'))
  })
}
