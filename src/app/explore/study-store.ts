import { createStore, type StoreApi } from 'zustand/vanilla'
import type { StudyProgress } from '../../core/studies/study.ts'
import { reasonOf, watchDeath, withPatience } from '../../store/patience.ts'
import type { StudyAnswer, StudyKind, StudyReport } from '../../worker/study-api.ts'
import type { StudyWorker } from '../../worker/study-client.ts'
import type { Question } from './explore-store.ts'

/** One study of the question that is looked at. */
export interface StudyState<Kind extends StudyKind = StudyKind> {
  readonly phase: 'idle' | 'working' | 'done' | 'stopped' | 'lost'
  readonly progress: StudyProgress | null
  readonly seconds: number
  readonly answer: StudyAnswer<Kind> | null
  /** Why it was lost. */
  readonly why: string
}

export interface StudiesState {
  readonly question: Question | null
  readonly studies: { readonly [Kind in StudyKind]?: StudyState<Kind> }
  /** Makes this the question: answers about another one are forgotten. */
  look(question: Question): void
  /** Begins a study, unless it is done or under way. Another one under way is stopped. */
  study(kind: StudyKind): Promise<void>
  stop(): void
}

const LIMITS = { states: 5_000_000, bytes: 2 ** 30 }
/** Milliseconds between two reports: as long as Stop may take to be felt. */
const SLICE = 50
const PATIENCE_SECONDS = 15
/** What begins with the run that stands in the lab: another run, and it is forgotten. */
const ABOUT_A_RUN: StudyKind = 'smaller'
export const IDLE: StudyState = { phase: 'idle', progress: null, seconds: 0, answer: null, why: '' }

/** Studies of the question that is looked at, one at a time, each in a worker that is given back when it is done. */
export const createStudies = (start: () => StudyWorker): StoreApi<StudiesState> =>
  createStore<StudiesState>()((set, get) => {
    let turn = 0
    let working: { readonly kind: StudyKind; readonly worker: StudyWorker } | null = null

    const put = (kind: StudyKind, change: Partial<StudyState>) =>
      set(s => ({ studies: { ...s.studies, [kind]: { ...(s.studies[kind] ?? IDLE), ...change } } }))

    function stop(): void {
      turn++
      if (working === null) return
      working.worker.stop()
      put(working.kind, { phase: 'stopped' })
      working = null
    }

    async function work(kind: StudyKind, question: Question, worker: StudyWorker): Promise<void> {
      const mine = turn
      const death = watchDeath(worker.died)
      const asked = async <T>(answer: Promise<T>): Promise<T> => {
        const outcome = await withPatience(answer, death, PATIENCE_SECONDS)
        if (outcome.kind === 'lost') throw new Error(outcome.why)
        return outcome.value
      }
      await asked(worker.begin(kind, question.link, LIMITS))
      for (;;) {
        const report: StudyReport = await asked(worker.advance(SLICE))
        if (mine !== turn) return
        const { progress, seconds, answer } = report
        put(kind, { progress, seconds, answer, phase: answer === null ? 'working' : 'done' })
        if (answer !== null) return
      }
    }

    return {
      question: null,
      studies: {},

      look: question => {
        const { question: before, studies } = get()
        if (before?.name !== question.name) {
          stop()
          set({ question, studies: {} })
        } else if (before.link.schedule !== question.link.schedule) {
          if (working?.kind === ABOUT_A_RUN) stop()
          const { [ABOUT_A_RUN]: _, ...others } = studies
          set({ question, studies: others })
        }
      },

      study: async kind => {
        const { question, studies } = get()
        const phase = studies[kind]?.phase ?? 'idle'
        if (question === null || phase === 'done' || phase === 'working') return
        stop()
        const mine = turn
        const worker = start()
        working = { kind, worker }
        put(kind, { ...IDLE, phase: 'working' })
        try {
          await work(kind, question, worker)
        } catch (error) {
          if (mine === turn) put(kind, { phase: 'lost', why: reasonOf(error) })
        } finally {
          worker.stop()
          if (mine === turn) working = null
        }
      },

      stop,
    }
  })
