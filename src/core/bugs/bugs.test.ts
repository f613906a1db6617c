import { describe, expect, it } from 'vitest'
import { known } from '../base/assert.ts'
import type { Settings } from '../runs/settings.ts'
import { checkScenario } from '../scenarios/check.ts'
import { DAMAGE_RULES } from '../scenarios/exploration.ts'
import type { Bug } from './bug.ts'
import { BUGS, bugById } from './bug-list.ts'
import { COST_BUGS } from './cost-bugs.ts'
import { type BugVerdict, judge, labOfBug } from './judge.ts'
import { type Price, priceOf } from './price.ts'
import { readyRun } from './ready-run.ts'
import { withField } from './settings-of.ts'

/* The shelf is what it says: each verdict is computed here, over every interleaving of the bug's scenario. */

const BUDGET = { states: 300_000, bytes: 2 ** 30 }

function verdictOf(bug: Bug, settings: Settings, rules: readonly string[] = [bug.rule]): BugVerdict {
  const steps = judge(labOfBug(bug, settings), rules, BUDGET)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** The settings without the bug, but for its one switch. */
const toggled = ({ fixed, toggle }: Bug): Settings => withField(fixed, toggle.field, toggle.value)

describe('the shelf', () => {
  it('has every number from 1 to 35 once: as a bug that breaks a rule, or as one that costs', () => {
    const ids = [...BUGS, ...COST_BUGS].map(bug => bug.id).sort()
    expect(ids).toEqual(Array.from({ length: 35 }, (_, i) => `B${String(i + 1).padStart(2, '0')}`))
    for (const list of [BUGS, COST_BUGS]) expect(list.map(bug => bug.id)).toEqual(list.map(bug => bug.id).sort())
  })

  it('is asked by number, in either case', () => {
    expect(bugById('b01')?.id).toBe('B01')
    expect(bugById('B99')).toBeUndefined()
  })
})

describe.each(BUGS.map(bug => [`${bug.id} ${bug.title}`, bug] as const))('%s', (_title, bug) => {
  it('has a scenario that a reader could load', () => {
    expect(checkScenario(bug.scenario)).toEqual([])
  })

  it('present: some interleaving breaks the rule', () => {
    expect(verdictOf(bug, bug.present).kind).toBe('broken')
  })

  it('present: the run that is told ends in that harm', () => {
    const { possible, stuck, ends } = readyRun(bug, bug.present)
    expect(stuck).toBeNull()
    expect(possible).toBe(true)
    expect(ends).toHaveLength(bug.run.length)
  })

  it('fixed: the rule holds in every state, and so do the rules of damage', () => {
    if (!DAMAGE_RULES.includes(bug.rule)) expect(verdictOf(bug, bug.fixed).kind).toBe('holds')
    expect(verdictOf(bug, bug.fixed, DAMAGE_RULES).kind).toBe('holds')
  })

  it('fixed: the run that is told cannot be made, and it says from where on', () => {
    const { possible, stuck } = readyRun(bug, bug.fixed)
    expect(possible).toBe(false)
    expect(stuck?.why).not.toBe('')
  })

  it('fixed: its one switch alone brings it back', () => {
    expect(verdictOf(bug, toggled(bug)).kind).toBe('broken')
  })
})

describe.each(COST_BUGS.map(bug => [`${bug.id} ${bug.title}`, bug] as const))('%s', (_title, bug) => {
  const price = (settings: Settings): Price => priceOf(bug, settings, BUDGET, { states: 200_000, bytes: 2 ** 28 })
  const { field, value } = bug.toggle
  const prices = {
    present: price(bug.present),
    fixed: price(bug.fixed),
    toggled: price(withField(bug.fixed, field, value)),
  }

  it('has a scenario that a reader could load', () => {
    expect(checkScenario(bug.scenario)).toEqual([])
  })

  it('breaks no rule of damage, with the bug or without it', () => {
    expect(Object.values(prices).map(p => p.verdict)).toEqual(['holds', 'holds', 'holds'])
  })

  it('costs more with the bug, on the mean and at most, and its one switch alone brings that back', () => {
    for (const [at, id] of bug.measures.entries()) {
      const figureOf = (p: Price) => known(p.figures[at], id).figure
      for (const dear of [prices.present, prices.toggled]) {
        expect(figureOf(dear).mean, id).toBeGreaterThan(figureOf(prices.fixed).mean)
        expect(figureOf(dear).most.value, id).toBeGreaterThan(figureOf(prices.fixed).most.value ?? Number.NaN)
      }
    }
  })
})
