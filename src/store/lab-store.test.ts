import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LabApi } from '../worker/lab-api.ts'
import { createLabStore } from './lab-store.ts'
import { readyMoves } from './selectors.ts'
import { connectTo, type TestConnection } from './testing/fake-connection.ts'
import { createFakeLab } from './testing/fake-lab.ts'

const CPU = { actor: 0, alternative: 0 }
const GPU = { actor: 1, alternative: 0 }

/** A store on a lab that may be replaced: `lives` are the workers started so far. */
function setUp(make: (life: number) => LabApi = createFakeLab) {
  const lives: TestConnection[] = []
  const store = createLabStore(
    () => {
      const connection = connectTo(make(lives.length))
      lives.push(connection)
      return connection
    },
    { patience: 3 },
  )
  return { store, lives, now: () => store.getState(), worker: () => lives.at(-1)! }
}

describe('the store and a healthy worker', () => {
  it('opens the first scenario when there is no link', async () => {
    const { now } = setUp()
    await now().begin(null, [])
    expect(now().run?.scenario.id).toBe('fake-munmap')
    expect(now()).toMatchObject({ pending: 0, goal: 0, problems: [], film: [] })
  })

  it('grows the film by deltas and cuts it where another move is made', async () => {
    const { now } = setUp()
    await now().begin(null, [])
    await now().move(CPU)
    await now().move(CPU)
    await now().move(GPU)
    await now().seek(1)
    expect(now().film.map(s => s.mark)).toEqual(['start', 'PTE 0', 'miss'])
    await now().move(GPU)
    expect(now().film.map(s => s.mark)).toEqual(['start', 'miss'])
    expect(now().snapshot).toMatchObject({ at: 2, length: 2 })
  })

  it('keeps the very same film while the reader only moves about in it', async () => {
    const { now } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
    const film = now().film
    await now().seek(1)
    await now().seek(3)
    expect(now().film).toBe(film)
  })

  it('says why a move was refused, and forgets it at the next reply', async () => {
    const { now } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '111' }, [])
    await now().move(GPU)
    expect(now().refusal).toMatch(/nothing left/)
    await now().seek(2)
    expect(now().refusal).toBeNull()
  })

  it('runs on, and stands where it stood with the new steps ahead', async () => {
    const { now } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '01' }, [])
    await now().runOn(3)
    expect(now().snapshot).toMatchObject({ at: 2, length: 5 })
    expect(now().film).toHaveLength(5)
  })

  it('opens what was remembered, and says nothing when that is no longer possible', async () => {
    const { now } = setUp()
    await now().begin(null, [], { scenario: 'fake-munmap', schedule: '0011', at: 2 })
    expect(now().snapshot).toMatchObject({ at: 2, length: 4 })
    const other = setUp()
    await other.now().begin(null, [], { scenario: 'nowhere', schedule: '0' })
    expect(other.now()).toMatchObject({ problems: [], run: { scenario: { id: 'fake-munmap' } } })
  })

  it('opens a scenario of the reader’s own', async () => {
    const { now } = setUp()
    await now().begin(null, [])
    expect(await now().openOwn('{}', 'mine.json')).toEqual([])
    expect(now().snapshot?.link).toMatchObject({ custom: '{}' })
  })

  it('leaves open what was open when a file is no scenario, and says what is wrong with it', async () => {
    const { now } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '0011', at: 3 }, [])
    const { run, snapshot, film } = now()
    expect(await now().openOwn('none', 'mine.json')).toMatchObject([{ at: 'mine.json: line 1' }])
    expect(now()).toMatchObject({ run, snapshot, film, problems: [], pending: 0 })
  })

  it('lists the problems of the parser before those of the worker', async () => {
    const { now } = setUp()
    const found = { at: 'link, part zz', message: 'unknown', mend: 'left out' }
    await now().begin({ scenario: 'nowhere', schedule: '0' }, [found])
    expect(now().problems.map(p => p.at)).toEqual(['link, part zz', 'link, part s'])
    now().dismissProblems()
    expect(now().problems).toEqual([])
  })
})

