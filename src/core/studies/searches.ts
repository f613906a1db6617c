import type { Progress } from '../explorer/system.ts'
import type { Study, StudyLimits } from './study.ts'

/** A share of what is left goes to one search, so that a large one does not take it all. */
const SHARE = 8

/** Many searches that together keep to the limits of one study. */
export class Searches {
  private readonly limits: StudyLimits
  /** States looked at by the searches that have ended. */
  states = 0
  private ended = 0

  constructor(limits: StudyLimits) {
    this.limits = limits
  }

  /** What one search may take: `most` states, or its share. */
  budget(most = Number.POSITIVE_INFINITY): StudyLimits {
    const left = Math.max(0, this.limits.states - this.states)
    return { states: Math.max(1, Math.min(most, Math.ceil(left / SHARE))), bytes: this.limits.bytes }
  }

  /** Drives a search to its end and reports on it. */
  *run<Answer extends { readonly states: number }>(
    doing: string,
    search: Generator<Progress, Answer, void>,
  ): Study<Answer> {
    yield { doing, states: this.states, done: this.ended, of: null }
    for (;;) {
      const step = search.next()
      if (step.done === true) {
        this.states += step.value.states
        this.ended++
        return step.value
      }
      yield { doing, states: this.states + step.value.states, done: this.ended, of: null }
    }
  }
}
