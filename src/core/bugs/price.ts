import { known } from '../base/assert.ts'
import type { Budget } from '../explorer/system.ts'
import type { Settings } from '../runs/settings.ts'
import { DAMAGE_RULES } from '../scenarios/exploration.ts'
import { costOf, type Figure } from '../studies/cost/cost-of.ts'
import type { Measure } from '../studies/cost/measure.ts'
import { MEASURES } from '../studies/cost/measures.ts'
import { answerOfStudy, type StudyLimits } from '../studies/study.ts'
import type { CostBug } from './bug.ts'
import { type BugVerdict, judge, labOfBug } from './judge.ts'

/** What a bug of this kind costs, over every run of its scenario under some settings. */
export interface Price {
  /** Of the rules of damage: none is broken, with the bug and without it. */
  readonly verdict: BugVerdict['kind']
  readonly states: number
  /** Figures of the measures that the bug names, in its order, then of the commands sent. */
  readonly figures: readonly Priced[]
}

export interface Priced {
  readonly measure: Pick<Measure, 'id' | 'family' | 'title' | 'unit' | 'what'>
  readonly figure: Figure
}

/** Commands: most who look at a cost want to see whether there are more of them. */
const COMMANDS = ['iotlb-commands', 'completion-waits'] as const

/** Looks at every run. Small scenarios only: it answers in one go. */
export function priceOf(bug: CostBug, settings: Settings, budget: Budget, limits: StudyLimits): Price {
  const lab = labOfBug(bug, settings)
  const steps = judge(lab, DAMAGE_RULES, budget)
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  const { figures } = answerOfStudy(costOf(lab, limits))
  return {
    verdict: step.value.kind,
    states: step.value.states,
    figures: [...bug.measures, ...COMMANDS].map(id => pricedAs(id, figures)),
  }
}

function pricedAs(id: string, figures: readonly (Figure | { readonly absent: string })[]): Priced {
  const at = MEASURES.findIndex(measure => measure.id === id)
  const measure = known(MEASURES[at], id)
  const figure = known(figures[at], id)
  if (figure.absent !== null) throw new Error(`${id}: ${figure.absent}`)
  const { family, title, unit, what } = measure
  return { measure: { id, family, title, unit, what }, figure }
}
