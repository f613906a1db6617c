import { describe, expect, it } from 'vitest'
import { CLAIMS } from '../../core/studies/patch/claim-list.ts'
import { GAPS } from '../../core/studies/patch/subjects.ts'
import { createLab } from '../../worker/lab.ts'
import { plainStudyWorker } from '../explore/testing/workers.ts'
import { createPatchStore } from './patch-store.ts'
import { claimAnswer, claimWanted, gapAnswer, gapWanted } from './questions.ts'

const BEFORE = { series: [], driver: 'naive' } as const
const CALLBACK_ALONE = { series: [1, 3], driver: 'notifier' } as const

function setUp(diesAt?: number) {
  const workers: ReturnType<typeof plainStudyWorker>[] = []
  const store = createPatchStore(() => {
    // Only the first of them ever dies.
    const worker = plainStudyWorker(workers.length === 0 ? diesAt : undefined)
    workers.push(worker)
    return worker
  })
  const idle = async () => {
    const waits = () => Object.values(store.getState().looked).some(l => l?.phase === 'waiting')
    while (waits()) await new Promise(resolve => setTimeout(resolve, 1))
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  return { store, now: store.getState, workers, idle }
}

describe('what the page asks', () => {
  it('is answered once, in one worker, which is given back', async () => {
    const { now, workers, idle } = setUp()
    const wanted = GAPS.map(gap => gapWanted(BEFORE, gap))
    now().want(wanted)
    now().want(wanted)
    await idle()
    now().want(wanted)
    expect(wanted.map(w => gapAnswer(now(), w).answer?.verdict.kind)).toEqual(['open', 'open'])
    expect(workers.map(w => w.stopped())).toEqual([true])
  })

  it('comes with links that open just that run', async () => {
    const { now, idle } = setUp()
    const gap = gapWanted(CALLBACK_ALONE, GAPS[0])
    const claims = CLAIMS.map(claim => claimWanted(CALLBACK_ALONE, claim))
    now().want([gap, ...claims])
    await idle()
    const links = [
      gapAnswer(now(), gap).answer?.link,
      ...claims.flatMap(
        w => claimAnswer(now(), w).answer?.parts.flatMap(p => p.findings.flatMap(f => f.run?.link ?? [])) ?? [],
      ),
    ]
    expect(links.length).toBeGreaterThan(6)
    for (const link of links) {
      const { run, snapshot, problems } = createLab().open({ ...link!, at: 0 })
      expect(problems).toEqual([])
      expect(snapshot.length).toBeGreaterThan(5)
      expect(run.settings.kernel).toBe('3.19')
      // Without 2/3 the gather tells nobody.
      expect(run.switches).toMatchObject({ gatherFlushNotifies: false, tableFreeNotifies: false })
    }
  })

  it('is lost with its worker, says why, and is asked again of another', async () => {
    const { now, workers, idle } = setUp(1)
    const [first, second] = GAPS.map(gap => gapWanted(BEFORE, gap)) as [
      ReturnType<typeof gapWanted>,
      ReturnType<typeof gapWanted>,
    ]
    now().want([first, second])
    await idle()
    expect(gapAnswer(now(), first)).toEqual({ answer: null, failed: 'The answer was lost: out of memory.' })
    expect(gapAnswer(now(), second).answer?.verdict.kind).toBe('open')
    now().want([first])
    await idle()
    expect(gapAnswer(now(), first).answer?.verdict.kind).toBe('open')
    expect(workers.every(w => w.stopped())).toBe(true)
  })

  it('is hidden until it is asked for', () => {
    const { now } = setUp()
    now().reveal(['told-of-tables'])
    now().reveal(['told-of-tables', 'changes-no-run'])
    expect(now().revealed).toEqual(['told-of-tables', 'changes-no-run'])
    now().hide(['told-of-tables'])
    expect(now().revealed).toEqual(['changes-no-run'])
  })
})
