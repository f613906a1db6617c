import { describe, expect, it } from 'vitest'
import type { SearchReport } from './explore-api.ts'
import { createExploreLab } from './explore-lab.ts'
import { createLab } from './lab.ts'
import type { RunLink } from './lab-api.ts'

const plenty = { states: 10_000_000, bytes: 2 ** 31 }

/** A clock that goes on by a millisecond whenever it is looked at. */
const ticking = () => {
  let time = 0
  return () => ++time
}

function answer(link: RunLink, limits = plenty): SearchReport {
  const service = createExploreLab(ticking())
  service.begin(link, limits)
  for (;;) {
    const report = service.advance(1000)
    if (report.verdict !== null) return report
  }
}

describe('a search', () => {
  it('finds the first seed bug, and what it found can be watched in the lab', () => {
    const { verdict } = answer({ scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive' })
    expect(verdict).toMatchObject({ kind: 'violated', property: 'I1' })
    const opened = createLab().open({ ...known(verdict?.link), at: verdict?.steps ?? 0 })
    expect(opened.problems).toEqual([])
    expect(opened.snapshot.world.rules.find(r => r.id === 'I1')?.verdict).toBe('violated')
  })

  it('says that a kernel is safe only after every state was looked at', () => {
    expect(answer({ scenario: 'munmap-forced-flush', kernel: '6.1' }).verdict).toMatchObject({
      kind: 'holds',
      link: null,
    })
    const stopped = answer({ scenario: 'munmap-forced-flush', kernel: '6.1' }, { ...plenty, states: 500 })
    expect(stopped.verdict).toMatchObject({ kind: 'out-of-budget' })
    expect(stopped.verdict?.sentence).toContain('The rest were not looked at')
  })

  it('goes on in slices, and each says how far it is', () => {
    const service = createExploreLab(ticking())
    service.begin({ scenario: 'overlapping-zaps', kernel: '6.1' }, plenty)
    const first = service.advance(3)
    const second = service.advance(3)
    expect(first.verdict).toBeNull()
    expect(second.states).toBeGreaterThan(first.states)
  })

  it('begins with what a broken link still says, and with its problems', () => {
    const begun = createExploreLab(ticking()).begin({ scenario: 'munmap-forced-flush', kernel: '3.81' }, plenty)
    expect(begun.problems).toHaveLength(1)
    expect(begun.coverage).toMatchObject({ cpus: 2, devices: 1, comparison: 'full' })
  })
})

const known = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new Error('missing')
  return value
}
