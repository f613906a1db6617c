import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Machine } from '../machine/cells.ts'
import type { Setup } from '../machine/setup.ts'
import { readSchedule } from '../runs/schedule.ts'
import type { Lab } from '../scenarios/build.ts'
import { ruleViews } from '../scenarios/rules.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { countNames, everyRun, type Taken } from '../testing/every-run.ts'
import { runOf } from '../testing/films.ts'
import { app, buf, type Chosen, gpu, labOf, neighbour, other, scenarioOf } from '../testing/labs.ts'
import { movesIn } from '../testing/walks.ts'
import type { Pfn, Vpn } from '../units.ts'
import { mmView } from '../view/mm.ts'
import { type Outcome, type Outcomes, outcomesOf } from './outcomes.ts'
import { answerOfStudy } from './study.ts'

const limits = { states: 1_000_000, bytes: 2 ** 30 }

function outcomes(scenario: string | Scenario, chosen: Chosen): Outcomes {
  const lab = labOf(scenario, chosen)
  const answer = answerOfStudy(outcomesOf({ scenario: lab.scenario, policy: lab.setup.policy }, limits))
  if (answer.kind === 'too-large') throw new Error(answer.kind)
  return answer
}

/** `GPU 0: write own, write process, stopped; I1 I4` */
const lineOf = ({ accessors, rules }: Outcome): string =>
  `${accessors
    .map(({ name, fates, refused }) => {
      const met = fates.map(f => (f.kind === 'access' ? `${f.write ? 'write' : 'read'} ${f.target}` : 'bad walk'))
      return `${name}: ${[...met, ...(refused ? ['stopped'] : [])].join(', ')}`
    })
    .join('; ')}; ${rules.map(r => r.id).join(' ')}`

const BROKEN: Chosen = { kernel: '3.18', driver: 'naive' }

/** One page, one access, no driver that anybody could tell: some thousand runs. */
const TINY = scenarioOf({
  regions: [buf({ pages: 1 }), neighbour()],
  cpus: [app({ do: 'munmap', region: 'buf' })],
  devices: [gpu({ do: 'write', page: 'buf[0]' })],
})
const UNTOLD: Chosen = { kernel: '6.6', switches: { configMmuNotifier: false } }

describe('how runs can end', () => {
  it('on 3.18 some end with the GPU in a page of another process, on 6.1 none', () => {
    const before = outcomes('munmap-forced-flush', BROKEN).outcomes
    expect(before[0]?.harm).toBe('harm')
    expect(before.map(lineOf)).toContain('GPU 0: write own, write process; I1 I4')
    const after = outcomes('munmap-forced-flush', { kernel: '6.1' }).outcomes
    expect(new Set(after.map(o => o.harm))).toEqual(new Set(['none']))
    expect(after.map(lineOf)).toContain('GPU 0: write own, write unmapped; ')
  })

  it('puts harm first, then other broken rules, and the frequent before the rare', () => {
    const { outcomes: all } = outcomes('munmap-page-table', BROKEN)
    const rank = (o: Outcome) => ['harm', 'rule-broken', 'none'].indexOf(o.harm)
    for (const [i, b] of all.slice(1).entries()) {
      const a = known(all[i], 'outcome')
      expect(rank(a) < rank(b) || (rank(a) === rank(b) && a.share >= b.share)).toBe(true)
    }
  })

  it('shows of each a run that ends so', () => {
    for (const [id, chosen] of [
      ['munmap-forced-flush', BROKEN],
      ['munmap-page-table', UNTOLD],
    ] as const) {
      const lab = labOf(id, chosen)
      for (const outcome of outcomes(id, chosen).outcomes) {
        const run = runOf(lab, readSchedule(outcome.schedule).steps)
        expect(run.length).toBe(outcome.steps)
        const last = run.stateAt(run.length)
        expect(movesIn(lab, last)).toEqual([])
        const broken = ruleViews(lab.setup, last).filter(r => r.verdict === 'violated')
        expect(outcome.rules.map(r => r.id)).toEqual(broken.map(r => r.id))
        const told = namesOf(
          lab,
          run.film.map((step, i) => ({ events: step.events, after: run.stateAt(i + 1) })),
        )
        expect(lineOf(outcome).split(';')[0]).toBe(`GPU 0: ${told}`)
      }
    }
  })

  it('says who waits for what where nobody can move', () => {
    // The one page goes, another process takes its frame, and none is left for the fault of the GPU.
    const full = scenarioOf({
      frames: 6,
      regions: [buf({ pages: 1 })],
      cpus: [app({ do: 'madvise-dontneed', region: 'buf' }), other({ do: 'allocate', as: 'data' })],
      devices: [gpu({ do: 'write', page: 'buf[0]' })],
    })
    const stuck = outcomes(full, { kernel: '6.1' }).outcomes.filter(o => o.ending === 'stuck')
    expect(stuck.map(o => o.waiting)).toContainEqual([
      'GPU 0: its page request for buf[0] waits for the CPU',
      'Fault worker: no frame is free',
    ])
    // Or the GPU was faster, and the other process waits.
    expect(stuck.map(o => o.waiting)).toContainEqual(['CPU 1: no frame is free'])
  })

  it('says so when there are too many states to look at them all', () => {
    const lab = labOf('munmap-plain')
    const few = { states: 100, bytes: 2 ** 30 }
    expect(answerOfStudy(outcomesOf({ scenario: lab.scenario, policy: lab.setup.policy }, few))).toEqual({
      kind: 'too-large',
      limits: few,
    })
  })
})

