import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known } from '../../base/assert.ts'
import { copyOf } from '../../machine/cells.ts'
import type { SimEvent } from '../../machine/event.ts'
import type { Policy } from '../../policy/policy.ts'
import { presetOf } from '../../policy/presets.ts'
import { readSchedule } from '../../runs/schedule.ts'
import type { Lab } from '../../scenarios/build.ts'
import { checkScenario } from '../../scenarios/check.ts'
import { runOf } from '../../testing/films.ts'
import { anyPicks, picked } from '../../testing/walks.ts'
import { answerOfStudy } from '../study.ts'
import { labFor, wholeGraph } from '../whole-graph.ts'
import { type Claim, type ClaimAnswer, checkClaim, type PartAnswer } from './claim.ts'
import { CLAIMS } from './claim-list.ts'
import { lifeOf, pageAtStart } from './frames.ts'
import { driversFor, EVERY_SERIES, policyWith, type Series } from './series.ts'
import { bothGaps } from './subjects.ts'

const LIMITS = { states: 1_000_000, bytes: 2 ** 30 }

/** The kernel with these patches, and the driver written for it. */
const withPatches = (...series: Series): Policy => policyWith(series, known(driversFor(series)[0], 'driver'))
const NONE = withPatches()
const ALL = withPatches(1, 2, 3)

const answers = new Map<string, ClaimAnswer>()

/** Each question is put to each kernel once. */
function answerTo(id: (typeof CLAIMS)[number]['id'], policy: Policy): ClaimAnswer {
  const claim: Claim = known(
    CLAIMS.find(c => c.id === id),
    id,
  )
  const key = `${id} ${JSON.stringify(policy)}`
  const answer = answers.get(key) ?? answerOfStudy(checkClaim(claim, policy, LIMITS))
  answers.set(key, answer)
  return answer
}

function partOf(answer: ClaimAnswer, id: string): PartAnswer {
  return known(
    answer.parts.find(p => p.id === id),
    id,
  )
}

/** The run that a part shows, replayed: each of its steps can be made. */
function shown(part: PartAnswer) {
  const { subject, finding } = known(
    part.findings.find(f => f.finding.run !== null),
    'a run',
  )
  const lab = labFor(subject)
  const { schedule, steps } = known(finding.run ?? undefined, 'a run')
  const run = runOf(lab, readSchedule(schedule).steps)
  expect(run.length).toBe(steps)
  const events = (at: number) => known(run.film[at - 1], 'step').events.map(e => e.type)
  return { lab, run, last: events(run.length), before: run.stateAt(run.length - 1), finding }
}

const lifeOfPage = ({ lab, before }: ReturnType<typeof shown>, page: number) =>
  lifeOf(lab, before, known(pageAtStart(lab, page), 'a mapped page'))

describe('start() finds all pages mapped and unfreed', () => {
  it.each([[[]], [[1, 2, 3]]] as const)('in a munmap() with %j, at every call', series => {
    const answer = answerTo('start-finds-all-mapped', withPatches(...series))
    expect(answer.answer).toBe('yes')
    expect(partOf(answer, 'munmap').findings.map(f => f.finding.asked > 0)).toEqual([true, true])
  })

  it('but not where another thread unmaps the same pages: there is a run to a start() over an unmapped page', () => {
    const run = shown(partOf(answerTo('start-finds-all-mapped', ALL), 'two-threads'))
    expect(run.last).toContain('invalidate-range-started')
    expect(['unmapped', 'freed']).toContain(lifeOfPage(run, 0))
  })

  it('and where notifiers are not built in nobody calls it', () => {
    expect(answerTo('start-finds-all-mapped', { ...ALL, configMmuNotifier: false }).answer).toBe('never-asked')
  })
})

describe('end() can find pages freed', () => {
  it('in every kernel of the series: a full batch does it', () => {
    for (const series of EVERY_SERIES) {
      const answer = answerTo('end-finds-freed', withPatches(...series))
      expect(answer.answer, `${series}`).toBe('yes')
      expect(lifeOfPage(shown(partOf(answer, 'freed')), 0)).toBe('freed')
    }
  })

  it('but not where the batch has room', () => {
    expect(partOf(answerTo('end-finds-freed', NONE), 'room').answer).toBe('no')
  })

  it.each([[[]], [[1, 2]], [[1, 3]]] as const)('with %j the IOMMU may hold the freed page by then', series => {
    expect(partOf(answerTo('end-finds-freed', withPatches(...series)), 'reached').answer).toBe('yes')
  })

  it('with the whole series it never does', () => {
    expect(partOf(answerTo('end-finds-freed', ALL), 'reached').answer).toBe('no')
  })
})

describe('the IOMMU’s TLB can be filled between start() and end()', () => {
  it('with a driver that flushes in start(): the walk finds the page still mapped', () => {
    const run = shown(partOf(answerTo('refilled-before-end', NONE), 'driver'))
    expect(run.last).toContain('tlb-filled')
    const types = run.run.film.flatMap(step => step.events.map(e => e.type))
    expect(types.indexOf('invalidation-completed')).toBeGreaterThan(types.indexOf('invalidate-range-started'))
    expect(types.indexOf('tlb-filled', types.indexOf('invalidation-completed'))).toBeGreaterThan(0)
    expect(types).not.toContain('invalidate-range-ended')
  })

  it('but not with an empty page table in its place', () => {
    const policy = policyWith([], 'empty-table')
    const answer = answerTo('refilled-before-end', policy)
    expect(answer.answer).toBe('no')
    expect(answer.parts.map(p => p.id)).toEqual(['driver'])
  })
})

