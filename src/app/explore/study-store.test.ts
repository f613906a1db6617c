import { describe, expect, it } from 'vitest'
import type { RunLink } from '../../worker/lab-api.ts'
import { questionOf } from './explore-store.ts'
import { createStudies } from './study-store.ts'
import { plainStudyWorker } from './testing/workers.ts'

const SHORT: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', arch: 'x86' }
const LONG: RunLink = { scenario: 'munmap-plain', kernel: '6.1', driver: 'notifier', arch: 'x86' }

/** Studies on workers that die at these slices, one life after the other; the last is immortal. */
function setUp(...deaths: number[]) {
  const lives: ReturnType<typeof plainStudyWorker>[] = []
  const store = createStudies(() => {
    const worker = plainStudyWorker(deaths[lives.length])
    lives.push(worker)
    return worker
  })
  return { lives, now: () => store.getState(), change: store.subscribe }
}

const soon = () => new Promise(resolve => setTimeout(resolve, 0))

describe('a study', () => {
  it('answers, after it has said how far it is, and gives its worker back', async () => {
    const { now, change, lives } = setUp()
    const said = new Set<string>()
    change(s => said.add(s.studies.outcomes?.progress?.doing ?? ''))
    now().look(questionOf(SHORT))
    await now().study('outcomes')
    expect(now().studies.outcomes).toMatchObject({ phase: 'done', answer: { kind: 'outcomes', weighing: 'runs' } })
    expect(said).toContain('Looking at every state')
    expect(lives.map(w => w.stopped())).toEqual([true])
  })

  it('is not begun without a question, nor twice while it is under way, nor again when it is done', async () => {
    const { now, lives } = setUp()
    await now().study('outcomes')
    expect(lives).toHaveLength(0)
    now().look(questionOf(SHORT))
    await Promise.all([now().study('outcomes'), now().study('outcomes')])
    await now().study('outcomes')
    expect(lives).toHaveLength(1)
  })

  it('is over at once when it is stopped, says nothing afterwards, and can be begun again', async () => {
    const { now, lives } = setUp()
    now().look(questionOf(LONG))
    const studying = now().study('outcomes')
    await soon()
    expect(now().studies.outcomes?.phase).toBe('working')
    now().stop()
    await studying
    expect(now().studies.outcomes).toMatchObject({ phase: 'stopped', answer: null })
    expect(lives[0]?.stopped()).toBe(true)
    await now().study('outcomes')
    expect(now().studies.outcomes?.phase).toBe('done')
  })

  it('is lost when its worker dies, says why, and makes no answer up', async () => {
    const { now, lives } = setUp(3)
    now().look(questionOf(SHORT))
    await now().study('outcomes')
    expect(now().studies.outcomes).toMatchObject({ phase: 'lost', why: 'out of memory', answer: null })
    expect(lives[0]?.stopped()).toBe(true)
    await now().study('outcomes')
    expect(now().studies.outcomes).toMatchObject({ phase: 'done', why: '' })
  })

  it('gives way to another one, and keeps what has been answered', async () => {
    const { now } = setUp()
    now().look(questionOf(LONG))
    const slow = now().study('outcomes')
    await soon()
    await Promise.all([now().study('danger'), slow])
    expect(now().studies).toMatchObject({ outcomes: { phase: 'stopped', answer: null }, danger: { phase: 'done' } })
    await now().study('outcomes')
    expect(now().studies).toMatchObject({ outcomes: { phase: 'done' }, danger: { phase: 'done' } })
  })

  it('is forgotten with its question, and not with another look at the same', async () => {
    const { now, lives } = setUp()
    now().look(questionOf(SHORT))
    await now().study('danger')
    now().look(questionOf(SHORT))
    expect(now().studies.danger?.phase).toBe('done')
    const studying = now().study('outcomes')
    await soon()
    now().look(questionOf(LONG))
    await studying
    expect(now().studies).toEqual({})
    expect(lives.every(w => w.stopped())).toBe(true)
  })
})
