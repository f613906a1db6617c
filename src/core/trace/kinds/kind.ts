import type { PageRange } from '../../units.ts'
import type { OperationName } from '../operation.ts'
import type { Promised } from '../promises.ts'
import type { Span } from '../spans.ts'
import type { RecordedCall, RecordedCallback } from '../timed.ts'

/** A kind of operation: how a recording shows it, and what is promised about its pages. One file a kind, one line in index.ts. */
export interface Kind {
  readonly name: OperationName
  /** As a reader of kernels calls it. */
  readonly title: string
  /** Whether a span is one. */
  readonly is: (s: Span) => boolean
  /** The pages it is about, or null when it is about none after all. */
  readonly range: (s: Span, seen: Surroundings) => PageRange | null
  readonly promises: readonly Promised[]
}

/** What else there is to tell the range of an operation from. */
export interface Surroundings {
  /** The callbacks of the span's own events. */
  readonly callbacks: readonly RecordedCallback[]
  /** The part of the heap that each shrinking brk gives up. */
  readonly heap: ReadonlyMap<RecordedCall, PageRange>
  /** Pages of the faults, and ranges zapped, in the span. */
  readonly touched: readonly PageRange[]
}

export const isCall =
  (...names: readonly string[]) =>
  (s: Span): boolean =>
    s.by === 'call' && s.call !== null && names.includes(s.call.name)

/** The range that the call names. */
export const ofCall: Kind['range'] = s => s.call?.range ?? null

/** From the first page that the notifier was told of to the last; else the pages touched. */
export const ofPairs: Kind['range'] = (_, { callbacks, touched }) => {
  const told = callbacks.flatMap(c => (c.kind === 'start' && c.range !== null ? [c.range] : []))
  return hull(told) ?? hull(touched)
}

/** From the first page touched to the last. */
export const ofTouched: Kind['range'] = (_, { touched }) => hull(touched)

function hull(ranges: readonly PageRange[]): PageRange | null {
  const [first, ...others] = ranges
  if (first === undefined) return null
  let { start, end } = first
  for (const r of others) {
    if (r.start < start) start = r.start
    if (r.end > end) end = r.end
  }
  return { start, end }
}

/** Any of these events or functions is in the span. */
export const did =
  (...what: readonly string[]) =>
  (s: Span): boolean =>
    what.some(w => s.did.has(w))
