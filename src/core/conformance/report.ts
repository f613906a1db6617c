import type { Problem } from '../base/problem.ts'
import type { SimEvent } from '../machine/event.ts'
import type { RecordedKernel } from '../trace/kernel.ts'
import type { OperationName, RecordedOperation } from '../trace/operation.ts'
import type { LineCounts } from '../trace/record.ts'
import type { AlignedRow } from './align.ts'
import type { Claim } from './claims.ts'
import type { Difference } from './differences.ts'
import type { ComparedCallback } from './facts.ts'

/** `not-modelled`: the simulation has no such operation, or not in these circumstances. */
export type Verdict = 'same' | 'differs' | 'not-modelled'
/** Of several operations. `in-part`: those that were simulated are the same, and others were not. */
export type Overall = Verdict | 'in-part'

/** The verdict on several operations: none that was not simulated counts for the same. */
export function overall(verdicts: readonly Verdict[]): Overall {
  if (verdicts.includes('differs')) return 'differs'
  if (!verdicts.includes('same')) return 'not-modelled'
  return verdicts.includes('not-modelled') ? 'in-part' : 'same'
}

/** Everything there is to show about one recording. Plain data: it crosses from the worker as it is. */
export interface ConformanceReport {
  readonly file: string
  readonly kernel: RecordedKernel | null
  readonly counts: LineCounts
  readonly steps: readonly StepReport[]
  /** Lines nobody read, by event name, the most frequent first. */
  readonly ignored: readonly { readonly name: string; readonly lines: number }[]
  readonly problems: readonly Problem[]
  /** Problems that were only counted. */
  readonly moreProblems: number
}

export interface StepReport {
  /** What the workload announced; BEGIN up to its first announcement. */
  readonly step: string
  readonly timeline: readonly TimelineEvent[]
  /** Phases of everything in the step, in order of time. */
  readonly observed: readonly string[]
  /** Phases of the simulated operations of the step, one after another. */
  readonly simulated: readonly string[]
  readonly verdict: Overall
  readonly differences: readonly string[]
  /** What of the step is compared with nothing, and why; null when all of it is compared. */
  readonly reason: string | null
  readonly operations: readonly OperationReport[]
}

export interface TimelineEvent {
  /** Microseconds since the recording's first event. */
  readonly time: number
  readonly cpu: number
  readonly task: string
  readonly event: SimEvent
  /** Null for events that are no phase; a joined phase stands at its first event. */
  readonly phase: string | null
  readonly line: number
}

export interface OperationReport {
  readonly name: OperationName
  /** As a reader of kernels calls it. */
  readonly title: string
  readonly description: RecordedOperation
  readonly observed: readonly string[]
  readonly simulated: readonly string[]
  readonly verdict: Verdict
  /** Sentences; for not-modelled, why. */
  readonly differences: readonly string[]
  /** Why it is not modelled; null when it is. */
  readonly reason: string | null
  /** What the recording does not show, and why; the simulation's phases of it are left out. */
  readonly notCompared: readonly string[]
  /** Differences that are meant, of those this operation has: left out of `rows`. */
  readonly meant: readonly MeantDifference[]
  /** Where each recorded phase of `rows` stands in the file. */
  readonly lines: readonly number[]
  readonly rows: readonly AlignedRow[]
  readonly callbacks: readonly ComparedCallback[]
  readonly claims: readonly Claim[]
}

/** An entry of differences.ts. */
export type MeantDifference = Pick<Difference, 'id' | 'what' | 'why'>