describe('how many runs end so', () => {
  it('is what comes out when every run is followed to its end', () => {
    const lab = labOf(TINY, UNTOLD)
    const times = new Map<string, number>()
    let runs = 0
    everyRun(lab, run => {
      const line = `GPU 0: ${namesOf(lab, run)}; ${brokenIn(lab.setup, known(run.at(-1), 'a step').after)}`
      times.set(line, (times.get(line) ?? 0) + 1)
      runs++
    })
    const found = outcomes(TINY, UNTOLD)
    expect(runs).toBeGreaterThan(1000)
    expect(2 ** (found.runsLog2 as number)).toBeCloseTo(runs, 3)
    expect(new Map(found.outcomes.map(o => [lineOf(o), Math.round(o.share * runs)]))).toEqual(times)
  })

  it.each([
    ['munmap-forced-flush', BROKEN],
    ['munmap-forced-flush', { kernel: '6.1' }],
    ['munmap-page-table', BROKEN],
    ['munmap-page-table', UNTOLD],
  ] as const)('is what exact counting from the ends says: %s, %o', (id, chosen) => {
    const lab = labOf(id, chosen)
    const { runs, times } = countNames(lab, {
      remember: (memory, taken) => namesOf(lab, [taken], memory),
      end: (last, memory) => `GPU 0: ${memory}; ${brokenIn(lab.setup, last)}`,
    })
    const found = outcomes(id, chosen)
    expect(2 ** (found.runsLog2 as number) / Number(runs)).toBeCloseTo(1, 9)
    expect(found.outcomes.map(lineOf).sort()).toEqual([...times.keys()].sort())
    for (const outcome of found.outcomes) {
      const count = known(times.get(lineOf(outcome)), lineOf(outcome))
      expect((outcome.share * Number(runs)) / Number(count)).toBeCloseTo(1, 9)
    }
  })

  it('cannot be said where a device may try again for ever: there it is the chance of ending so', () => {
    const {
      weighing,
      runsLog2,
      outcomes: all,
    } = outcomes('munmap-forced-flush', { kernel: '3.18', driver: 'empty-table' })
    expect({ weighing, runsLog2 }).toEqual({ weighing: 'even', runsLog2: null })
    expect(all.reduce((sum, o) => sum + o.share, 0)).toBeCloseTo(1)
  })
})

/** Everything a GPU can meet, in the order in which the study names it. */
const TARGETS = ['own', 'unmapped', 'freed', 'process', 'kernel', 'page-cache', 'elsewhere']
const ORDER = [...TARGETS.flatMap(t => [`read ${t}`, `write ${t}`]), 'bad walk', 'stopped']

/** What the GPU met in these steps, and before them, told by their events and by what the stage would show. */
function namesOf({ setup }: Lab, steps: readonly Pick<Taken, 'events' | 'after'>[], before = ''): string {
  const met = new Set(before.split(', '))
  for (const { events, after } of steps) {
    for (const e of events) {
      if (e.type === 'walked-after-free') met.add('bad walk')
      if (e.type === 'device-stopped') met.add('stopped')
      if (e.type !== 'device-accessed') continue
      const harm = events.find(other => other.type === 'used-after-free')
      met.add(`${e.write ? 'write' : 'read'} ${harm === undefined ? pageOf(setup, after, e) : OWNERS[harm.owner]}`)
    }
  }
  return ORDER.filter(word => met.has(word)).join(', ')
}

const OWNERS: Readonly<Record<string, string>> = { nobody: 'freed', other: 'process', 'the kernel': 'kernel' }

function pageOf(setup: Setup, after: Machine, { vpn, pfn }: { readonly vpn: Vpn; readonly pfn: Pfn }): string {
  const page = mmView(setup, after).pages.find(p => p.vpn === vpn)
  return page?.state === 'mapped' && page.pfn === pfn ? 'own' : 'unmapped'
}

const brokenIn = (setup: Setup, last: Machine): string =>
  ruleViews(setup, last)
    .filter(r => r.verdict === 'violated')
    .map(r => r.id)
    .join(' ')
