import type { StoreApi } from 'zustand/vanilla'
import type { VerdictView } from '../../worker/explore-api.ts'
import type { ExploreWorker } from '../../worker/explore-client.ts'
import type { Question } from './explore-store.ts'
import { createSearcher } from './searcher.ts'

/** What is known of one cell. A cell that is not in the map waits for its turn. */
export type CellAnswer =
  /** `held`: begun, and stands still until it may go on. */
  | { readonly kind: 'searching'; readonly states: number; readonly held: boolean }
  | { readonly kind: 'answered'; readonly states: number; readonly verdict: VerdictView }
  | { readonly kind: 'lost'; readonly why: string }

export interface MatrixSlice {
  /** By the name of the question. */
  readonly cells: ReadonlyMap<string, CellAnswer>
  readonly matrix: 'empty' | 'running' | 'paused' | 'done'

  /** Searches these in this order, as many at a time as there are lanes. What has been answered is not searched again. */
  fill(questions: readonly Question[]): Promise<void>
  pause(): void
  resume(): void
  /** So many lanes may work from now on. The others stop where they are, at the latest after the slice they are at. */
  allow(lanes: number): void
}

/**
 * A cell may take less than a search that somebody waits for: they run side by side. The limit of a cell is the same however
 * many lanes there are, so that its answer is too; four lanes at their limit take 1 GiB, as much as one search that somebody
 * waits for. With that and a study beside them a page stays within 3 GiB.
 */
const LIMITS = { states: 5_000_000, bytes: 2 ** 28 }
/** Milliseconds between two reports of a cell, and the longest that a lane goes on when it should make room. */
const SLICE = 100
/** Milliseconds after which a cell that stands still says so: a search that is answered at once must not make it flicker. */
const SEEN = 400

/** The searches in the background: `lanes` of them at a time, each in a worker of its own. */
export function createMatrix(
  start: () => ExploreWorker,
  lanes: number,
  restarted: (why: string) => void,
  set: StoreApi<MatrixSlice>['setState'],
  get: () => MatrixSlice,
): MatrixSlice {
  const searchers = Array.from({ length: lanes }, () => createSearcher(start, { slice: SLICE, seconds: 10 }))
  let allowed = lanes
  let atGates: (() => void)[] = []
  let waiting: Question[] = []

  const put = (name: string, answer: CellAnswer) => set(s => ({ cells: new Map(s.cells).set(name, answer) }))
  const mayGo = (lane: number) => get().matrix !== 'paused' && lane < allowed
  const opened = () => new Promise<void>(resolve => atGates.push(resolve))

  function lookAgain(): void {
    const go = atGates
    atGates = []
    for (const open of go) open()
  }

  /** Lets go when the lane may make another slice of this cell. */
  async function gate(lane: number, name: string): Promise<void> {
    if (mayGo(lane)) return
    const hold = (held: boolean) => {
      const cell = get().cells.get(name)
      if (cell?.kind === 'searching' && cell.held !== held) put(name, { ...cell, held })
    }
    const timer = setTimeout(() => hold(true), SEEN)
    while (!mayGo(lane)) await opened()
    clearTimeout(timer)
    hold(false)
  }

  /** The next cell for this lane, once it may work; nothing when the others have taken the last. */
  async function take(lane: number): Promise<Question | undefined> {
    while (waiting.length > 0 && !mayGo(lane)) await opened()
    const next = waiting.shift()
    if (waiting.length === 0) lookAgain()
    return next
  }

  async function work(lane: number): Promise<void> {
    const searcher = searchers[lane]
    for (let cell = await take(lane); cell !== undefined && searcher !== undefined; cell = await take(lane)) {
      const { name, link } = cell
      put(name, { kind: 'searching', states: 0, held: false })
      const ending = await searcher.search(link, LIMITS, {
        begun: () => undefined,
        report: ({ states, verdict }) =>
          put(
            name,
            verdict === null ? { kind: 'searching', states, held: false } : { kind: 'answered', states, verdict },
          ),
        restarted,
        gate: () => gate(lane, name),
      })
      if (ending.kind === 'lost') put(name, ending)
    }
    searcher?.rest()
  }

  return {
    cells: new Map(),
    matrix: 'empty',

    fill: async questions => {
      if (get().matrix === 'running' || get().matrix === 'paused') return
      waiting = questions.filter(q => !get().cells.has(q.name))
      if (waiting.length > 0) set({ matrix: 'running' })
      await Promise.all(searchers.map((_, lane) => work(lane)))
      set({ matrix: 'done' })
    },

    pause: () => {
      if (get().matrix === 'running') set({ matrix: 'paused' })
    },

    resume: () => {
      if (get().matrix !== 'paused') return
      set({ matrix: 'running' })
      lookAgain()
    },

    allow: next => {
      allowed = next
      lookAgain()
    },
  }
}
