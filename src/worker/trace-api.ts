import type { CallbackFacts } from '../core/conformance/facts.ts'
import type { ConformanceReport, Overall } from '../core/conformance/report.ts'
import type { RecordedKernel } from '../core/trace/kernel.ts'

/**
 * Everything the page may ask of the reader of recordings. One recording at a time, in pieces of any size: the page can
 * count them and stop between two of them.
 */
export interface TraceApi {
  /** Forgets what was read before. */
  begin(file: string): void
  feed(bytes: Uint8Array): void
  /** No more bytes: what the recording says, and what the model makes of it. */
  end(): TraceReport
  /** No more bytes: only what came of the comparison. */
  judge(): TraceSummary
  /** Lines `from` to `to`, both included, of the recording that was read, as they stand in it. */
  lines(from: number, to: number): readonly RawLine[]
}

/** What came of holding a recording against the model, in a few words. */
export interface TraceSummary {
  readonly kernel: RecordedKernel | null
  /** One operation that differs makes the recording differ; without any that is simulated, there is nothing to compare. */
  readonly verdict: Overall
  /** Operations that were simulated. */
  readonly operations: number
  /** The first difference, or what was compared with nothing; empty when all is the same. */
  readonly note: string
  /** Ids of the differences that are meant, of those that its operations have. */
  readonly meant: readonly string[]
  readonly tablesFreed: number
}

/** The report, shortened where a busy recording would be more than a page can show. */
export interface TraceReport extends ConformanceReport {
  /** What else there is to each step, in their order. */
  readonly more: readonly StepMore[]
  /** What is missing from the file as a whole, one sentence each. */
  readonly missing: readonly string[]
}

export interface StepMore {
  /** What was left out. */
  readonly left: LeftOut
  /** For each operation of the step, the line of each of its recorded phases that are compared. */
  readonly phaseLines: readonly (readonly number[])[]
  readonly measured: readonly MeasuredCallback[]
}

export interface LeftOut {
  readonly events: number
  readonly operations: number
}

/** What a callback of the notifier found in the page table and in the pages themselves. */
export interface MeasuredCallback {
  /** The line of the callback. */
  readonly line: number
  /** Counted over its whole range; null when nothing was. */
  readonly facts: CallbackFacts | null
  /** The pages it reported one by one: the first few of the range. */
  readonly seen: PagesSeen | null
}

export interface PagesSeen {
  readonly pages: number
  /** What their entries hold now: `present`, `none`, `protnone`, … without repetition. */
  readonly entries: readonly string[]
  /** Least and most of their struct pages' counts. */
  readonly references: readonly [number, number]
  readonly mappings: readonly [number, number]
}

export interface RawLine {
  /** From 1. */
  readonly number: number
  readonly text: string
}
