import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { readSchedule } from '../runs/schedule.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { countNames, everyRun, type Taken } from '../testing/every-run.ts'
import { runOf } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { type Danger, type DangerStrip, dangerOf } from './danger.ts'
import { answerOfStudy } from './study.ts'

const limits = { states: 1_000_000, bytes: 2 ** 30 }

function danger(scenario: string | Scenario, chosen: Chosen): Danger {
  const lab = labOf(scenario, chosen)
  const answer = answerOfStudy(dangerOf({ scenario: lab.scenario, policy: lab.setup.policy }, limits))
  if (answer.kind === 'too-large') throw new Error(answer.kind)
  return answer
}
const stripOf = (scenario: string | Scenario, chosen: Chosen): DangerStrip =>
  known(danger(scenario, chosen).strips[0], 'strip')

/** One line a gap: `clear buf[0]   ~ 0%`, with ~ where pages are unmapped and not freed, and – where no access can be. */
const picture = ({ gaps }: DangerStrip): string =>
  gaps
    .map(g => {
      const harm = g.accesses.harm === null ? '–' : `${Math.round(100 * g.accesses.harm)}%`
      return `${(g.after?.mark ?? '').padEnd(13)} ${g.amber ? '~' : ' '} ${harm}`
    })
    .join('\n')

const BROKEN: Chosen = { kernel: '3.18', driver: 'naive' }
const UNTOLD: Chosen = { kernel: '6.6', switches: { configMmuNotifier: false } }

describe('where an access of a device is damage', () => {
  it('3.18, a batch that is full: from the first free until end() is through, and there always', () => {
    expect(`\n${picture(stripOf('munmap-forced-flush', BROKEN))}`).toMatchInlineSnapshot(`
      "
                      0%
      lock            0%
      detach          0%
      start           0%
      complete        0%
      zap             0%
      clear buf[0]  ~ 0%
      flush         ~ 0%
      unlock        ~ 0%
      free 5          100%
      zap_pte_range   100%
      PTL             100%
      clear buf[1]  ~ 100%
      flush         ~ 100%
      unlock        ~ 100%
      free 6          100%
      zap_pte_range   100%
      end             100%
      complete        –
      pgtables        –
      finish          –
      return          –"
    `)
  })

  it('6.1, the same: nowhere, and nothing gets through once the driver has been told', () => {
    expect(`\n${picture(stripOf('munmap-forced-flush', { kernel: '6.1' }))}`).toMatchInlineSnapshot(`
      "
                      0%
      lock            0%
      detach          0%
      start           0%
      zap             0%
      clear buf[0]  ~ 0%
      flush         ~ 0%
      range()       ~ 0%
      complete      ~ –
      unlock        ~ –
      free 5          –
      zap_pte_range   –
      PTL             –
      clear buf[1]  ~ –
      flush         ~ –
      range()       ~ –
      complete      ~ –
      unlock        ~ –
      free 6          –
      zap_pte_range   –
      range()         –
      complete        –
      end             –
      pgtables        –
      finish          –
      return          –"
    `)
  })

  it('shows a shortest run into each gap with damage, whose last step is the damage', () => {
    const lab = labOf('munmap-page-table', BROKEN)
    const { gaps } = stripOf('munmap-page-table', BROKEN)
    const runs = gaps.flatMap(g => [g.accesses.run ?? [], g.walks.run ?? []]).flat()
    expect(runs.length).toBeGreaterThan(4)
    for (const { schedule, steps } of runs) {
      const run = runOf(lab, readSchedule(schedule).steps)
      expect(run.length).toBe(steps)
      const types = run.film.at(-1)?.events.map(e => e.type) ?? []
      expect(types.some(type => type === 'used-after-free' || type === 'walked-after-free')).toBe(true)
    }
    for (const g of gaps) {
      expect(g.accesses.run !== null).toBe((g.accesses.harm ?? 0) > 0)
      expect(g.walks.run !== null).toBe((g.walks.harm ?? 0) > 0)
    }
  })

  it('has a strip for every CPU that unmaps, and none for the others', () => {
    const zap = { do: 'madvise-dontneed', region: 'buf' } as const
    const two = scenarioOf({
      regions: [buf({ pages: 1 })],
      cpus: [other({ do: 'allocate', as: 'data' }), app(zap), app(zap)],
    })
    expect(danger(two, UNTOLD).strips.map(s => s.cpu)).toEqual(['CPU 1', 'CPU 2'])
    expect(danger('munmap-forced-flush', BROKEN).strips.map(s => s.cpu)).toEqual(['CPU 0'])
  })

  it('has gaps between two unmaps and after the last, whatever the CPU does there', () => {
    const { gaps } = stripOf(
      scenarioOf({
        regions: [buf()],
        cpus: [
          app(
            { do: 'madvise-dontneed', region: 'buf' },
            { do: 'write', page: 'buf[0]' },
            { do: 'munmap', region: 'buf' },
          ),
        ],
        devices: [gpu({ do: 'write', page: 'buf[0]' })],
      }),
      { kernel: '6.6' },
    )
    const marks = gaps.map(g => g.after?.mark ?? 'before')
    expect(marks.filter(mark => ['before', 'lock', 'return'].includes(mark))).toEqual([
      'before',
      'lock',
      'return',
      'lock',
      'return',
    ])
    expect(marks.at(-1)).toBe('return')
  })
})

