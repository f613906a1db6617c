import type { StoreApi } from 'zustand/vanilla'
import type { VerdictView } from '../../worker/explore-api.ts'
import type { ExploreWorker } from '../../worker/explore-client.ts'
import type { Question } from './explore-store.ts'
import { createSearcher } from './searcher.ts'

/** What is known of one cell. A cell that is not in the map waits for its turn. */
export type CellAnswer =
  | { readonly kind: 'searching'; readonly states: number }
  | { readonly kind: 'answered'; readonly states: number; readonly verdict: VerdictView }
  | { readonly kind: 'lost'; readonly why: string }

export interface MatrixSlice {
  /** By the name of the question. */
  readonly cells: ReadonlyMap<string, CellAnswer>
  readonly matrix: 'empty' | 'running' | 'paused' | 'done'

  /** Searches these one after the other, in a worker of its own. What has been answered is not searched again. */
  fill(questions: readonly Question[]): Promise<void>
  pause(): void
  resume(): void
}

/** A cell may take less than a search that somebody waits for: the two run side by side. */
const LIMITS = { states: 5_000_000, bytes: 2 ** 29 }

/** The searches in the background. */
export function createMatrix(
  start: () => ExploreWorker,
  restarted: (why: string) => void,
  set: StoreApi<MatrixSlice>['setState'],
  get: () => MatrixSlice,
): MatrixSlice {
  // Nobody waits for it: it reports just often enough to be seen at work.
  const searcher = createSearcher(start, { slice: 200, seconds: 10 })
  let letGo: () => void = () => undefined
  let gate = Promise.resolve()
  const put = (name: string, answer: CellAnswer) => set(s => ({ cells: new Map(s.cells).set(name, answer) }))

  return {
    cells: new Map(),
    matrix: 'empty',

    fill: async questions => {
      if (get().matrix === 'running' || get().matrix === 'paused') return
      const left = questions.filter(q => !get().cells.has(q.name))
      if (left.length > 0) set({ matrix: 'running' })
      for (const { name, link } of left) {
        put(name, { kind: 'searching', states: 0 })
        const ending = await searcher.search(link, LIMITS, {
          begun: () => undefined,
          report: ({ states, verdict }) =>
            put(name, verdict === null ? { kind: 'searching', states } : { kind: 'answered', states, verdict }),
          restarted,
          gate: () => gate,
        })
        if (ending.kind === 'lost') put(name, ending)
      }
      searcher.rest()
      set({ matrix: 'done' })
    },

    pause: () => {
      if (get().matrix !== 'running') return
      gate = new Promise(resolve => {
        letGo = resolve
      })
      set({ matrix: 'paused' })
    },

    resume: () => {
      if (get().matrix !== 'paused') return
      gate = Promise.resolve()
      letGo()
      set({ matrix: 'running' })
    },
  }
}
