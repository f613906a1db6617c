import type { ExploreWorker } from '../../../worker/explore-client.ts'
import { createExploreLab } from '../../../worker/explore-lab.ts'
import type { StudyWorker } from '../../../worker/study-client.ts'
import { createStudyLab } from '../../../worker/study-lab.ts'

/** A searcher without a thread. It dies, if at all, at its `diesAt`-th slice, or says nothing from then on. */
export function plainWorker(diesAt = Number.POSITIVE_INFINITY): ExploreWorker & Stoppable {
  const lab = createExploreLab(ticking())
  const life = lifeUntil(diesAt)
  return {
    begin: async (link, limits) => lab.begin(link, limits),
    advance: () => life.slice(() => lab.advance(2)),
    runText: async (link, format) => lab.runText(link, format),
    ...life,
  }
}

/** One that studies, likewise. */
export function plainStudyWorker(diesAt = Number.POSITIVE_INFINITY): StudyWorker & Stoppable {
  const lab = createStudyLab(ticking())
  const life = lifeUntil(diesAt)
  return {
    begin: async (kind, link, limits) => lab.begin(kind, link, limits),
    advance: () => life.slice(() => lab.advance(2)),
    ...life,
  }
}

interface Stoppable {
  readonly stopped: () => boolean
}

function lifeUntil(diesAt: number) {
  let slices = 0
  let stopped = false
  let die: (why: string) => void = () => undefined
  const died = new Promise<string>(resolve => {
    die = resolve
  })
  return {
    slice: async <T>(work: () => T): Promise<T> => {
      if (stopped || ++slices >= diesAt) {
        die('out of memory')
        return new Promise(() => undefined)
      }
      // A real answer comes in a task of its own: whoever waits gets a turn.
      await new Promise(resolve => setTimeout(resolve, 0))
      return work()
    },
    died,
    stop: () => {
      stopped = true
    },
    stopped: () => stopped,
  }
}

/** A clock that goes on by a millisecond whenever it is looked at: slices are short, and the same on every machine. */
function ticking(): () => number {
  let time = 0
  return () => ++time
}
