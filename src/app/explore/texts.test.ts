import { describe, expect, it } from 'vitest'
import { createExploreLab } from '../../worker/explore-lab.ts'
import type { RunLink } from '../../worker/lab-api.ts'
import { answerOf } from './answer.ts'
import { type Hunt, questionOf } from './explore-store.ts'
import { huntJson, huntMarkdown } from './hunt-text.ts'
import type { CellAnswer } from './matrix-slice.ts'
import { cellView, MATRIX_HEADS, matrixMarkdown, matrixQuestions, matrixRows } from './matrix-view.ts'

const BROKEN: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', arch: 'x86' }
const lab = createExploreLab(() => performance.now())

function huntFor(link: RunLink, states = 1_000_000): Hunt {
  const begun = lab.begin(link, { states, bytes: 2 ** 30 })
  const report = lab.advance(60_000)
  return { question: questionOf(link), phase: 'answered', begun, report, levels: report.levels, why: '' }
}

describe('an answer', () => {
  it('begins with the words that count', () => {
    expect(answerOf(huntFor(BROKEN))).toMatchObject({
      tone: 'broken',
      headline: expect.stringMatching(/^Broken in \d+ steps\.$/),
      rest: expect.stringContaining('No shorter run breaks it'),
    })
  })

  it('writes large numbers as people read them', () => {
    expect(answerOf(huntFor({ ...BROKEN, kernel: '6.1', driver: 'notifier' })).headline).toMatch(/all \d,\d{3} states/)
  })

  it('never reads as safe when the search gave up', () => {
    const answer = answerOf(huntFor({ ...BROKEN, kernel: '6.1', driver: 'notifier' }, 100))
    expect(answer).toMatchObject({ tone: 'undecided', headline: 'Not decided.' })
    expect(answer.rest).toContain('give up after 100 states')
    expect(`${answer.headline} ${answer.rest}`).not.toMatch(/holds|safe/i)
  })

  it('says no more of how it was searched than was done', () => {
    const begun = lab.begin(BROKEN, { states: 1_000_000, bytes: 2 ** 30, reduced: true })
    const report = { ...lab.advance(60_000), depth: null }
    const hunt: Hunt = { question: questionOf(BROKEN), phase: 'answered', begun, report, levels: [], why: '' }
    const text = huntMarkdown(hunt, { explore: '', watch: null }, '')
    expect(text).toContain('as few states as the verdict needs')
    expect(text).not.toMatch(/no reductions|depth|null/)
  })

  it('is the same in Markdown and JSON', () => {
    const hunt = huntFor(BROKEN)
    const links = { explore: 'https://lab.example/#/explore', watch: 'https://lab.example/#/lab' }
    const run = lab.runText(hunt.report!.verdict!.link!, 'json')
    expect(huntMarkdown(hunt, links, '')).toContain('**Broken in 17 steps')
    expect(huntMarkdown(hunt, links, '')).toContain('no reductions')
    const json = JSON.parse(huntJson(hunt, links, run))
    expect(json).toMatchObject({ verdict: 'violated', links, run: { scenario: 'munmap-forced-flush' } })
    expect(json.run.steps).toHaveLength(hunt.report!.verdict!.steps!)
  })
})

describe('the matrix', () => {
  const scenarios = [{ id: 'munmap-forced-flush', title: 'munmap() with a full batch', bugs: ['B01'] }]
  const from318 = MATRIX_HEADS.findIndex(h => h.id === '3.18')
  const cellsOf = (answers: ReadonlyMap<string, CellAnswer>) =>
    matrixRows(scenarios)[0]!.cells.map(c => cellView(answers.get(c.asked), c.id, c.kernel))

  it('leads from a broken cell to its run, and from one that holds to its search', () => {
    const answers = matrixQuestions(scenarios).flatMap(({ name, link }) => {
      if (link.kernel !== '3.18') return []
      const { report } = huntFor(link)
      return [[name, { kind: 'answered', states: report!.states, verdict: report!.verdict! }] as const]
    })
    const [naive, emptyTable, first, second] = cellsOf(new Map(answers)).slice(from318)
    expect(naive).toMatchObject({ tone: 'broken', href: expect.stringMatching(/^#\/lab\?.*k=3\.18&.*&r=.*&at=0/) })
    expect(emptyTable).toMatchObject({ tone: 'holds', href: expect.stringMatching(/^#\/explore\?.*d=empty-table/) })
    expect(first).toMatchObject({ ...naive, href: naive!.href!.replace('k=3.18', 'k=3.19-1of3') })
    expect(second).toMatchObject({ tone: 'waiting', href: null })
  })

  it('asks kernels with the same runs once', () => {
    const names = MATRIX_HEADS.filter(h => !h.flipped && h.under !== null)
    expect(names.map(h => `${h.label} ${h.under}`)).toEqual(['3.19 1/3 as 3.18'])
    const questions = matrixQuestions(scenarios)
    expect(new Set(questions.map(q => q.name)).size).toBe(questions.length)
    const asked = matrixRows(scenarios).flatMap(r => r.cells.map(c => c.asked))
    expect(new Set(asked)).toEqual(new Set(questions.map(q => q.name)))
    expect(asked.length).toBe(questions.length + names.length)
  })

  it('is a table in Markdown', () => {
    const lines = matrixMarkdown(matrixRows(scenarios), new Map()).trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines.map(l => l.split(' | ').length)).toEqual(Array(3).fill(2 + MATRIX_HEADS.length))
  })
})
