import { Worker } from 'node:worker_threads'
import { wrap } from 'comlink'
import { known } from '../src/core/base/assert.ts'
import type { ExploreApi, SearchReport } from '../src/worker/explore-api.ts'
import type { RunLink } from '../src/worker/lab-api.ts'

/** As the page asks: how long a slice is, and where a search must stop. */
const SLICE = 50
const LIMITS = { states: 10_000_000, bytes: 2 ** 30 }

/** One search: what was waited for it, and what the worker says of it. */
export interface Searched {
  readonly verdict: string
  readonly states: number
  /** Seconds in which the worker searched, by its own clock. */
  readonly seconds: number
  /** Seconds from the question to the answer. */
  readonly wall: number
}

/** Searches in Node as the page does, slice by slice, in a thread of its own. `file` is the address of the built worker. */
export async function searchInNode(file: string, link: RunLink): Promise<Searched> {
  const worker = new Worker(new URL('./as-web-worker.mjs', import.meta.url), { workerData: file, execArgv: [] })
  const lost = new Promise<never>((_, reject) => worker.on('error', reject))
  try {
    return await Promise.race([searchOn(apiOf(worker), link), lost])
  } finally {
    await worker.terminate()
  }
}

const apiOf = (worker: Worker) =>
  wrap<ExploreApi>({
    postMessage: (message, transferred) => worker.postMessage(message, transferred as never),
    addEventListener: (_, listener) => void worker.on('message', data => (listener as (e: object) => void)({ data })),
    removeEventListener: () => undefined,
  })

async function searchOn(api: ReturnType<typeof apiOf>, link: RunLink): Promise<Searched> {
  // The page builds the machine when it is opened, and once more when the search begins.
  await api.begin(link, LIMITS)
  const from = performance.now()
  await api.begin(link, LIMITS)
  let report: SearchReport
  do {
    report = await api.advance(SLICE)
  } while (report.verdict === null)
  const wall = (performance.now() - from) / 1000
  const { states, seconds, verdict } = report
  return { verdict: known(verdict, 'verdict').kind, states, seconds, wall }
}