describe('the call comes in the gap', () => {
  it('from the gather, with the whole series and ever since', () => {
    for (const policy of [ALL, presetOf('4.15', 'x86', 'notifier'), presetOf('6.6', 'x86', 'notifier')]) {
      expect(partOf(answerTo('told-in-the-gap', policy), 'gather').answer, policy.kernel).toBe('yes')
    }
  })

  it('but from end() it can come when a page is freed already', () => {
    const run = shown(partOf(answerTo('told-in-the-gap', withPatches(1, 3)), 'by-end'))
    expect(run.last).toContain('secondary-tlb-invalidate-called')
    expect(lifeOfPage(run, 0)).toBe('freed')
  })

  it.each([[[]], [[1]], [[1, 2]]] as const)('with %j it reaches no driver', series => {
    const answer = answerTo('told-in-the-gap', withPatches(...series))
    expect(answer.parts.map(p => p.answer)).toEqual(['never-asked', 'never-asked'])
  })
})

it('in any run at all, as its events alone tell it: after the clear of each page, before the free of each frame', () => {
  const labs = bothGaps(ALL).map(labFor)
  fc.assert(
    fc.property(fc.constantFrom(...labs), anyPicks, (lab, picks) => {
      const cleared = new Map<number, number>()
      const freed = new Set<number>()
      for (const e of eventsOf(lab, picks)) {
        if (e.type === 'pte-cleared') cleared.set(e.vpn, e.pfn)
        if (e.type === 'page-freed' || e.type === 'table-freed') freed.add(e.pfn)
        if (e.type !== 'secondary-tlb-invalidate-called' || e.site === 'by_end' || e.range === 'all') continue
        for (let vpn = e.range.start; vpn < e.range.end; vpn++) {
          expect(cleared.has(vpn)).toBe(true)
          expect(freed.has(known(cleared.get(vpn), 'a frame'))).toBe(false)
        }
      }
    }),
    { numRuns: 60 },
  )
})

function eventsOf(lab: Lab, picks: readonly number[]): SimEvent[] {
  const m = copyOf(lab.initial)
  const events: SimEvent[] = []
  for (const pick of picks) {
    const choice = picked(lab, m, pick)
    if (choice === undefined) break
    known(lab.actors[choice.actor], 'actor').step(m, choice.alternative, e => events.push(e))
  }
  return events
}

describe('a driver is told of page tables with no pair open', () => {
  it('with the whole series', () => {
    const run = shown(partOf(answerTo('told-of-tables', ALL), 'tables'))
    expect(run.last).toContain('secondary-tlb-invalidate-called')
    expect(run.run.film.flatMap(s => s.events.map(e => e.type))).toContain('invalidate-range-ended')
  })

  it.each([[[]], [[1, 2]], [[1, 3]]] as const)('but not with %j', series => {
    expect(answerTo('told-of-tables', withPatches(...series)).answer).toBe('never-asked')
  })
})

describe('the series beside the kernel before it', () => {
  it.each([[[1]], [[1, 2]]] as const)('%j changes no run', series => {
    const answer = answerTo('changes-no-run', withPatches(...series))
    expect(answer.answer).toBe('yes')
    // All of both graphs, as another search counts them.
    for (const { subject, finding } of partOf(answer, 'runs').findings) {
      const whole = known(answerOfStudy(wholeGraph(subject, LIMITS)), 'a graph').graph
      expect([finding.states, finding.moves]).toEqual([whole.states, whole.edges])
    }
  })

  it.each([[[1, 3]], [[1, 2, 3]]] as const)('%j does, and shows the first step that differs', series => {
    const answer = answerTo('changes-no-run', withPatches(...series))
    expect(answer.answer).toBe('no')
    const { finding } = shown(partOf(answer, 'runs'))
    expect(finding.run?.parting?.here).toMatch(/invalidate/i)
    expect(finding.run?.parting?.there).not.toBe(finding.run?.parting?.here)
  })

  it('without CONFIG_MMU_NOTIFIER nothing changes, with it something does', () => {
    const answer = answerTo('empty-without-config', ALL)
    expect(answer.parts.map(p => [p.id, p.answer])).toEqual([
      ['without', 'yes'],
      ['with', 'no'],
    ])
  })

  it('where no patch is in there is nothing to compare', () => {
    expect(answerTo('changes-no-run', NONE).answer).toBe('never-asked')
  })
})

it('with too many states it shows a run, or says that it is undecided', () => {
  for (const claim of CLAIMS) {
    const few: ClaimAnswer = answerOfStudy(checkClaim(claim, ALL, { states: 20, bytes: 2 ** 30 }))
    const shows = few.parts[0]?.findings.some(f => f.finding.run !== null)
    expect(few.answer === 'undecided' || shows, claim.id).toBe(true)
  }
})

it('asks only of scenarios that a reader could load', () => {
  for (const claim of CLAIMS as readonly Claim[]) {
    for (const { scenario } of claim.parts.flatMap(p => p.of(ALL))) expect(checkScenario(scenario)).toEqual([])
  }
})
