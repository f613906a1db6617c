import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { readSchedule } from '../../runs/schedule.ts'
import type { DriverKind } from '../../runs/settings.ts'
import { ruleViews } from '../../scenarios/rules.ts'
import { runOf } from '../../testing/films.ts'
import { answerOfStudy } from '../study.ts'
import { labFor } from '../whole-graph.ts'
import { type Gap, gapOf } from './gap.ts'
import { driversFor, EVERY_SERIES, policyWith, type Series } from './series.ts'
import { GAPS, type GapId, scenarioOfGap, subjectOf } from './subjects.ts'

const LIMITS = { states: 1_000_000, bytes: 2 ** 30 }

const answers = new Map<string, ReturnType<typeof looked>>()

/** Each gap is looked at once in each kernel. */
function asked(id: GapId, series: Series, driver: DriverKind = known(driversFor(series)[0], 'driver')) {
  const key = `${id} ${series} ${driver}`
  const answer = answers.get(key) ?? looked(id, series, driver)
  answers.set(key, answer)
  return answer
}

function looked(id: GapId, series: Series, driver: DriverKind) {
  const { what } = known(
    GAPS.find(g => g.id === id),
    id,
  )
  const subject = subjectOf(policyWith(series, driver), scenarioOfGap(id))
  const gap = answerOfStudy(gapOf(subject, what, LIMITS))
  if (gap.kind !== 'gap') throw new Error(gap.kind)
  return { gap, lab: labFor(subject) }
}

/** A gap as a drawing: a line for each phase; `!` where the IOMMU can still get at the frame. */
const drawn = ({ stages }: Gap): string =>
  stages
    .map(({ phase, pair, told, lives }) =>
      [
        pair ? '|' : ' ',
        (phase.kind === 'work' ? phase.title : `${phase.title} (${phase.kind})`).padEnd(32),
        lives.map(l => `${l.life}${l.reached ? '!' : ''}`).join(' '),
        told ? 'told' : '',
      ]
        .join(' ')
        .trimEnd(),
    )
    .join('\n')

describe('the first gap', () => {
  it('before the series: freed inside the pair while the IOMMU can get at it, until end()', () => {
    expect(drawn(asked('B01', []).gap)).toMatchInlineSnapshot(`
      "| invalidate_range_start (call)    mapped! told
      | unmap                            mapped!
      | CPU flush                        unmapped!
      | no callback here (hole)          unmapped!
      | free                             unmapped! freed!
      | invalidate_range_end (call)      freed! told
        free_pgtables                    freed"
    `)
  })

  it('with the whole series: the IOMMU is told before the free', () => {
    expect(drawn(asked('B01', [1, 2, 3]).gap)).toMatchInlineSnapshot(`
      "| invalidate_range_start (call)    mapped!
      | unmap                            mapped!
      | CPU flush                        unmapped!
      | invalidate_range (call)          unmapped! told
      | free                             unmapped freed
      | invalidate_range (call)          freed told
      | invalidate_range_end (call)      freed
        free_pgtables                    freed"
    `)
  })

  it('with the callback alone: end() makes it, after the free', () => {
    expect(drawn(asked('B01', [1, 3]).gap)).toMatchInlineSnapshot(`
      "| invalidate_range_start (call)    mapped!
      | unmap                            mapped!
      | CPU flush                        unmapped!
      | no callback here (hole)          unmapped!
      | free                             unmapped! freed!
      | invalidate_range (call)          freed! told
      | invalidate_range_end (call)      freed
        free_pgtables                    freed"
    `)
  })
})

describe('the second gap', () => {
  it('before the series: the page table goes after end(), and nobody is told', () => {
    expect(drawn(asked('B02', []).gap)).toMatchInlineSnapshot(`
      "| invalidate_range_start (call)    mapped! told
      | unmap                            mapped!
      | invalidate_range_end (call)      mapped! told
        free_pgtables                    mapped!
        CPU flush                        unmapped!
        no callback here (hole)          unmapped!
        free                             unmapped! freed!
        return                           freed!"
    `)
  })

  it('with the whole series: told, with no pair open', () => {
    expect(drawn(asked('B02', [1, 2, 3]).gap)).toMatchInlineSnapshot(`
      "| invalidate_range_start (call)    mapped!
      | unmap                            mapped!
      | invalidate_range (call)          mapped! told
      | invalidate_range_end (call)      mapped!
        free_pgtables                    mapped!
        CPU flush                        unmapped!
        invalidate_range (call)          unmapped! told
        free                             unmapped freed
        return                           freed"
    `)
  })
})

describe('the verdict', () => {
  const open = (series: Series, driver?: DriverKind) => GAPS.map(({ id }) => asked(id, series, driver).gap.verdict.kind)

  it('both gaps are open until all three patches are in', () => {
    for (const series of EVERY_SERIES) {
      expect(open(series), `${series}`).toEqual(series.length === 3 ? ['closed', 'closed'] : ['open', 'open'])
    }
  })

  it('the whole series helps no driver that does not subscribe', () => {
    expect(open([1, 2, 3], 'naive')).toEqual(['open', 'open'])
  })

  it('an empty page table closes the first gap and not the second', () => {
    expect(open([], 'empty-table')).toEqual(['closed', 'open'])
  })

  it('an open gap comes with a run that breaks the rule at its last step, and the frame freed while in reach', () => {
    for (const { id } of GAPS) {
      const { gap, lab } = asked(id, [])
      const run = runOf(lab, readSchedule(gap.verdict.run?.schedule ?? '').steps)
      const broken = (at: number) =>
        ruleViews(lab.setup, run.stateAt(at))
          .filter(r => r.verdict === 'violated')
          .map(r => r.sentence)
      expect(broken(run.length - 1)).not.toContain(gap.verdict.rule)
      expect(broken(run.length)).toContain(gap.verdict.rule)
      expect(gap.stages.some(s => s.lives.some(l => l.life === 'freed' && l.reached))).toBe(true)
    }
  })
})

it('nobody gets at a freed frame exactly where the search finds nothing', () => {
  for (const series of EVERY_SERIES) {
    for (const driver of driversFor(series)) {
      for (const { id } of GAPS) {
        const { stages, verdict } = asked(id, series, driver).gap
        const inReach = stages.some(s => s.lives.some(l => l.life === 'freed' && l.reached))
        expect(inReach, `${id} ${series} ${driver}`).toBe(verdict.kind === 'open')
      }
    }
  }
})
