import { describe, expect, it, vi } from 'vitest'
import { explore, runToEnd } from '../src/core/explorer/explore.ts'
import { buildLab } from '../src/core/scenarios/build.ts'
import { propertiesOf, systemOf } from '../src/core/scenarios/exploration.ts'
import type { RunLink } from '../src/worker/lab-api.ts'
import { resolveLink } from '../src/worker/resolve.ts'
import { minimise } from './explore-minimise.ts'
import { bundled } from './testing/command.ts'

const LIMITS = { states: 1_000_000, bytes: 2 ** 28 }
const FORCED: RunLink = { scenario: 'munmap-forced-flush', kernel: '3.18', driver: 'naive', schedule: '' }

const shell = await bundled('explore', 'minimise')

/** What it prints as text, and its verdict. */
function printed(link: RunLink) {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const verdict = minimise(resolveLink(link), link, LIMITS, false)
  const text = log.mock.calls.map(([line]) => line).join('\n')
  log.mockRestore()
  return { verdict, text }
}

describe('the smallest case, from the shell', () => {
  it('is a scenario that a search breaks in just as many steps, and the schedule that does it', () => {
    const { status, stdout } = shell(
      'munmap-forced-flush',
      '--kernel',
      '3.18',
      '--driver',
      'naive',
      '--minimise',
      '--json',
    )
    expect(status).toBe(1)
    const answer = JSON.parse(stdout)
    expect(answer).toMatchObject({ verdict: 'violated', rule: { id: 'I1' }, after: { cpus: 1, devices: 1, pages: 1 } })
    expect(answer.smallest.breaks).toMatchObject([{ schedule: answer.schedule }])

    const again = resolveLink({ ...FORCED, custom: JSON.stringify(answer.smallest) })
    expect(again.problems).toEqual([])
    const lab = buildLab(again.scenario, again.policy)
    const verdict = runToEnd(explore(systemOf(lab), propertiesOf(lab), LIMITS))
    expect(verdict.kind === 'violated' && verdict.run.length).toBe(answer.steps.length)
  })

  it('refuses a run that is none', () => {
    const run = ['munmap-forced-flush', '--run', '00?']
    expect(shell(...run, '--minimise')).toMatchObject({ status: 2, stderr: expect.stringContaining('--run step 3') })
  })

  it('begins with a run of the reader’s own, and says what could be dropped from it', () => {
    const { verdict, text } = printed({ ...FORCED, schedule: '0003002*70*412' })
    expect(verdict).toBe('violated')
    expect(text).toContain('Your run breaks the rule at step 19. Without 2 of its steps the other 17 still break it')
    expect(text).toMatch(/^ 12 {2}CPU 0 {2}ptep_get_and_clear_full: clear the PTE of buf\[0\] +The rule holds in all/m)
    expect(printed({ ...FORCED, schedule: '0' }).text).toMatch(/^The run of --run breaks no rule/)
  })

  it('has nothing to do where no rule is broken', () => {
    const { verdict, text } = printed({ ...FORCED, kernel: '6.1', driver: 'notifier' })
    expect(verdict).toBe('holds')
    expect(text).toMatch(/^Holds in all \d+ states: there is nothing to make smaller\.$/)
  })
})
