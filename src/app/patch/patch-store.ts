import { createStore, type StoreApi } from 'zustand/vanilla'
import { reasonOf, watchDeath, withPatience } from '../../store/patience.ts'
import type { RunLink } from '../../worker/lab-api.ts'
import type { StudyAnswer, StudyKind } from '../../worker/study-api.ts'
import type { StudyWorker } from '../../worker/study-client.ts'

/** A question to the worker. The same `key` is the same question. */
export interface Wanted {
  readonly key: string
  readonly kind: StudyKind
  readonly link: RunLink
}

export type Looked<Kind extends StudyKind = StudyKind> =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'done'; readonly answer: StudyAnswer<Kind> }
  | { readonly phase: 'lost'; readonly why: string }

export interface PatchState {
  readonly looked: { readonly [key: string]: Looked | undefined }
  /** Claims whose answers the reader has asked for, by id. */
  readonly revealed: readonly string[]
  /** Asks, in this order and before anything that waits already, what has not been asked. What was lost is asked again. */
  want(wanted: readonly Wanted[]): void
  reveal(ids: readonly string[]): void
  hide(ids: readonly string[]): void
}

const LIMITS = { states: 1_000_000, bytes: 2 ** 28 }
/** Milliseconds between two reports. */
const SLICE = 50
const PATIENCE_SECONDS = 15

/** What has been answered on the page. One question after another, in one worker, which is given back when none waits. */
export const createPatchStore = (start: () => StudyWorker): StoreApi<PatchState> =>
  createStore<PatchState>()((set, get) => {
    let waiting: readonly Wanted[] = []
    let busy = false

    const put = (key: string, looked: Looked) => set(s => ({ looked: { ...s.looked, [key]: looked } }))

    async function work(): Promise<void> {
      if (busy) return
      busy = true
      let worker: StudyWorker | null = null
      try {
        for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
          waiting = waiting.slice(1)
          worker ??= start()
          try {
            put(next.key, { phase: 'done', answer: await answerOf(worker, next) })
          } catch (error) {
            put(next.key, { phase: 'lost', why: reasonOf(error) })
            worker.stop()
            worker = null
          }
        }
      } finally {
        worker?.stop()
        busy = false
      }
    }

    return {
      looked: {},
      revealed: [],

      want: wanted => {
        const { looked } = get()
        const asked = wanted.filter(({ key }) => {
          const phase = looked[key]?.phase
          return phase === undefined || phase === 'lost' || waiting.some(w => w.key === key)
        })
        if (asked.length === 0) return
        waiting = [...asked, ...waiting.filter(w => !asked.some(a => a.key === w.key))]
        set(s => ({ looked: { ...s.looked, ...Object.fromEntries(asked.map(a => [a.key, { phase: 'waiting' }])) } }))
        void work()
      },

      reveal: ids => set(s => ({ revealed: [...new Set([...s.revealed, ...ids])] })),
      hide: ids => set(s => ({ revealed: s.revealed.filter(id => !ids.includes(id)) })),
    }
  })

async function answerOf(worker: StudyWorker, { kind, link }: Wanted): Promise<StudyAnswer<StudyKind>> {
  const death = watchDeath(worker.died)
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    const outcome = await withPatience(answer, death, PATIENCE_SECONDS)
    if (outcome.kind === 'lost') throw new Error(outcome.why)
    return outcome.value
  }
  await asked(worker.begin(kind, link, LIMITS))
  for (;;) {
    const { answer } = await asked(worker.advance(SLICE))
    if (answer !== null) return answer
  }
}
