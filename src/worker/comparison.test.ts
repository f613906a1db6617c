import { describe, expect, it } from 'vitest'
import { known } from '../core/base/assert.ts'
import type { KernelId } from '../core/runs/settings.ts'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { createLab } from './lab.ts'
import type { RunLink } from './lab-api.ts'

const compared = (link: RunLink, kernel: KernelId) => {
  const lab = createLab()
  const { run } = lab.open(link)
  return { lab, comparison: lab.compare({ ...run.settings, kernel }) }
}

const lossIn = (scenario: string): RunLink => {
  const b = known(SCENARIOS.find(s => s.id === scenario)?.breaks[0], 'break')
  return { scenario, kernel: b.kernel, driver: b.driver, schedule: b.schedule ?? '' }
}

describe('a comparison', () => {
  it('of 3.18 with the first patch alone: the same run, step by step', () => {
    const { comparison } = compared({ scenario: 'munmap-plain', kernel: '3.18' }, '3.19-1of3')
    expect([comparison.divergence, comparison.ending.kind]).toEqual([null, 'same'])
    for (const { here, there } of comparison.worlds) expect(there).toEqual(here)
  })

  it('of the run that loses a page in 3.18 with 3.19: nothing is lost there', () => {
    const { comparison } = compared(lossIn('munmap-forced-flush'), '3.19')
    const end = known(comparison.worlds.at(-1), 'world')
    const broken = (world: typeof end.here) => world.rules.filter(r => r.verdict === 'violated').map(r => r.id)
    expect([broken(end.here).length > 0 || comparison.ending.kind === 'stopped', broken(end.there)]).toEqual([true, []])
    expect(comparison.ending.sentence).toContain('3.19')
    expect(comparison.settings.driver).toBe('notifier')
  })

  it('says at its end in which of the two a rule is broken', () => {
    const sentence = (link: RunLink, kernel: KernelId) => compared(link, kernel).comparison.ending.sentence
    const loss = lossIn('collapse-file')
    const switches = { collapseNotifies: 'false' }
    expect(sentence({ ...loss, kernel: '6.1', switches }, '4.19')).toBe(
      'Followed to the end. A rule is broken in 4.19 too.',
    )
    expect(sentence(loss, '6.1')).toBe('Followed to the end. In 6.1 no rule is broken.')
    expect(sentence({ scenario: 'copy-on-write', kernel: '4.13' }, '4.15')).toBe(
      'Followed to the end. No rule is broken in either.',
    )
  })

  it('begins to differ at the first row that is not the same on both sides', () => {
    const { comparison } = compared({ scenario: 'munmap-plain', kernel: '6.1' }, '6.6')
    const at = known(comparison.divergence, 'divergence')
    expect(comparison.rows.findIndex(r => !r.same)).toBe(at)
    expect(comparison.rows.slice(0, at).every(r => r.here !== null && r.there !== null)).toBe(true)
    expect(comparison.worlds).toHaveLength(comparison.rows.length)
  })

  it('comes with a link that opens the other side by itself, without complaint', () => {
    const { comparison } = compared({ scenario: 'munmap-page-table', kernel: '6.1' }, '6.6')
    const lab = createLab()
    const { run, snapshot, problems } = lab.open(comparison.link)
    expect(problems).toEqual([])
    expect(run.settings).toEqual(comparison.settings)
    expect(snapshot.film.map(s => s.sentence)).toEqual(
      comparison.rows.flatMap(r => (r.there ? [r.there.sentence] : [])),
    )
    expect(run.ribbon).toEqual(comparison.ribbon)
  })

  it('leaves the open run as it was', () => {
    const lab = createLab()
    const { run, snapshot } = lab.open({ scenario: 'dontneed', kernel: '6.1' })
    lab.compare({ ...run.settings, kernel: '3.18' })
    expect(lab.seek(0)).toEqual({ ...snapshot, film: [], filmFrom: snapshot.length })
  })
})
