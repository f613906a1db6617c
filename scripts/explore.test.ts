import { describe, expect, it } from 'vitest'
import { asShipped, bundled } from './testing/command.ts'

const explore = await bundled('explore', 'explore')

describe('the search, from the shell', () => {
  it('exits with 1 and names the shortest run that breaks a rule', () => {
    // This one as npm run starts it.
    const { status, stdout } = asShipped('explore')(
      'munmap-page-table',
      '--kernel',
      '3.19',
      '--set',
      'invalidateKind=leaf',
      '--json',
    )
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      scenario: 'munmap-page-table',
      kernel: '3.19',
      driver: 'notifier',
      switches: { invalidateKind: 'leaf' },
      verdict: 'violated',
      property: 'I2',
      schedule: expect.stringMatching(/^[0-9a-z.*]+$/),
      link: expect.stringContaining('#/lab?s=munmap-page-table'),
    })
  })

  it('takes a bug by its number, with it and without', () => {
    const { status, stdout } = explore('B04', '--json')
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ bug: 'B04', rule: 'L1', verdict: 'broken', run: { possible: true } })
    const without = explore('b04', '--fixed')
    expect(without.status).toBe(0)
    expect(without.stdout).toMatch(/^Holds in every state/m)
    expect(without.stdout).toMatch(/^✗ 2\. /m)
  })

  it('exits with 0 when every state was looked at, with 3 when not', () => {
    expect(explore('munmap-forced-flush', '--kernel', '6.6')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Holds: \d+ states stand for all\./),
    })
    expect(explore('munmap-forced-flush', '--kernel', '6.6', '--max-states', '100').status).toBe(3)
  })

  it('says the same without any reduction', () => {
    const question = ['munmap-forced-flush', '--kernel', '3.18', '--driver', 'naive', '--json']
    const [fast, plain] = [question, [...question, '--no-reduction']].map(args => JSON.parse(explore(...args).stdout))
    const { verdict, property, schedule } = plain
    expect(verdict).toBe('violated')
    expect(fast).toMatchObject({ verdict, property, schedule })
  })

  it('exits with 2 and says where the input is wrong', () => {
    expect(explore('munmap-plian')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no scenario “munmap-plian”'),
    })
    expect(explore('munmap-plain', '--set', 'drainsWalks')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('there is no “=” in it'),
    })
  })

  it('prints the graph, as many states and moves as the search counts', () => {
    const verdict = JSON.parse(explore('munmap-page-table', '--json').stdout)
    const aut = explore('munmap-page-table', '--graph', 'aut')
    expect(aut.status).toBe(0)
    expect(aut.stdout.split('\n')[0]).toBe(`des (0, ${verdict.transitions}, ${verdict.states})`)
    expect(aut.stdout.match(/^\(\d+, ".+", \d+\)$/gm)).toHaveLength(verdict.transitions)
    const dot = explore('munmap-page-table', '--graph', 'dot').stdout
    expect(dot.match(/^ {2}s\d+ -> s\d+ /gm)).toHaveLength(verdict.transitions)
    expect(dot.match(/^ {2}s\d+ \[/gm)).toHaveLength(verdict.states)
  })

  it('prints no part of a graph: over the limit it says which limit, and exits with 3', () => {
    expect(explore('munmap-page-table', '--graph', 'aut', '--max-states', '100')).toMatchObject({
      status: 3,
      stdout: '',
      stderr: expect.stringContaining('--max-states: there are more than 100 states'),
    })
    expect(explore('munmap-page-table', '--graph', 'png')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--graph: “png” is no format. Choose one of dot, aut'),
    })
  })
})
