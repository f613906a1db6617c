import type { Policy } from '../policy/policy.ts'
import type { Scenario } from '../scenarios/scenario.ts'

/** What is asked about: every run of this scenario under this policy. */
export interface Subject {
  readonly scenario: Scenario
  readonly policy: Policy
  /** Points of its programs that are left out (threads/omission.ts). */
  readonly without?: readonly string[]
}

/** Where a study must stop, whatever it has found. */
export interface StudyLimits {
  /** States looked at, in all searches of the study together. */
  readonly states: number
  /** Bytes held at once. */
  readonly bytes: number
}

/** How far a study has come. */
export interface StudyProgress {
  /** What it does now, for the reader: `Searching without flush_tlb_mm_range()`. */
  readonly doing: string
  /** States looked at so far. */
  readonly states: number
  /** Parts done, and how many there are; null while that is not known. */
  readonly done: number
  readonly of: number | null
}

/**
 * A question about every run of a lab that takes a while: it yields how far it is at least every few milliseconds, and whoever
 * drives it may stop at any of these points. Pure: the same subject and limits always give the same answer.
 */
export type Study<Answer> = Generator<StudyProgress, Answer, void>

/** The answer of a study that needs every state at once, when there are more than its limits allow. */
export interface TooLarge {
  readonly kind: 'too-large'
  readonly limits: StudyLimits
}

/** Drives a study to its end in one go. */
export function answerOfStudy<Answer>(study: Study<Answer>): Answer {
  for (;;) {
    const step = study.next()
    if (step.done === true) return step.value
  }
}
