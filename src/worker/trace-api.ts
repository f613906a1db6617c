import type { ConformanceReport } from '../core/conformance/report.ts'

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
}

/** The report, shortened where a busy recording would be more than a page can show. */
export interface TraceReport extends ConformanceReport {
  /** What was left out, by step; both 0 where nothing was. */
  readonly left: readonly LeftOut[]
}

export interface LeftOut {
  readonly events: number
  readonly operations: number
}
