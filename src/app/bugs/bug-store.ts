import { createStore, type StoreApi } from 'zustand/vanilla'
import { reasonOf, watchDeath, withPatience } from '../../store/patience.ts'
import type { BugQuestion, BugStory, BugVerdictView, PriceReport } from '../../worker/bug-api.ts'
import type { BugWorker } from '../../worker/bug-client.ts'

/** What is known of one question's search. A question that is not in the map waits for its turn. */
export type Searched =
  | { readonly kind: 'searching'; readonly states: number }
  | { readonly kind: 'answered'; readonly verdict: BugVerdictView }

export interface BugsState {
  /** By the name of the question: all that can be said without a search. */
  readonly stories: ReadonlyMap<string, BugStory>
  readonly verdicts: ReadonlyMap<string, Searched>
  /** By number: what bugs cost that break no rule. */
  readonly prices: ReadonlyMap<string, PriceReport>
  /** Something is being asked: the page has not settled. */
  readonly busy: boolean
  /** Why the worker was lost, or ''. */
  readonly lost: string
  /** Asks for a bug's story, then searches what the page shows of it, one after another. What is known is not asked again. */
  look(question: BugQuestion): Promise<void>
  /** Asks what a bug costs, once. */
  price(bug: string): Promise<void>
}

/** Milliseconds between two reports of a search. */
const SLICE = 60
const PATIENCE_SECONDS = 15

/** Tells questions apart. */
export const nameOf = ({ bug, side, but }: BugQuestion): string =>
  [bug, side, ...(but === undefined ? [] : [but.field, String(but.value)])].join('/')

/** What is searched for a page: with the bug, without it, the kernel that is chosen, and each change that turned the run. */
export function searchesFor(question: BugQuestion, { turn }: BugStory): BugQuestion[] {
  const { bug, side } = question
  const asked: BugQuestion[] = [
    { bug, side: 'present' },
    { bug, side: 'fixed' },
  ]
  if (side !== 'present' && side !== 'fixed') asked.push(question)
  for (const { field, from, to, enough, needed } of turn?.changes ?? []) {
    if (turn === null || (!enough && !needed)) continue
    asked.push({ bug, side: turn.possible, but: { field, value: to } })
    asked.push({ bug, side: turn.impossible, but: { field, value: from } })
  }
  return asked
}

/** The shelf as the page knows it: one worker, asked one thing at a time. */
export const createBugs = (start: () => BugWorker): StoreApi<BugsState> =>
  createStore<BugsState>()((set, get) => {
    let turn = 0
    let worker: BugWorker | null = null

    /** Asks the worker, and starts one if there is none. Throws when it is lost. */
    function asking() {
      worker ??= start()
      const mine = worker
      const death = watchDeath(mine.died)
      return async <T>(ask: (worker: BugWorker) => Promise<T>): Promise<T> => {
        const outcome = await withPatience(ask(mine), death, PATIENCE_SECONDS)
        if (outcome.kind === 'lost') throw new Error(outcome.why)
        return outcome.value
      }
    }

    async function work(question: BugQuestion, mine: number): Promise<void> {
      const ask = asking()
      const name = nameOf(question)
      const story = get().stories.get(name) ?? (await ask(w => w.tell(question)))
      if (mine !== turn) return
      set(s => ({ stories: new Map(s.stories).set(name, story) }))
      for (const search of searchesFor(question, story)) {
        if (get().verdicts.get(nameOf(search))?.kind === 'answered') continue
        const put = (searched: Searched) => set(s => ({ verdicts: new Map(s.verdicts).set(nameOf(search), searched) }))
        await ask(w => w.begin(search))
        // Somebody else may have begun another search by now: its reports are not ours.
        if (mine !== turn) return
        for (;;) {
          const { states, verdict } = await ask(w => w.advance(SLICE))
          if (verdict !== null) put({ kind: 'answered', verdict })
          if (mine !== turn) return
          if (verdict !== null) break
          put({ kind: 'searching', states })
        }
      }
    }

    /** One thing at a time: whoever asks later is the one whose answer counts. */
    async function takeTurn(job: (mine: number) => Promise<void>): Promise<void> {
      const mine = ++turn
      set({ busy: true, lost: '' })
      try {
        await job(mine)
      } catch (error) {
        worker?.stop()
        worker = null
        if (mine === turn) set({ lost: reasonOf(error) })
      } finally {
        if (mine === turn) set({ busy: false })
      }
    }

    async function count(bug: string): Promise<void> {
      if (get().prices.has(bug)) return
      const report = await asking()(w => w.price(bug))
      set(s => ({ prices: new Map(s.prices).set(bug, report) }))
    }

    return {
      stories: new Map(),
      verdicts: new Map(),
      prices: new Map(),
      busy: false,
      lost: '',
      look: question => takeTurn(mine => work(question, mine)),
      price: bug => takeTurn(() => count(bug)),
    }
  })
