import { type Remote, wrap } from 'comlink'
import { deathOf } from './client.ts'
import type { EditApi } from './edit-api.ts'

/** A running worker that reads what is being written. */
export interface EditWorker {
  readonly editor: Pick<Remote<EditApi>, 'materials' | 'check'>
  /** Settles with the reason when the worker cannot be loaded or breaks down by itself. */
  readonly died: Promise<string>
  stop(): void
}

/** Starts a worker for the editor, apart from the simulation: a run that is open stands as it stood. */
export function startEditWorker(): EditWorker {
  const worker = new Worker(new URL('./edit.worker.ts', import.meta.url), { type: 'module', name: 'edit' })
  return { editor: wrap<EditApi>(worker), died: deathOf(worker), stop: () => worker.terminate() }
}
