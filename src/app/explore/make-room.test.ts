import { describe, expect, it } from 'vitest'
import type { RunLink } from '../../worker/lab-api.ts'
import { createExploreStore, questionOf } from './explore-store.ts'
import { lanesLeft, lanesOn, makeRoom } from './make-room.ts'
import { createStudies } from './study-store.ts'
import { plainStudyWorker, plainWorker } from './testing/workers.ts'

const SAFE: RunLink = { scenario: 'munmap-forced-flush', kernel: '6.1', driver: 'notifier', arch: 'x86' }

describe('how many cells are searched side by side', () => {
  it('leaves one core to the page, is never none, and never more than four', () => {
    expect([1, 2, 3, 4, 5, 6, 64].map(lanesOn)).toEqual([1, 1, 2, 3, 4, 4, 4])
  })

  it('is what is left when the reader waits for something: on two cores, none', () => {
    expect([1, 2, 3, 4, 8].map(cores => lanesLeft(cores, 1, false))).toEqual([0, 0, 1, 2, 4])
    expect([1, 2, 3, 4, 8].map(cores => lanesLeft(cores, 2, false))).toEqual([0, 0, 0, 1, 4])
  })

  it('is none in a page that nobody sees', () => {
    expect([0, 1, 2].map(waitedFor => lanesLeft(8, waitedFor, true))).toEqual([0, 0, 0])
  })
})

/** A document that can be hidden. */
function sight() {
  const listeners: (() => void)[] = []
  const page = {
    visibilityState: 'visible',
    addEventListener: (_: 'visibilitychange', listener: () => void) => void listeners.push(listener),
  }
  const show = (state: 'visible' | 'hidden') => {
    page.visibilityState = state
    for (const listener of listeners) listener()
  }
  return { page, show }
}

function setUp(cores: number) {
  const session = createExploreStore(() => plainWorker(), lanesOn(cores))
  const studies = createStudies(() => plainStudyWorker())
  const allowed: number[] = []
  const { allow } = session.getState()
  session.setState({
    allow: lanes => {
      allowed.push(lanes)
      allow(lanes)
    },
  })
  const { page, show } = sight()
  makeRoom(session, studies, page, cores)
  return { session, studies, allowed, show }
}

describe('the matrix makes room', () => {
  it('while a search runs, and takes it back when that is answered or cancelled', async () => {
    const { session, allowed } = setUp(4)
    session.getState().look(questionOf(SAFE))
    await session.getState().search()
    expect(allowed).toEqual([2, 3])
    void session.getState().search()
    session.getState().cancel()
    expect(allowed).toEqual([2, 3, 2, 3])
  })

  it('while a study runs, beside a search or alone', async () => {
    const { session, studies, allowed } = setUp(4)
    session.getState().look(questionOf(SAFE))
    studies.getState().look(questionOf(SAFE))
    const searching = session.getState().search()
    void studies.getState().study('outcomes')
    expect(allowed).toEqual([2, 1])
    studies.getState().stop()
    await searching
    expect(allowed).toEqual([2, 1, 2, 3])
  })

  it('while nobody sees the page: a cell that was begun goes on from where it was', async () => {
    const { session, show } = setUp(2)
    const filling = session.getState().fill([questionOf(SAFE)])
    show('hidden')
    await new Promise(resolve => setTimeout(resolve, 10))
    const { cells, matrix } = session.getState()
    expect(matrix).toBe('running')
    await new Promise(resolve => setTimeout(resolve, 10))
    expect(session.getState().cells).toBe(cells)
    show('visible')
    await filling
    expect([...session.getState().cells.values()]).toMatchObject([{ kind: 'answered', verdict: { kind: 'holds' } }])
  })
})
