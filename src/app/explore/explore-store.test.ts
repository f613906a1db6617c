import { describe, expect, it } from 'vitest'
import type { RunLink } from '../../worker/lab-api.ts'
import { createExploreStore, questionOf } from './explore-store.ts'
import { plainWorker } from './testing/workers.ts'

const BROKEN: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', arch: 'x86' }
const SAFE: RunLink = { scenario: 'munmap-forced-flush', kernel: '6.1', driver: 'notifier', arch: 'x86' }
const LONG: RunLink = { scenario: 'overlapping-zaps', kernel: '6.1', driver: 'notifier', arch: 'x86' }

/** A store on workers that die at these slices, one life after the other; the last is immortal. */
function setUp(...deaths: number[]) {
  const lives: ReturnType<typeof plainWorker>[] = []
  const store = createExploreStore(() => {
    const worker = plainWorker(deaths[lives.length])
    lives.push(worker)
    return worker
  })
  return { store, lives, now: () => store.getState() }
}

const soon = () => new Promise(resolve => setTimeout(resolve, 0))

describe('a search', () => {
  it('says what it covers before it begins, and then how it came out', async () => {
    const { now } = setUp()
    now().look(questionOf(BROKEN))
    await soon()
    expect(now().hunt).toMatchObject({ phase: 'ready', begun: { coverage: { comparison: 'full' } } })
    await now().search()
    expect(now().hunt).toMatchObject({ phase: 'answered', report: { verdict: { kind: 'violated' } } })
  })

  it('counts every depth once', async () => {
    const { now } = setUp()
    now().look(questionOf(SAFE))
    await now().search()
    const { levels, report } = now().hunt!
    expect(levels.map(l => l.depth)).toEqual(levels.map((_, i) => i + 1))
    expect(1 + levels.reduce((sum, l) => sum + l.width, 0)).toBe(report!.states)
  })

  it('counts them anew where fewer states are found to stand for all', async () => {
    const { now } = setUp()
    now().look(questionOf(LONG))
    now().setReduced(true)
    await now().search()
    const { levels, report } = now().hunt!
    expect(report!.verdict!.sentence).toContain('however often')
    expect(levels.map(l => l.depth)).toEqual(levels.map((_, i) => i + 1))
    expect(1 + levels.reduce((sum, l) => sum + l.width, 0)).toBe(report!.states)
  })

  it('is over at once when it is cancelled, and says nothing afterwards', async () => {
    const { now, lives } = setUp()
    now().look(questionOf(LONG))
    const search = now().search()
    await soon()
    now().cancel()
    const { report } = now().hunt!
    expect(report?.verdict ?? null).toBeNull()
    await Promise.race([search, soon()])
    expect(now().hunt).toMatchObject({ phase: 'cancelled', report })
    expect(lives.every(w => w.stopped())).toBe(true)
  })

  it('gives way to another question', async () => {
    const { now } = setUp()
    now().look(questionOf(LONG))
    const search = now().search()
    await soon()
    now().look(questionOf(BROKEN))
    await search
    expect(now().hunt).toMatchObject({ phase: 'ready', report: null })
    await now().search()
    expect(now().hunt?.report?.verdict?.kind).toBe('violated')
  })

  it('is begun again when its worker dies, once, and tells', async () => {
    const { now, lives } = setUp(2)
    now().look(questionOf(SAFE))
    await now().search()
    expect(lives).toHaveLength(2)
    expect(now().notice).toContain('out of memory')
    expect(now().hunt?.report?.verdict?.kind).toBe('holds')
  })

  it('is lost when it kills two workers: no answer is made up', async () => {
    const { now } = setUp(2, 2)
    now().look(questionOf(SAFE))
    await now().search()
    expect(now().hunt).toMatchObject({ phase: 'lost', why: 'out of memory', report: { verdict: null } })
  })

  it('never says “holds” when it gave up', async () => {
    const { now } = setUp()
    now().setMostStates(100)
    now().look(questionOf(SAFE))
    await now().search()
    expect(now().hunt?.report?.verdict?.kind).toBe('out-of-budget')
  })

  it('starts by itself for a question that was asked for', async () => {
    const { now } = setUp()
    now().searchNext(questionOf(BROKEN).name)
    now().look(questionOf(BROKEN))
    expect(now()).toMatchObject({ next: null, hunt: { phase: 'searching' } })
  })

  it('gives the run that it found as text, without opening it', async () => {
    const { now } = setUp()
    now().look(questionOf(BROKEN))
    await now().search()
    const { link, steps } = now().hunt!.report!.verdict!
    const text = await now().runText(link!, 'text')
    expect(text!.trimEnd().split('\n')).toHaveLength(2 + steps!)
  })
})