describe('requests on their way', () => {
  it('go out one at a time, and of waiting seeks only the last', async () => {
    const { now, worker } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '00011000' }, [])
    const release = worker().hold()
    const seeks = [1, 5, 3, 7, 2].map(at => now().seek(at))
    expect(now()).toMatchObject({ goal: 2, pending: 5 })
    release()
    await Promise.all(seeks)
    expect(worker().calls.filter(c => c.startsWith('seek'))).toEqual(['seek(1)', 'seek(2)'])
    expect(now()).toMatchObject({ goal: 2, pending: 0 })
    expect(now().snapshot?.at).toBe(2)
  })

  it('never drop a seek that a move relies on', async () => {
    const { now, worker } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
    const release = worker().hold()
    const all = [now().seek(3), now().seek(1), now().move(GPU), now().seek(0)]
    release()
    await Promise.all(all)
    expect(worker().calls.slice(2)).toEqual(['seek(3)', 'seek(1)', 'move({"actor":1,"alternative":0})', 'seek(0)'])
    expect(now().film.map(s => s.mark)).toEqual(['start', 'miss'])
  })

  it('of a run that is being replaced are dropped', async () => {
    const { now, worker } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
    const release = worker().hold()
    const all = [now().seek(1), now().seek(2), now().move(GPU), now().open({ scenario: 'fake-exit' })]
    release()
    await Promise.all(all)
    expect(worker().calls.slice(2)).toEqual(['seek(1)', 'open({"scenario":"fake-exit"})'])
    expect(now()).toMatchObject({ goal: 0, pending: 0, film: [] })
  })

  it('leave film, snapshot and goal in agreement, in whatever order they are made', async () => {
    const request = fc.oneof(
      fc.nat(8).map(at => ({ do: 'seek' as const, at })),
      fc.constantFrom(CPU, GPU).map(choice => ({ do: 'move' as const, choice })),
      fc.constant({ do: 'runOn' as const }),
      fc.constant({ do: 'open' as const }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 20 }), fc.array(fc.boolean()), async (requests, pauses) => {
        const { now } = setUp()
        await now().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
        const all: Promise<unknown>[] = []
        for (const [i, r] of requests.entries()) {
          if (r.do === 'seek') all.push(now().seek(r.at))
          else if (r.do === 'move') all.push(now().move(r.choice))
          else if (r.do === 'runOn') all.push(now().runOn(2))
          else all.push(now().open({ scenario: 'fake-munmap', schedule: '01' }))
          if (pauses[i]) await Promise.resolve()
        }
        await Promise.all(all)
        const { film, snapshot, goal, pending, notice } = now()
        expect({ pending, notice }).toEqual({ pending: 0, notice: null })
        expect(film).toHaveLength(snapshot!.length)
        expect(film.map(s => s.number)).toEqual(film.map((_, i) => i + 1))
        expect(film[snapshot!.at - 1] ?? null).toEqual(snapshot!.step)
        expect(film.map(s => s.choice.actor).join('')).toBe(snapshot!.link.schedule)
        expect(goal).toBe(snapshot!.at)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a worker that is lost', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('by silence is stopped, replaced, and the run restored to the very step', async () => {
    const { now, lives } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
    await now().seek(3)
    lives[0]!.hold()
    const seek = now().seek(1)
    await vi.advanceTimersByTimeAsync(3000)
    await seek
    expect(lives.map(l => l.stopped)).toEqual([true, false])
    expect(now()).toMatchObject({ pending: 0, goal: 3, failure: null })
    expect(now().snapshot).toMatchObject({ at: 3, length: 4 })
    expect(now().film).toHaveLength(4)
    expect(now().notice).toMatch(/did not answer within 3 seconds.*started again/)
    await now().move(GPU)
    expect(now().snapshot?.at).toBe(4)
  })

  it('before its first answer costs the reader nothing of the link', async () => {
    const { now, lives } = setUp(life => {
      const lab = createFakeLab()
      return {
        ...lab,
        catalogue: () => {
          if (life === 0) throw new Error('not loaded')
          return lab.catalogue()
        },
      }
    })
    await now().begin({ scenario: 'fake-munmap', schedule: '0011', at: 3 }, [{ at: 'x', message: 'y', mend: 'z' }])
    expect(lives).toHaveLength(2)
    expect(now().snapshot).toMatchObject({ at: 3, length: 4 })
    expect(now().problems).toHaveLength(1)
  })

  it('while nobody asks anything is replaced at once', async () => {
    const { now, lives } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '00' }, [])
    lives[0]!.die('out of memory')
    await vi.advanceTimersByTimeAsync(0)
    expect(lives).toHaveLength(2)
    expect(now().notice).toMatch(/out of memory/)
    expect(now().snapshot?.at).toBe(2)
  })

  it('and answers late is not listened to', async () => {
    const { now, lives } = setUp()
    await now().begin({ scenario: 'fake-munmap', schedule: '0011' }, [])
    const release = lives[0]!.hold()
    const seek = now().seek(1)
    await vi.advanceTimersByTimeAsync(3000)
    await seek
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(now().snapshot?.at).toBe(4)
  })

  it('by a call that throws is replaced too', async () => {
    const { now, lives } = setUp(life => {
      const lab = createFakeLab()
      return life > 0
        ? lab
        : {
            ...lab,
            move: () => {
              throw new Error('assertion failed: refcount')
            },
          }
    })
    await now().begin({ scenario: 'fake-munmap', schedule: '0' }, [])
    await now().move(CPU)
    expect(lives).toHaveLength(2)
    expect(now().notice).toMatch(/assertion failed: refcount/)
    expect(readyMoves(now())).toHaveLength(2)
  })

  it('again and again is given up, with the reason', async () => {
    const { now, lives } = setUp(life => {
      const lab = createFakeLab()
      return {
        ...lab,
        open: link => {
          if (life > 0) throw new Error('broken')
          return lab.open(link)
        },
      }
    })
    await now().begin(null, [])
    lives[0]!.die('gone')
    await vi.advanceTimersByTimeAsync(0)
    expect(now().failure).toBe('gone')
    expect(lives).toHaveLength(4)
    await now().seek(1)
    await now().move(CPU)
    expect(now().pending).toBe(0)
  })
})
