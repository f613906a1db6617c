import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import { copyOf } from '../machine/cells.ts'
import { DAMAGE, damageOf } from '../machine/damage.ts'
import type { SwitchValues } from '../policy/policy.ts'
import { presetOf } from '../policy/presets.ts'
import { applySwitches } from '../policy/switches.ts'
import { decodeSchedule } from '../runs/schedule.ts'
import type { DriverKind, KernelId } from '../runs/settings.ts'
import { buildLab, type Lab } from '../scenarios/build.ts'
import { checkScenario } from '../scenarios/check.ts'
import { NOTHING_CUT, partsOf, sizesOf, withCuts } from '../scenarios/cuts.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import { enumerate } from '../testing/enumerate.ts'
import { app, buf, gpu, scenarioOf } from '../testing/labs.ts'
import { picked } from '../testing/walks.ts'
import type { Choice } from '../threads/choice.ts'
import { type SmallestCase, smallestCaseOf } from './smaller.ts'
import { needText } from './smaller-text.ts'
import { answerOfStudy, type StudyLimits, type Subject } from './study.ts'

const LIMITS = { states: 1_000_000, bytes: 2 ** 28 }

function subject(id: string, kernel: KernelId, driver: DriverKind, switches: SwitchValues = {}) {
  const scenario = known(scenarioById(id), id)
  return { scenario, policy: applySwitches(presetOf(kernel, 'x86', driver), { ...scenario.switches, ...switches }) }
}
type Asked = Subject

function smallest(asked: Asked, schedule: readonly Choice[] = [], limits: StudyLimits = LIMITS): SmallestCase {
  const answer = answerOfStudy(smallestCaseOf(asked, schedule, limits))
  if (answer.kind !== 'smallest') throw new Error(`nothing is broken: ${answer.kind}`)
  return answer
}

const bitOf = (rule: string): number => (rule === 'I1' ? DAMAGE.usedAfterFree : DAMAGE.walkedAfterFree)

/** Damage after the whole schedule and one step before, or a complaint when it cannot be followed. */
function damageOfRun(lab: Lab, schedule: readonly Choice[], bit: number): readonly [before: boolean, after: boolean] {
  const m = copyOf(lab.initial)
  let before = false
  for (const { actor, alternative } of schedule) {
    before = (damageOf(lab.setup, m) & bit) !== 0
    const who = known(lab.actors[actor], 'actor')
    if (alternative >= who.ready(m)) throw new Error(`${who.name} cannot move`)
    who.step(m, alternative)
  }
  return [before, (damageOf(lab.setup, m) & bit) !== 0]
}

/** Every scenario with one thing less, named. */
function oneLess(s: Scenario): { readonly what: string; readonly scenario: Scenario }[] {
  return [
    // The only page of a region is the region.
    ...partsOf(s)
      .filter(part => part.among.length !== 1)
      .map(part => ({ what: part.what, scenario: withCuts(s, { ...NOTHING_CUT, gone: new Set([part.id]) }) })),
    ...sizesOf(s).flatMap(size =>
      size.value === size.least
        ? []
        : [{ what: size.what, scenario: withCuts(s, { ...NOTHING_CUT, sizes: new Map([[size.id, size.value - 1]]) }) }],
    ),
  ].filter(({ scenario }) => scenario.memory.regions.length > 0 && checkScenario(scenario).length === 0)
}

const FORCED = subject('munmap-forced-flush', '3.18', 'naive')
const ASKED: readonly (readonly [string, Asked])[] = [
  ['B01: a forced flush nobody told the IOMMU of', FORCED],
  ['B02: a leaf-only invalidate', subject('munmap-page-table', '3.19', 'notifier', { invalidateKind: 'leaf' })],
  [
    'B03: one bit for two open pairs',
    subject('overlapping-zaps', '3.18', 'empty-table', { emptyTableNesting: 'boolean' }),
  ],
  ['walks that are not drained', subject('munmap-plain', '3.19', 'notifier', { drainsWalks: false })],
]

const CASES = ASKED.map(([what, asked]) => [what, asked, smallest(asked)] as const)

