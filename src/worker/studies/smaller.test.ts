import { describe, expect, it } from 'vitest'
import { Run } from '../../core/runs/run.ts'
import { readSchedule } from '../../core/runs/schedule.ts'
import { buildLab } from '../../core/scenarios/build.ts'
import { ruleViews } from '../../core/scenarios/rules.ts'
import { smallestMarkdown } from '../../core/studies/smaller-text.ts'
import { answerOfStudy } from '../../core/studies/study.ts'
import type { RunLink } from '../lab-api.ts'
import { resolveLink } from '../resolve.ts'
import { parseScenarioText } from '../scenario-input.ts'
import { smaller } from './smaller.ts'

const FORCED: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', arch: 'x86' }
const LIMITS = { states: 1_000_000, bytes: 2 ** 28 }

function smallest(link: RunLink) {
  const answer = answerOfStudy(smaller(resolveLink(link), LIMITS, link))
  if (answer.kind !== 'smallest') throw new Error('nothing is broken')
  return answer
}

/** The rules as they stand after each step of a link's run, which is followed to its end. */
function followed(link: RunLink) {
  const resolved = resolveLink(link)
  expect(resolved.problems).toEqual([])
  const run = new Run(buildLab(resolved.scenario, resolved.policy))
  for (const choice of readSchedule(link.schedule ?? '').steps) {
    expect(run.refusal(run.length, choice)).toBe('')
    run.push(choice)
  }
  const broken = (at: number) =>
    ruleViews(run.lab.setup, run.stateAt(at)).some(rule => rule.id === 'I1' && rule.verdict === 'violated')
  return [broken(run.length - 1), broken(run.length)]
}

describe('a smallest case in links', () => {
  it('is a scenario of its own that travels in its link, under the same kernel, and breaks the rule at its last step', () => {
    const { watch } = smallest({ ...FORCED, kernel: '3.19', driver: 'notifier', switches: { drainsWalks: 'false' } })
    expect(watch).toMatchObject({ scenario: 'munmap-forced-flush-smallest', kernel: '3.19', at: 0 })
    expect(followed(watch)).toEqual([false, true])
  })

  it('can be opened as a file, which offers its run to try', () => {
    const { json, watch } = smallest(FORCED)
    const read = parseScenarioText(json)
    expect(read.ok && read.value).toMatchObject({
      title: 'munmap() with a full batch, smallest case',
      breaks: [{ kernel: '3.18', driver: 'naive', schedule: watch.schedule }],
    })
  })

  it('leaves out what to try where it could not be said which architecture it needs', () => {
    const { json, watch } = smallest({ ...FORCED, arch: 'arm64' })
    expect(JSON.parse(json)).toMatchObject({ breaks: [] })
    expect(followed(watch)).toEqual([false, true])
  })

  it('takes the link’s own run, and gives back what is left of it', () => {
    const { given, found } = smallest({ ...FORCED, schedule: '0003002*70*412' })
    expect(found.given).toMatchObject({ steps: 19, shortest: true })
    expect(given?.custom).toBeUndefined()
    expect(followed(given ?? FORCED)).toEqual([false, true])
  })

  it('reads as Markdown: sizes, a row for each step, what went and what stayed', () => {
    const { found } = smallest({ ...FORCED, schedule: '0003002*70*412' })
    const text = smallestMarkdown(found, 'Title', 'Linux 3.18', { watch: '#/lab?w', given: '#/lab?g' })
    expect(text).toContain(
      '**1 CPU, 1 device and 1 page are enough. “No access reaches a freed frame” is still broken in 17 steps, and no run breaks it in fewer.** [Watch it](#/lab?w)',
    )
    expect(text).toContain(
      'Your run breaks the rule at step 19. Without 2 of its steps the other 17 still break it; no choice of steps leaves fewer. A shortest run of the whole scenario has 17 steps. [Watch it](#/lab?g)',
    )
    expect(text).toContain('| step | CPU 0 | GPU 0 | IOMMU | without it |')
    expect(text.match(/^\| \d+ \|/gm)).toHaveLength(17)
    expect(text).toMatch(
      /\| 12 \| `ptep_get_and_clear_full` clear the PTE of buf\[0\] \| {2}\| {2}\| The rule holds in all \d+ states\. \|/,
    )
    expect(text).toContain('- frames: 12 to 6')
    expect(text).toMatch(/- GPU 0\. Without it the rule holds in all \d+ states\./)
  })
})
