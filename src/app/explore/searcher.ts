import { reasonOf } from '../../store/patience.ts'
import type { RunFormat, SearchBegun, SearchLimits, SearchReport } from '../../worker/explore-api.ts'
import type { ExploreWorker } from '../../worker/explore-client.ts'
import type { RunLink } from '../../worker/lab-api.ts'

/** How a search ended. Only an answered one has a verdict. */
export type Ending =
  | { readonly kind: 'answered' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'lost'; readonly why: string }

/** Who looks on while a search is under way. */
export interface Watcher {
  begun(begun: SearchBegun): void
  report(report: SearchReport): void
  /** The worker was lost and the search begins once more. */
  restarted(why: string): void
  /** Waited for before each slice; lets go when the search may go on. */
  gate?(): Promise<void>
}

export interface Searcher {
  /** Searches until there is a verdict. Beginning another search, or looking at one, cancels it. */
  search(link: RunLink, limits: SearchLimits, watcher: Watcher): Promise<Ending>
  /** What a search would cover, without searching. Null when something else was wanted meanwhile. */
  look(link: RunLink, limits: SearchLimits): Promise<SearchBegun | null>
  runText(link: RunLink, format: RunFormat): Promise<string>
  cancel(): void
  /** Gives the worker and its memory back; the next question starts another. */
  rest(): void
}

interface SearcherOptions {
  /** Milliseconds between two reports. As long as Cancel may take to be felt. */
  readonly slice: number
  /** Of silence, after which a worker counts as hung. */
  readonly seconds: number
}

/** A worker that dies twice of the same search would die a third time. */
const LIVES = 2

/** One search at a time in a worker of its own, which is replaced when it dies, throws or falls silent. */
export function createSearcher(
  start: () => ExploreWorker,
  { slice, seconds }: SearcherOptions = { slice: 50, seconds: 10 },
): Searcher {
  let worker: ExploreWorker | null = null
  let turn = 0

  function drop(lost: ExploreWorker): void {
    lost.stop()
    if (worker === lost) worker = null
  }

  /** Runs `body` on the worker; when that is lost, on a new one. */
  async function onWorker<T>(
    body: (w: ExploreWorker, dog: Watchdog) => Promise<T>,
    wanted: () => boolean = () => true,
    onLoss: (why: string) => void = () => undefined,
  ): Promise<T> {
    for (let life = 1; ; life++) {
      worker ??= start()
      const mine = worker
      const dog = watchOver(mine, seconds)
      try {
        return await Promise.race([body(mine, dog), dog.lost])
      } catch (error) {
        drop(mine)
        if (life === LIVES || !wanted()) throw error
        onLoss(reasonOf(error))
      } finally {
        dog.stop()
      }
    }
  }

  return {
    async search(link, limits, watcher) {
      const mine = ++turn
      const wanted = () => mine === turn
      try {
        return await onWorker<Ending>(
          async (w, dog) => {
            const begun = await dog.over(w.begin(link, limits))
            if (wanted()) watcher.begun(begun)
            const ask = () => dog.over(w.advance(slice))
            let asked: Promise<SearchReport> | null = null
            for (;;) {
              await watcher.gate?.()
              if (!wanted()) return { kind: 'cancelled' }
              const report: SearchReport = await (asked ?? ask())
              if (!wanted()) return { kind: 'cancelled' }
              // The worker goes on while the page draws what it has said, unless somebody must let it.
              asked = report.verdict === null && watcher.gate === undefined ? ask() : null
              watcher.report(report)
              if (report.verdict !== null) return { kind: 'answered' }
            }
          },
          wanted,
          why => watcher.restarted(why),
        )
      } catch (error) {
        return wanted() ? { kind: 'lost', why: reasonOf(error) } : { kind: 'cancelled' }
      }
    },

    async look(link, limits) {
      const mine = ++turn
      const begun = await onWorker((w, dog) => dog.over(w.begin(link, limits)))
      return mine === turn ? begun : null
    },

    runText: (link, format) => onWorker((w, dog) => dog.over(w.runText(link, format))),

    cancel: () => {
      turn++
    },

    rest: () => {
      turn++
      if (worker !== null) drop(worker)
    },
  }
}

interface Watchdog {
  /** Rejects when the worker is beyond answering. */
  readonly lost: Promise<never>
  /** Counts the silence until this is answered. Time in which nothing was asked does not count. */
  over<T>(asked: Promise<T>): Promise<T>
  stop(): void
}

function watchOver(worker: ExploreWorker, seconds: number): Watchdog {
  let asking = false
  let silent = 0
  let timer: ReturnType<typeof setInterval> | undefined
  const lost = new Promise<never>((_, reject) => {
    void worker.died.then(why => reject(new Error(why)))
    timer = setInterval(() => {
      silent = asking ? silent + 1 : 0
      if (silent >= seconds) reject(new Error(`it did not answer within ${seconds} seconds`))
    }, 1000)
  })
  lost.catch(() => undefined)
  return {
    lost,
    over: async asked => {
      asking = true
      const answer = await asked
      asking = false
      silent = 0
      return answer
    },
    stop: () => clearInterval(timer),
  }
}