describe('the smallest case', () => {
  it.each(CASES)('of %s still breaks the rule, at the last step of a shortest run', (_, asked, found) => {
    const lab = buildLab(found.scenario, asked.policy)
    expect(checkScenario(found.scenario)).toEqual([])
    expect(damageOfRun(lab, found.schedule, bitOf(found.rule.id))).toEqual([false, true])
    expect(enumerate(lab).wayTo(bitOf(found.rule.id))).toHaveLength(found.schedule.length)
    expect(found.schedule.length).toBeLessThanOrEqual(known(found.found, 'a shortest run'))
  })

  it.each(CASES)(
    'of %s has nothing left that could go: the rule would hold, or take longer to break',
    (_, asked, found) => {
      const { scenario, schedule, rule, kept } = found
      const seen = oneLess(scenario).map(({ what, scenario: less }) => {
        const way = enumerate(buildLab(less, asked.policy)).wayTo(bitOf(rule.id))
        expect(way?.length ?? Number.POSITIVE_INFINITY, what).toBeGreaterThan(schedule.length)
        return way === undefined ? 'holds' : 'longer'
      })
      // Each of these reasons is given, and each as often; what makes no scenario was not tried here.
      const given = kept.map(({ why }) => why.kind).filter(kind => kind !== 'invalid')
      expect(seen.toSorted()).toEqual(given.toSorted())
    },
  )

  it('lists what went, with sizes, and why the rest stayed', () => {
    const { dropped, kept, before, after } = smallest(FORCED)
    expect(dropped).toEqual([
      { what: 'CPU 1', size: null },
      { what: 'region heap', size: null },
      { what: 'write buf[0] by GPU 0, 1 of 2', size: null },
      { what: 'buf[1]', size: null },
      { what: 'IOTLB entries', size: { from: 4, to: 1 } },
      { what: 'IOMMU walk-cache entries', size: { from: 3, to: 0 } },
      { what: 'invalidation-queue slots', size: { from: 4, to: 1 } },
      { what: 'TLB entries of CPU 0', size: { from: 4, to: 0 } },
      { what: 'walk-cache entries of CPU 0', size: { from: 3, to: 0 } },
      { what: 'frames', size: { from: 12, to: 6 } },
    ])
    expect(kept).toContainEqual({ what: 'CPU 0', size: null, why: { kind: 'invalid', message: 'no CPU runs the app' } })
    expect(kept).toContainEqual({ what: 'GPU 0', size: null, why: { kind: 'holds', states: expect.any(Number) } })
    expect(before).toMatchObject({ cpus: 2, pages: 3, frames: 12 })
    expect(after).toMatchObject({ cpus: 1, devices: 1, pages: 1, frames: 6, entries: 1, queue: 1 })
  })

  it('tells once of what went by itself first and then with its CPU', () => {
    const scenario = scenarioOf({
      cpus: [app({ do: 'munmap', region: 'buf' }), { ...app(), lazy: true }],
      regions: [buf({ pages: 1 }), buf({ name: 'stack', at: '0x100000200000', growsDown: true })],
      devices: [gpu({ do: 'write', page: 'buf[0]' })],
    })
    const policy = applySwitches(presetOf('6.6', 'x86', 'notifier'), { configMmuNotifier: false })
    const { dropped, scenario: left } = smallest({ scenario, policy })
    expect(left.cpus).toHaveLength(1)
    const names = dropped.map(({ what }) => what)
    expect(names).toContain('CPU 1')
    expect(names).not.toContain('lazy TLB mode of CPU 1')
  })

  it('finds that another run can do without a step, and shows it', () => {
    const scenario = scenarioOf({
      cpus: [app({ do: 'exit' })],
      regions: [buf()],
      devices: [gpu({ do: 'write', page: 'buf[any]' })],
      batchSize: 2,
    })
    const policy = applySwitches(presetOf('6.6', 'x86', 'notifier'), { configMmuNotifier: false })
    const { steps, scenario: left, rule } = smallest({ scenario, policy })
    // The GPU may as well have written to the other page.
    const read = known(
      steps.find(step => /^look up buf\[\d\], to write it$/.test(step.label)),
      'the step',
    )
    const { need } = read
    if (need.kind !== 'this-run') throw new Error('every run needs it')
    expect(damageOfRun(buildLab(left, policy), need.schedule, bitOf(rule.id))).toEqual([false, true])
    expect(needText(read)).toBe(`Another run breaks the rule in ${need.schedule.length} steps.`)
  })

  it('knows of each step that every breach has it, having looked at all runs without', () => {
    const { steps, scenario } = smallest(FORCED)
    const lab = buildLab(scenario, FORCED.policy)
    expect(steps.map(step => step.need.kind)).toEqual(steps.map(() => 'every-run'))
    for (const { without, number } of steps) {
      expect(without.broken).toBe(false)
      // What is left of the run can be followed, and breaks nothing.
      expect(damageOfRun(lab, without.schedule, DAMAGE.usedAfterFree)[1]).toBe(false)
      expect(without.schedule).toHaveLength(number - 1 + without.later.filter(step => step.why === '').length)
    }
  })

  it('says why the rest of a run cannot be made without a step', () => {
    const { steps } = smallest(FORCED)
    const unlink = known(
      steps.find(step => step.label === 'clear the PTE of buf[0]'),
      'the step',
    )
    const waiting = unlink.without.later.filter(step => step.actor === 'CPU 0')
    expect(waiting.length).toBeGreaterThan(0)
    expect(new Set(waiting.map(step => step.why))).toEqual(new Set(['it would first clear the PTE of buf[0]']))
  })

  it('answers the same twice', () => {
    expect(smallest(FORCED)).toEqual(smallest(FORCED))
  })

  it('is none where the rules hold, and is not made up where the search had to stop', () => {
    const safe = smallestCaseOf(subject('munmap-forced-flush', '6.1', 'notifier'), [], LIMITS)
    expect(answerOfStudy(safe)).toMatchObject({ kind: 'holds', states: expect.any(Number) })
    const short = smallestCaseOf(FORCED, [], { ...LIMITS, states: 50 })
    expect(answerOfStudy(short)).toMatchObject({ kind: 'undecided' })
  })

  it('leaves in what it could not decide, and says so', () => {
    const { kept } = smallest(FORCED, [], { ...LIMITS, states: 400 })
    expect(kept.map(({ why }) => why.kind)).toContain('undecided')
  })
})

