import { createStore, type StoreApi } from 'zustand/vanilla'
import { reasonOf } from '../../store/patience.ts'
import type { Level, RunFormat, SearchBegun, SearchReport } from '../../worker/explore-api.ts'
import type { ExploreWorker } from '../../worker/explore-client.ts'
import type { RunLink } from '../../worker/lab-api.ts'
import { exploreHash } from '../route.ts'
import { createMatrix, type MatrixSlice } from './matrix-slice.ts'
import { createSearcher } from './searcher.ts'

/** What is asked: every run under these settings. `name` is the same for the same question. */
export interface Question {
  readonly name: string
  readonly link: RunLink
}

/** The question that a link asks. What a run leaves out is no part of it. */
export function questionOf(link: RunLink): Question {
  const { without, ...whole } = link
  return { name: exploreHash(link), link: whole }
}

/** The search that the reader looks at. */
export interface Hunt {
  readonly question: Question
  readonly phase: 'ready' | 'searching' | 'cancelled' | 'answered' | 'lost'
  /** What it covers; null until the worker has built it. */
  readonly begun: SearchBegun | null
  readonly report: SearchReport | null
  readonly levels: readonly Level[]
  /** Why it was lost. */
  readonly why: string
}

export interface HuntSlice {
  readonly hunt: Hunt | null
  /** States after which a search gives up. */
  readonly mostStates: number
  /** It looks at no more states than it takes to know. */
  readonly reduced: boolean
  /** A worker was lost and replaced: what happened, for the reader. */
  readonly notice: string | null
  /** The question to search as soon as it is the one that is looked at. */
  readonly next: string | null

  /** Makes this the question that is looked at. A search of another one is given up. */
  look(question: Question): void
  search(): Promise<void>
  cancel(): void
  /** Searches a question: now, if it is looked at, else when it comes to be. */
  searchNext(name: string): void
  setMostStates(states: number): void
  setReduced(reduced: boolean): void
  runText(link: RunLink, format: RunFormat): Promise<string | null>
  dismissNotice(): void
}

export type ExploreState = HuntSlice & MatrixSlice
export type ExploreStore = StoreApi<ExploreState>

/** Memory that one search may take: its worker shares the machine with the page. */
const MOST_BYTES = 2 ** 30
/** Above this, what a finished search holds is given back at once. */
const KEPT_BYTES = 2 ** 26

/**
 * What is being searched and what came of it. It outlives the place: a search goes on while the reader is elsewhere. Workers
 * come in as an argument: tests bring plain objects. So many `lanes` fill the matrix.
 */
export const createExploreStore = (start: () => ExploreWorker, lanes = 1): ExploreStore =>
  createStore<ExploreState>()((set, get) => {
    const searcher = createSearcher(start)
    const hunting = (change: Partial<Hunt>) => set(s => (s.hunt === null ? s : { hunt: { ...s.hunt, ...change } }))
    const limits = () => ({ states: get().mostStates, bytes: MOST_BYTES, reduced: get().reduced })
    const restarted = (why: string) => set({ notice: `A search stopped: ${why}. It was begun again.` })

    async function prepare(link: RunLink): Promise<void> {
      try {
        const begun = await searcher.look(link, limits())
        if (begun !== null) hunting({ begun })
      } catch (error) {
        hunting({ phase: 'lost', why: reasonOf(error) })
      }
    }

    return {
      ...createMatrix(start, lanes, restarted, set, get),
      hunt: null,
      mostStates: 10_000_000,
      reduced: false,
      notice: null,
      next: null,

      look: question => {
        if (get().hunt?.question.name !== question.name) {
          set({ hunt: { question, phase: 'ready', begun: null, report: null, levels: [], why: '' } })
          if (get().next !== question.name) void prepare(question.link)
        }
        if (get().next === question.name) void get().search()
      },

      search: async () => {
        const { hunt } = get()
        if (hunt === null) return
        set({ next: null })
        hunting({ phase: 'searching', report: null, levels: [], why: '' })
        const ending = await searcher.search(hunt.question.link, limits(), {
          begun: begun => hunting({ begun, report: null, levels: [] }),
          report: report => {
            const levels = report.anew ? [] : (get().hunt?.levels ?? [])
            hunting({ report, levels: report.levels.length === 0 ? levels : [...levels, ...report.levels] })
          },
          restarted,
        })
        if (ending.kind === 'cancelled') return
        hunting(ending.kind === 'lost' ? { phase: 'lost', why: ending.why } : { phase: 'answered' })
        if ((get().hunt?.report?.bytes ?? 0) > KEPT_BYTES) searcher.rest()
      },

      cancel: () => {
        searcher.rest()
        hunting({ phase: 'cancelled' })
      },

      searchNext: name => {
        set({ next: name })
        if (get().hunt?.question.name === name) void get().search()
      },

      setMostStates: mostStates => set({ mostStates }),

      setReduced: reduced => set({ reduced }),

      runText: async (link, format) => {
        try {
          return await searcher.runText(link, format)
        } catch {
          return null
        }
      },

      dismissNotice: () => set({ notice: null }),
    }
  })