/** One page, one access, no driver that anybody could tell: some thousand runs. */
const TINY = scenarioOf({
  regions: [buf({ pages: 1 }), neighbour()],
  cpus: [app({ do: 'munmap', region: 'buf' })],
  devices: [gpu({ do: 'write', page: 'buf[0]' })],
})

describe('how much of it is damage', () => {
  it('is what comes out when every run is followed to its end', () => {
    const times = new Map<string, number>()
    everyRun(labOf(TINY, UNTOLD), run => {
      let ops = 0
      for (const taken of run) {
        const name = nameOf(taken)
        if (name !== null) times.set(`${name} after ${ops}`, (times.get(`${name} after ${ops}`) ?? 0) + 1)
        if (taken.choice.actor === 0) ops++
      }
    })
    compare(stripOf(TINY, UNTOLD), name => times.get(name) ?? 0)
  })

  // In these, CPU 0 makes the same operations in every run: how many it has made says in which gap it stands.
  it.each([
    ['munmap-forced-flush', BROKEN],
    ['munmap-page-table', BROKEN],
    ['munmap-page-table', { kernel: '3.19', switches: { invalidateKind: 'leaf' } }],
    ['munmap-plain', UNTOLD],
  ] as const)('is what exact counting from the ends says: %s, %o', (id, chosen) => {
    const lab = labOf(id, chosen)
    const { runs, times } = countNames(lab, {
      remember: (ops, { choice }) => (choice.actor === 0 ? `${Number(ops) + 1}` : ops),
      step: (_, taken, ops) => {
        const name = nameOf(taken)
        return name === null ? null : `${name} after ${Number(ops)}`
      },
    })
    // Before they become floating-point numbers, shares of all runs: counts may be too large.
    compare(stripOf(id, chosen), name => Number(((times.get(name) ?? 0n) * 10n ** 30n) / runs))
  })

  it('adds up to all accesses, whichever way runs are weighed', () => {
    for (const chosen of [BROKEN, { kernel: '3.18', driver: 'empty-table' }] as const) {
      const { weighing, strips } = danger('munmap-forced-flush', chosen)
      expect(weighing).toBe(chosen.driver === 'naive' ? 'runs' : 'even')
      const [strip] = strips
      expect(strip?.gaps.reduce((sum, g) => sum + g.accesses.share, 0)).toBeCloseTo(1)
      expect(strip?.gaps.reduce((sum, g) => sum + g.walks.share, 0)).toBeCloseTo(1)
    }
  })
})

function nameOf({ events }: Taken): string | null {
  const has = (type: string): boolean => events.some(e => e.type === type)
  if (has('device-accessed')) return has('used-after-free') ? 'bad access' : 'access'
  if (!events.some(e => e.type === 'walk-read' && e.by.kind === 'iommu')) return null
  return has('walked-after-free') ? 'bad walk' : 'walk'
}

function compare({ gaps }: DangerStrip, times: (name: string) => number): void {
  const all = (what: string): number =>
    gaps.reduce((sum, _, i) => sum + times(`${what} after ${i}`) + times(`bad ${what} after ${i}`), 0)
  for (const [what, field] of [
    ['access', 'accesses'],
    ['walk', 'walks'],
  ] as const) {
    const total = all(what)
    expect(total).toBeGreaterThan(0)
    for (const [i, gap] of gaps.entries()) {
      const bad = times(`bad ${what} after ${i}`)
      const here = bad + times(`${what} after ${i}`)
      expect(gap[field].share).toBeCloseTo(here / total, 9)
      if (here === 0) expect(gap[field].harm).toBeNull()
      else expect(gap[field].harm).toBeCloseTo(bad / here, 9)
    }
  }
}
