import { describe, expect, it } from 'vitest'
import { known } from '../../core/base/assert.ts'
import { answerOfStudy } from '../../core/studies/study.ts'
import { createLab } from '../lab.ts'
import type { RunLink } from '../lab-api.ts'
import { resolveLink } from '../resolve.ts'
import { type WhyView, whySafeLinked } from './why-safe.ts'

const why = (link: RunLink): WhyView =>
  answerOfStudy(whySafeLinked(resolveLink(link), { states: 5_000_000, bytes: 2 ** 30 }))

/** Every run of an answer, with the rule that it breaks. */
const runsOf = ({ rules, moved }: WhyView) => [
  ...rules.flatMap(r =>
    [...(r.run === null ? [] : [r.run]), ...r.needed, ...r.together].map(run => ({ id: r.id, run })),
  ),
  ...moved.flatMap(m => m.rules.flatMap(({ id, run }) => (run === null ? [] : [{ id, run }]))),
]

function verdictAt(link: RunLink, at: number, id: string) {
  const { snapshot, problems } = createLab().open({ ...link, at })
  expect(problems).toEqual([])
  return known(
    snapshot.world.rules.find(r => r.id === id),
    id,
  ).verdict
}

describe('every run that an answer shows', () => {
  it.each<RunLink>([
    { scenario: 'munmap-forced-flush', kernel: '3.19' },
    { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'empty-table' },
    { scenario: 'munmap-page-table', kernel: '6.6', arch: 'arm64' },
    { scenario: 'munmap-page-table', kernel: '3.18' },
  ])('of $scenario, $kernel, opens in the lab and breaks its rule at the last step, not before', link => {
    const runs = runsOf(why(link))
    expect(runs.length).toBeGreaterThan(3)
    for (const { id, run } of runs) {
      expect(verdictAt(run.link, run.steps - 1, id)).not.toBe('violated')
      expect(verdictAt(run.link, run.steps, id)).toBe('violated')
    }
  })
})

describe('a run that leaves something out', () => {
  const answer = why({ scenario: 'munmap-forced-flush', kernel: '3.19' })
  const cut = known(answer.rules[0]?.needed[0], 'a point that I1 needs')

  it('says so, keeps it in its link, and can have it back', () => {
    const lab = createLab()
    const { run, snapshot } = lab.open(cut.link)
    expect(run.leftOut).toEqual([
      {
        what: 'the call of invalidate_range',
        path: expect.arrayContaining(['zap_pte_range', '__mmu_notifier_invalidate_range']),
      },
    ])
    expect(snapshot.link.without).toEqual(cut.link.without)
    const whole = lab.change({ without: null })
    expect(whole.run.leftOut).toEqual([])
    expect(whole.snapshot.link.without).toBeUndefined()
    expect(known(whole.snapshot.world.rules[0], 'I1').verdict).not.toBe('violated')
  })

  it('is compared with the same kernel, whole', () => {
    const lab = createLab()
    const { run } = lab.open(cut.link)
    const { divergence, link, ending } = lab.compare(run.settings)
    expect(divergence).not.toBeNull()
    expect(link.without).toBeUndefined()
    expect(ending.kind).not.toBe('same')
  })

  it('is whole again, and says why, in a kernel that has no such call', () => {
    const lab = createLab()
    lab.open(cut.link)
    const { run, problems } = lab.change({ kernel: '6.6' })
    expect(run.leftOut).toEqual([])
    expect(problems[0]?.message).toContain(
      'nothing called “zap_pte_range/tlb_flush_mmu_tlbonly/__mmu_notifier_invalidate_range”',
    )
  })
})

it('what mends a broken rule is the oldest kernel in which it holds, with the driver of its time', () => {
  const { rules, others } = why({ scenario: 'munmap-forced-flush', kernel: '3.18' })
  const first = known(
    rules[0]?.others.find(o => o.verdict === 'holds'),
    'a kernel that mends I1',
  )
  expect(others[first.at]).toMatchObject({ name: '3.19', link: { kernel: '3.19', driver: 'notifier' } })
})
