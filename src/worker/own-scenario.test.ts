import { describe, expect, it } from 'vitest'
import { SCENARIOS } from '../core/scenarios/scenario-list.ts'
import { createLab } from './lab.ts'

describe('a scenario saved as a file', () => {
  it.each(SCENARIOS.map(s => s.id))('%s can be opened again and is the same', id => {
    const lab = createLab()
    lab.open({ scenario: id })
    const text = lab.scenarioText()
    expect(lab.checkScenario(text, `${id}.json`)).toEqual([])
    const opened = lab.open({ scenario: 'own', custom: text })
    expect(opened.problems).toEqual([])
    expect(opened.run).toMatchObject({ custom: text, scenario: { id } })
    expect(lab.scenarioText()).toBe(text)
  })

  it('that has a mistake is not opened, and the place of the mistake is told', () => {
    const lab = createLab()
    const before = lab.open({ scenario: 'munmap-plain', at: 3 })
    const text = lab.scenarioText().replace('"frames"', '"farmes"')
    const problems = lab.checkScenario(text, 'mine.json')
    expect(problems.map(p => p.at)).toContain('mine.json: memory.farmes')
    expect(lab.seek(3).link).toEqual(before.snapshot.link)
  })
})
