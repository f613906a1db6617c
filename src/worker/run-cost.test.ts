import { describe, expect, it } from 'vitest'
import { answerOfStudy } from '../core/studies/study.ts'
import { createLab } from './lab.ts'
import { resolveLink } from './resolve.ts'
import { costAcrossKernels } from './studies/cost.ts'

const LIMITS = { states: 100_000, bytes: 2 ** 28 }
const of = (cost: { readonly measures: readonly { readonly id: string }[] }, id: string): number =>
  cost.measures.findIndex(m => m.id === id)

describe('what the open run costs', () => {
  it('is known for each step, and counted on when the run goes another way', () => {
    const lab = createLab()
    lab.open({ scenario: 'munmap-plain', kernel: '6.6' })
    const whole = lab.cost()
    expect(whole.along.length).toBe(lab.seek(0).length + 1)
    lab.seek(3)
    lab.runOn(400)
    const again = lab.cost()
    expect(again.along.slice(0, 4)).toEqual(whole.along.slice(0, 4))
    const fresh = createLab()
    fresh.open(lab.seek(0).link)
    expect(fresh.cost()).toEqual(again)
  })

  it('stands beside that of another kernel: 6.1 tells the IOMMU twice, 6.6 once', () => {
    const lab = createLab()
    const { run } = lab.open({ scenario: 'munmap-plain', kernel: '6.1' })
    const { costs, rows } = lab.compare({ ...run.settings, kernel: '6.6' })
    expect(costs.rows.length).toBe(rows.length)
    const i = of({ measures: costs.here }, 'iotlb-commands')
    const last = costs.rows.at(-1)!
    expect([last.here[i], last.there[i]]).toEqual([2, 1])
  })
})

describe('what a scenario costs across kernels', () => {
  const answer = answerOfStudy(
    costAcrossKernels(resolveLink({ scenario: 'munmap-forced-flush', kernel: '6.6', driver: 'naive' }), LIMITS),
  )

  it('has each kernel in the order of the slider, with the drivers that act there, and the reader’s own', () => {
    const names = answer.columns.map(c => `${c.kernel} ${c.driver}`)
    expect(names.slice(0, 2)).toEqual(['2.6.27 naive', '2.6.27 empty-table'])
    expect(names).toContain('6.1 notifier')
    expect(names).not.toContain('6.1 naive')
    expect(answer.columns.filter(c => c.current).map(c => `${c.kernel} ${c.driver}`)).toEqual(['6.6 naive'])
  })

  it('each figure’s run can be opened, and costs what the figure says', () => {
    const lab = createLab()
    const i = of(answer, 'exposure')
    for (const { figures, link } of answer.columns.slice(0, 6)) {
      const figure = figures[i]
      if (figure === undefined || figure.absent !== null) throw new Error('exposure can be shown')
      const opened = lab.open({ ...link, schedule: figure.least.schedule })
      expect(opened.problems).toEqual([])
      expect(lab.cost().along.at(-1)?.[i]).toBe(figure.least.value)
    }
  })
})
