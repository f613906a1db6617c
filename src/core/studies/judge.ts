import type { Lab } from '../scenarios/build.ts'
import { type Ran, type RuleVerdict, searchRules } from './rule-search.ts'
import type { Study, StudyLimits } from './study.ts'

/** Of what is left, no search may take more than this part: a large one does not starve those that come after it. */
const SHARE = 3

/** Many searches for broken rules that keep to the limits of one study together, and their progress as one. */
export class Judge {
  /** States looked at, searches done and searches known to be due. */
  states = 0
  done = 0
  due = 0
  private readonly limits: StudyLimits

  constructor(limits: StudyLimits) {
    this.limits = limits
  }

  /** How each of the rules fares in all runs of the lab. */
  *judge(doing: string, lab: Lab, ids: readonly string[], ran?: Ran): Study<ReadonlyMap<string, RuleVerdict>> {
    this.due = Math.max(this.due, this.done + 1)
    const left = this.limits.states - this.states
    const search = searchRules(lab, ids, { states: Math.ceil(left / SHARE), bytes: this.limits.bytes }, ran)
    yield this.progress(doing, 0)
    for (;;) {
      const step = search.next()
      if (step.done === true) {
        this.states += step.value.states
        this.done++
        return step.value.of
      }
      yield this.progress(doing, step.value)
    }
  }

  private progress(doing: string, states: number) {
    return { doing, states: this.states + states, done: this.done, of: this.due }
  }
}
