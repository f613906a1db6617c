import { afterEach, describe, expect, it, vi } from 'vitest'
import { cellLink, MATRIX_COLUMNS } from '../../worker/explore-matrix.ts'
import type { RunLink } from '../../worker/lab-api.ts'
import { createExploreStore, type Question, questionOf } from './explore-store.ts'
import { plainWorker } from './testing/workers.ts'

const BROKEN = questionOf({ scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', arch: 'x86' })
const SAFE = questionOf({ scenario: 'munmap-forced-flush', kernel: '6.1', driver: 'notifier', arch: 'x86' })
const ROW: readonly Question[] = MATRIX_COLUMNS.filter(c => c.as === null).map(column =>
  questionOf(cellLink('munmap-forced-flush', column)),
)

/** A matrix of so many lanes, on workers that die at these slices, in the order in which they are started. */
function setUp(lanes: number, ...deaths: number[]) {
  const lives: ReturnType<typeof plainWorker>[] = []
  const begun: string[] = []
  const store = createExploreStore(() => {
    const worker = plainWorker(deaths[lives.length])
    lives.push(worker)
    const begin = (link: RunLink, limits: { states: number; bytes: number }) => {
      begun.push(questionOf(link).name)
      return worker.begin(link, limits)
    }
    return { ...worker, begin }
  }, lanes)
  const now = () => store.getState()
  /** Cells that have been begun and not answered, and how far each is. */
  const stands = () =>
    [...now().cells].flatMap(([name, c]) => (c.kind === 'searching' ? [[name, c.states] as const] : []))
  return { store, lives, begun, now, stands }
}

const soon = () => new Promise(resolve => setTimeout(resolve, 0))
/** Long enough for every lane to make many a slice. */
const aWhile = async () => {
  for (let i = 0; i < 20; i++) await soon()
}

describe('the matrix', () => {
  afterEach(() => void vi.useRealTimers())

  it('answers each question, and pauses where it is', async () => {
    const { now } = setUp(1)
    const filling = now().fill([BROKEN, SAFE])
    now().pause()
    await soon()
    expect(now()).toMatchObject({ matrix: 'paused' })
    now().resume()
    await filling
    expect(now().matrix).toBe('done')
    expect([BROKEN, SAFE].map(q => now().cells.get(q.name))).toMatchObject([
      { kind: 'answered', verdict: { kind: 'violated' } },
      { kind: 'answered', verdict: { kind: 'holds' } },
    ])
  })

  it('goes on past a question that kills its workers, and tells', async () => {
    const { now } = setUp(1, 1, 1)
    await now().fill([SAFE, BROKEN])
    expect([...now().cells.values()]).toMatchObject([{ kind: 'lost' }, { kind: 'answered' }])
    expect(now().notice).toContain('out of memory')
  })

  it('searches two cells at a time on two lanes: each once, in the order in which they stand', async () => {
    const { now, begun, lives, stands, store } = setUp(2)
    let most = 0
    store.subscribe(() => {
      most = Math.max(most, stands().length)
    })
    await now().fill(ROW)
    expect(most).toBe(2)
    expect(begun).toEqual(ROW.map(q => q.name))
    expect([...now().cells.values()].every(c => c.kind === 'answered')).toBe(true)
    expect(lives.map(w => w.stopped())).toEqual([true, true])
  })

  it('comes to the same answers on four lanes as on one', async () => {
    const answers = async (lanes: number) => {
      const { now } = setUp(lanes)
      await now().fill(ROW)
      return ROW.map(q => now().cells.get(q.name))
    }
    expect(await answers(4)).toEqual(await answers(1))
  })

  it('loses no cell when the worker of one lane dies: that one is begun again', async () => {
    const { now, begun } = setUp(2, 2)
    await now().fill(ROW)
    expect(begun).toHaveLength(ROW.length + 1)
    expect(new Set(begun).size).toBe(ROW.length)
    expect([...now().cells.values()].every(c => c.kind === 'answered')).toBe(true)
    expect(now().notice).toContain('begun again')
  })

  it('holds every lane while it is paused, and says so of each cell that was begun', async () => {
    vi.useFakeTimers()
    const { now, stands } = setUp(3)
    const filling = now().fill(ROW)
    await vi.advanceTimersByTimeAsync(1)
    now().pause()
    await vi.advanceTimersByTimeAsync(1000)
    const { cells } = now()
    expect(stands()).toHaveLength(3)
    expect([...cells.values()].every(c => c.kind === 'answered' || (c.kind === 'searching' && c.held))).toBe(true)
    await vi.advanceTimersByTimeAsync(1000)
    expect(now().cells).toBe(cells)
    vi.useRealTimers()
    now().resume()
    await filling
    expect([...now().cells.values()].every(c => c.kind === 'answered')).toBe(true)
  })

  it('goes on with fewer lanes when it must make room, and with none: no cell is begun then', async () => {
    const { now, begun, stands } = setUp(2)
    const filling = now().fill(ROW)
    now().allow(0)
    await aWhile()
    const held = stands()
    expect(held).toHaveLength(2)
    await aWhile()
    expect(stands()).toEqual(held)
    expect(now().matrix).toBe('running')
    now().allow(1)
    await vi.waitFor(() => expect(begun.length).toBeGreaterThan(4))
    // The first lane goes through the row. The other stands where it stood.
    expect(stands()).toContainEqual(held[1])
    now().allow(2)
    await filling
    expect(begun).toEqual(ROW.map(q => q.name))
    expect(now().matrix).toBe('done')
  })

  it('is done when the last cell is answered, though a lane that began nothing may still not work', async () => {
    const { now } = setUp(2)
    now().allow(1)
    await now().fill([BROKEN, SAFE])
    expect(now().matrix).toBe('done')
  })
})
