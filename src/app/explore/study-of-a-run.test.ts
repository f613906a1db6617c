import { describe, expect, it } from 'vitest'
import type { RunLink } from '../../worker/lab-api.ts'
import type { StudyWorker } from '../../worker/study-client.ts'
import { createStudyLab } from '../../worker/study-lab.ts'
import { questionOf } from './explore-store.ts'
import { createStudies } from './study-store.ts'

const FORCED: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', arch: 'x86' }
const BROKEN: RunLink = { ...FORCED, schedule: '0003002*70*412' }

/** A worker without a thread. */
function plainStudyWorker(): StudyWorker {
  let time = 0
  const lab = createStudyLab(() => time++)
  return {
    begin: async (kind, link, limits) => lab.begin(kind, link, limits),
    advance: async milliseconds => lab.advance(milliseconds),
    died: new Promise(() => undefined),
    stop: () => undefined,
  }
}

describe('a study that begins with the run in the lab', () => {
  it('is forgotten when another run stands there; what does not depend on the run stays', async () => {
    const store = createStudies(plainStudyWorker)
    const given = () => {
      const answer = store.getState().studies.smaller?.answer
      return answer?.kind === 'smallest' ? answer.found.given : undefined
    }
    store.getState().look(questionOf(FORCED))
    await store.getState().study('smaller')
    expect(given()).toBeNull()
    await store.getState().study('outcomes')

    store.getState().look(questionOf(BROKEN))
    expect(store.getState().studies).toEqual({ outcomes: expect.objectContaining({ phase: 'done' }) })
    await store.getState().study('smaller')
    expect(given()).toMatchObject({ steps: 19 })

    store.getState().look(questionOf(BROKEN))
    expect(given()).toMatchObject({ steps: 19 })
  })
})
