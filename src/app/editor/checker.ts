import { reasonOf, watchDeath, withPatience } from '../../store/patience.ts'
import type { Checked, Materials } from '../../worker/edit-api.ts'
import type { EditWorker } from '../../worker/edit-client.ts'

/** An answer, or why there is none. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

export interface Checker {
  materials(): Promise<Answer<Materials>>
  check(text: string, kernel: string): Promise<Answer<Checked>>
}

/** Asks a worker of its own, which is started when it is needed and replaced when it dies or falls silent. */
export function createChecker(start: () => EditWorker, seconds = 10): Checker {
  let life: { readonly worker: EditWorker; readonly death: ReturnType<typeof watchDeath> } | null = null

  async function ask<T>(call: (worker: EditWorker) => Promise<T>): Promise<Answer<T>> {
    try {
      if (life === null) {
        const worker = start()
        life = { worker, death: watchDeath(worker.died) }
      }
    } catch (error) {
      return { ok: false, why: reasonOf(error) }
    }
    const { worker, death } = life
    const outcome = await withPatience(call(worker), death, seconds)
    if (outcome.kind === 'answered') return { ok: true, value: outcome.value }
    worker.stop()
    if (life?.worker === worker) life = null
    return { ok: false, why: outcome.why }
  }

  return {
    // Nothing was asked of it yet that it could have died of: a second one may well start.
    materials: async () => {
      const first = await ask(w => w.editor.materials())
      return first.ok ? first : ask(w => w.editor.materials())
    },
    check: (text, kernel) => ask(w => w.editor.check(text, kernel)),
  }
}
