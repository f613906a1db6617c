import { describe, expect, it } from 'vitest'
import type { BugWorker } from '../../worker/bug-client.ts'
import { createBugLab } from '../../worker/bug-lab.ts'
import { createBugs, nameOf } from './bug-store.ts'

/** A worker without a thread; it breaks down, if at all, in its `diesAt`-th call. */
function plainWorker(diesAt = Number.POSITIVE_INFINITY): BugWorker {
  let time = 0
  let calls = 0
  let die: (why: string) => void = () => undefined
  const died = new Promise<string>(resolve => {
    die = resolve
  })
  const lab = createBugLab(() => (time += 20))
  const life = <T>(work: () => T): Promise<T> => {
    if (++calls < diesAt) return new Promise(resolve => setTimeout(() => resolve(work()), 0))
    die('out of memory')
    return new Promise(() => undefined)
  }
  return {
    tell: q => life(() => lab.tell(q)),
    begin: q => life(() => lab.begin(q)),
    advance: ms => life(() => lab.advance(ms)),
    price: bug => life(() => lab.price(bug)),
    died,
    stop: () => undefined,
  }
}

const B09 = { bug: 'B09', side: 'present' } as const
const PAST = { bug: 'B09', side: '6.14' } as const

describe('what the page knows of the shelf', () => {
  it('tells the story first, then searches with the bug and without it', async () => {
    const bugs = createBugs(() => plainWorker())
    await bugs.getState().look(B09)
    const { stories, verdicts, busy, lost } = bugs.getState()
    expect(stories.get(nameOf(B09))?.possible).toBe(true)
    const kinds = [...verdicts].map(([name, v]) => [name, v.kind === 'answered' ? v.verdict.kind : v.kind])
    expect(kinds).toEqual([
      ['B09/present', 'broken'],
      ['B09/fixed', 'holds'],
    ])
    expect([busy, lost]).toEqual([false, ''])
  })

  it('in a kernel past the fix: searches each change that turned the run, in both directions', async () => {
    const bugs = createBugs(() => plainWorker())
    await bugs.getState().look(PAST)
    const { verdicts } = bugs.getState()
    const kindOf = (name: string) => {
      const v = verdicts.get(name)
      return v?.kind === 'answered' ? v.verdict.kind : undefined
    }
    expect(kindOf('B09/6.1/nestedRangeEncoding/full')).toBe('holds')
    expect(kindOf('B09/6.6/nestedRangeEncoding/empty')).toBe('broken')
  })

  it('gives up a search that nobody waits for any more, and does not ask again what it knows', async () => {
    let started = 0
    const bugs = createBugs(() => {
      started++
      return plainWorker()
    })
    const first = bugs.getState().look(PAST)
    await bugs.getState().look(B09)
    await first
    expect(bugs.getState().busy).toBe(false)
    expect(bugs.getState().verdicts.has('B09/6.6/nestedRangeEncoding/empty')).toBe(false)
    const before = bugs.getState().verdicts
    await bugs.getState().look(B09)
    expect(bugs.getState().verdicts).toBe(before)
    expect(started).toBe(1)
  })

  it('says so when the worker is lost, and starts another one when it is asked again', async () => {
    let started = 0
    const bugs = createBugs(() => plainWorker(++started === 1 ? 3 : undefined))
    await bugs.getState().look(B09)
    expect(bugs.getState()).toMatchObject({ busy: false, lost: 'out of memory' })
    await bugs.getState().look(B09)
    expect(bugs.getState().lost).toBe('')
    expect(bugs.getState().verdicts.get('B09/fixed')?.kind).toBe('answered')
  })
})
