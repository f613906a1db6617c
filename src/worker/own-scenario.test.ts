import { describe, expect, it } from 'vitest'
import { createEditLab } from './edit-lab.ts'
import { createLab } from './lab.ts'

const { shipped } = createEditLab().materials()

describe('a scenario as the editor writes it', () => {
  it.each(shipped.map(s => [s.id, s.text] as const))('%s can be opened in the lab and is the same', (id, text) => {
    const lab = createLab()
    expect(lab.checkScenario(text, `${id}.json`)).toEqual([])
    const opened = lab.open({ scenario: 'own', custom: text })
    expect(opened.problems).toEqual([])
    expect(opened.run).toMatchObject({ custom: text, scenario: { id } })
  })

  it('that has a mistake is not opened, and the place of the mistake is told', () => {
    const lab = createLab()
    const before = lab.open({ scenario: 'munmap-plain', at: 3 })
    const text = shipped[0]?.text.replace('"frames"', '"farmes"') ?? ''
    const problems = lab.checkScenario(text, 'mine.json')
    expect(problems.map(p => p.at)).toContain('mine.json: memory.farmes')
    expect(lab.seek(3).link).toEqual(before.snapshot.link)
  })
})