describe('a run of the reader’s own', () => {
  const lab = buildLab(FORCED.scenario, FORCED.policy)

  it('loses what came after the breach and what was not needed', () => {
    const broken = decodeSchedule('0003002*70*412')
    if (!broken.ok) throw new Error('the shipped schedule can be read')
    // In it the other process takes the freed page before the GPU writes to it: the breach can do without.
    const given = known(smallest(FORCED, [...broken.value, { actor: 0, alternative: 0 }]).given, 'a run')
    expect(given.steps).toBe(broken.value.length)
    expect(given.shortest).toBe(true)
    expect(given.shortened.length).toBeLessThan(given.steps)
    expect(given.shortened.map(choice => choice.actor)).not.toContain(1)
    expect(damageOfRun(lab, given.shortened, DAMAGE.usedAfterFree)).toEqual([false, true])
  })

  it('is passed over when it breaks nothing or cannot be followed', () => {
    expect(smallest(FORCED, [{ actor: 0, alternative: 0 }]).given).toBeNull()
    expect(smallest(FORCED, [{ actor: 3, alternative: 0 }]).given).toBeNull()
  })

  it('whichever it is, what is left of it breaks the rule and is no shorter than a shortest run', () => {
    const anyRun = fc
      .array(fc.nat({ max: 2 ** 20 }), { minLength: 60, maxLength: 60, size: 'max' })
      .map(picks => walk(lab, picks))
      .filter(run => damageOfRun(lab, run, DAMAGE.usedAfterFree)[1])
    fc.assert(
      fc.property(anyRun, run => {
        const { given, found, after } = smallest(FORCED, run)
        const { steps, shortened } = known(given, 'a run')
        expect(damageOfRun(lab, shortened, DAMAGE.usedAfterFree)).toEqual([false, true])
        expect(shortened.length).toBeLessThanOrEqual(steps)
        expect(shortened.length).toBeGreaterThanOrEqual(known(found, 'a shortest run'))
        expect(after.steps).toBeLessThanOrEqual(known(found, 'a shortest run'))
      }),
      { numRuns: 8 },
    )
  })
})

function walk(lab: Lab, picks: readonly number[]): Choice[] {
  const m = copyOf(lab.initial)
  const run: Choice[] = []
  for (const pick of picks) {
    const choice = picked(lab, m, pick)
    if (choice === undefined) break
    known(lab.actors[choice.actor], 'actor').step(m, choice.alternative)
    run.push(choice)
  }
  return run
}
