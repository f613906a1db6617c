import { reasonOf, watchDeath, withPatience } from '../../store/patience.ts'
import type { RunLink } from '../../worker/lab-api.ts'
import type { StudyAnswer } from '../../worker/study-api.ts'
import type { StudyWorker } from '../../worker/study-client.ts'

export type GraphKind = 'graph-dot' | 'graph-aut'
export type GraphText = StudyAnswer<GraphKind>

const LIMITS = { states: 5_000_000, bytes: 2 ** 30 }
/** Milliseconds between two words on how far it is. */
const SLICE = 50
const PATIENCE_SECONDS = 15

/**
 * Has a graph written, in a worker of its own that is given back at once: these texts are large, and nobody keeps them. `progress`
 * hears how many states have been found. Throws, with a reason for the reader, when the worker is lost.
 */
export async function writeGraph(
  start: () => StudyWorker,
  kind: GraphKind,
  link: RunLink,
  progress: (states: number) => void,
): Promise<GraphText> {
  const worker = start()
  const death = watchDeath(worker.died)
  const asked = async <T>(answer: Promise<T>): Promise<T> => {
    const outcome = await withPatience(answer, death, PATIENCE_SECONDS)
    if (outcome.kind === 'lost') throw new Error(outcome.why)
    return outcome.value
  }
  try {
    await asked(worker.begin(kind, link, LIMITS))
    for (;;) {
      const report = await asked(worker.advance(SLICE))
      progress(report.progress.states)
      if (report.answer !== null) return report.answer as GraphText
    }
  } catch (error) {
    throw new Error(`the graph could not be written: ${reasonOf(error)}`)
  } finally {
    worker.stop()
  }
}
