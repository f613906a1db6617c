import { describe, expect, it } from 'vitest'
import type { Figure } from '../../../core/studies/cost/cost-of.ts'
import { layOutCost } from './cost-layout.ts'
import { costMarkdown } from './cost-markdown.ts'
import { absentEverywhere, type CostColumn, type CostMeasure, coverageWords, numberText, seriesOf } from './series.ts'

const measure = (id: string, family = 'C1'): CostMeasure => ({ id, family, title: id, unit: 'things', what: 'What.' })
const figure = (least: number, mean: number, most: number | null, fair = least): Figure => ({
  absent: null,
  fair: { value: fair, schedule: '0', ended: true },
  least: { value: least, schedule: '01' },
  mean,
  most: { value: most, schedule: '011' } as Figure['most'],
})
const column = (kernel: string, figures: CostColumn['figures'], driver = 'notifier'): CostColumn => ({
  kernel,
  driver,
  current: false,
  coverage: { kind: 'every', states: 9, weighing: 'runs', runsLog2: 3 },
  figures,
})
const BOX = { width: 200, height: 100 }

describe('a small chart', () => {
  const columns = [
    column('3.18', [figure(2, 3, 4)], 'naive'),
    column('3.18', [figure(0, 5, null)], 'empty-table'),
    column('3.19', [figure(2, 2, 2)]),
    column('6.1', [figure(2, 2, 2)]),
    column('6.6', [{ absent: 'it has none' }]),
  ]
  const series = seriesOf([measure('commands')], columns)[0]!
  const { marks, kernels, ticks } = layOutCost(series, columns, BOX, numberText)

  it('stands on zero, with the most above the mean above the least', () => {
    expect(ticks[0]).toEqual({ y: 100, label: '0' })
    const [first] = marks
    expect([first!.most! < first!.mean!, first!.mean! < first!.least!, first!.least === first!.fair]).toEqual([
      true,
      true,
      true,
    ])
  })

  it('has the kernels in the order of the slider, each between its drivers', () => {
    expect(kernels.map(k => k.label)).toEqual(['3.18', '3.19', '6.1', '6.6'])
    expect(kernels[0]!.x).toBeCloseTo((marks[0]!.x + marks[1]!.x) / 2)
  })

  it('says a number where it changes, says that there is no limit, and draws nothing for what cannot be shown', () => {
    expect(marks.map(m => m?.label?.text ?? null)).toEqual(['3', '5', '2', null, null])
    expect(marks.map(m => m?.open ?? null)).toEqual([false, true, false, false, null])
  })

  it('keeps numbers apart that would lie upon each other', () => {
    const close = [column('a', [figure(0, 10.25, 12)], 'x'), column('b', [figure(0, 11.75, 12)], 'y')]
    const laid = layOutCost(seriesOf([measure('m')], close)[0]!, close, { width: 40, height: 100 }, numberText)
    expect(laid.marks[0]!.label!.y - laid.marks[1]!.label!.y).toBeGreaterThanOrEqual(12)
  })

  it('goes below zero where a measure does', () => {
    const below = [column('6.1', [figure(-2, -1.5, 0)])]
    const laid = layOutCost(seriesOf([measure('m')], below)[0]!, below, BOX, numberText)
    expect(laid.marks[0]!.least).toBeGreaterThan(laid.marks[0]!.most!)
    expect(laid.ticks.map(t => t.label)).toContain('−2')
  })
})

describe('what is said of the figures', () => {
  it('a measure that no column can show gives its reason instead of zeros', () => {
    const columns = [column('6.1', [{ absent: 'no device' }]), column('6.6', [{ absent: 'no device' }])]
    expect(absentEverywhere(seriesOf([measure('m')], columns)[0]!)).toBe('no device')
    expect(costMarkdown('Title', [], seriesOf([measure('m')], columns), columns)).toContain(
      'Cannot be shown here: no device.',
    )
  })

  it('the ratio of over-invalidation is that of the means, and none where nothing had to go', () => {
    const measures = [measure('entries-dropped', 'C6'), measure('needless-drops', 'C6'), measure('last')]
    const columns = [
      column('6.1', [figure(0, 4, 8, 6), figure(0, 3, 7, 3), figure(0, 0, 0)]),
      column('6.6', [figure(0, 4, 8), figure(0, 4, 8), figure(0, 0, 0)]),
    ]
    const series = seriesOf(measures, columns)
    expect(series.map(s => s.id)).toEqual(['entries-dropped', 'needless-drops', 'over-invalidation', 'last'])
    expect(series[2]!.points).toEqual([
      { absent: null, fair: { value: 2, schedule: '0' }, range: null, mean: 4 },
      { absent: 'nothing that is dropped has to go' },
    ])
  })

  it('samples, circles and exact counts are told apart', () => {
    const count = (n: number) => `${n}`
    const exact = column('6.6', [])
    expect(coverageWords([exact], count)[0]).toContain('Everywhere least, mean and most are exact')
    const round: CostColumn = { ...exact, coverage: { kind: 'every', states: 9, weighing: 'even', runsLog2: null } }
    const large: CostColumn = { ...exact, coverage: { kind: 'sampled', why: 'too-large', runs: 1000, seed: 1 } }
    const said = coverageWords([exact, round, large], count)
    expect(said.map(s => s.slice(0, 12))).toEqual(['In 1 of 3 co', 'In 1 (6.6 no', 'In 1 (6.6 no'])
    expect(said[2]).toContain('1000 sampled runs stand for all (seed 1')
  })

  it('numbers are as short as they can be', () => {
    expect([3, -2, 2.345, 41.26, 0.004, -0.004, null].map(numberText)).toEqual([
      '3',
      '−2',
      '2.35',
      '41.3',
      '<0.01',
      '>−0.01',
      'no limit',
    ])
  })

  it('as Markdown it is a table for each measure', () => {
    const columns = [column('6.1', [figure(1, 2.5, null)])]
    expect(costMarkdown('munmap()', ['Exact.'], seriesOf([measure('m')], columns), columns)).toBe(
      '# What it costs: munmap()\n\nExact.\n\n## m (things)\n\nWhat.\n\n' +
        '| kernel | driver | in turn | least | mean | most |\n|---|---|--:|--:|--:|--:|\n' +
        '| 6.1 | notifier | 1 | 1 | 2.50 | no limit |\n',
    )
  })
})
