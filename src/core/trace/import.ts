import type { Problem } from '../base/problem.ts'
import { castOf } from './cast.ts'
import { isRead, readRecord } from './formats/index.ts'
import { READER_LIMITS, type ReaderLimits, traceReader } from './reader.ts'
import { type LineCounts, type Loss, placeOf, type TraceRecord, type TraceText } from './record.ts'
import type { TraceRecords } from './records.ts'
import { type Answer, newScene } from './scene.ts'
import { type Step, stepsOf } from './steps.ts'
import type { RecordedCall, RecordedCallback, TableBounds, TimedEvent } from './timed.ts'

/** A recording, understood: what happened, in the simulation's own words. */
export interface Recording {
  readonly events: readonly TimedEvent[]
  readonly callbacks: readonly RecordedCallback[]
  readonly calls: readonly RecordedCall[]
  readonly bounds: readonly TableBounds[]
  /** tlb_gen of the events `cpu-tlb-flushed`, by index. */
  readonly generations: ReadonlyMap<number, number>
  /** Indices of events with which flushes begin that reclaim or migration had put off: arch_tlbbatch_flush(), arch/x86/mm/tlb.c */
  readonly batchFlushes: ReadonlySet<number>
  /** Interrupts to CPUs in which a flush may have gone unseen. */
  readonly unseenFlushes: readonly Answer[]
  readonly steps: readonly Step[]
  /** Indices of events before which another run of a workload begins. */
  readonly restarts: readonly number[]
  /** Names of the records kept, for what only a name tells: which kernel, which probes. */
  readonly names: ReadonlySet<string>
  readonly losses: readonly Loss[]
  /** Where the file of another CPU was put behind that of the first: the order of lines is not that of time. Null: nowhere. */
  readonly unordered: number | null
  /** Names of which no record has the fields it is read by: probes that were set without them. */
  readonly unreadable: ReadonlySet<string>
  readonly counts: LineCounts
  readonly ignored: ReadonlyMap<string, number>
  readonly problems: readonly Problem[]
  readonly moreProblems: number
}

/** A reader of the events the importer understands. */
export const recordingReader = (limits: ReaderLimits = READER_LIMITS) => traceReader(isRead, limits)

/** Concludes from the records of a text what happened. Never throws; what does not fit is a problem. */
export function understand(text: TraceText): Recording {
  const scene = newScene(castOf(text.records))
  const unordered = secondFile(text.records)
  text.records.each(r => readRecord(r, scene))
  return {
    events: scene.events,
    callbacks: scene.callbacks,
    calls: scene.calls,
    bounds: scene.bounds,
    generations: scene.generations,
    batchFlushes: scene.batchFlushes,
    unseenFlushes: scene.answers.filter(a => !a.probed),
    restarts: scene.restarts,
    steps: stepsOf(scene.events),
    names: text.records.names(),
    losses: text.losses,
    unreadable: whollyUnreadable(text.records, scene.unreadable),
    unordered: unordered?.line ?? null,
    counts: text.counts,
    ignored: text.ignored,
    problems: [...(unordered === null ? [] : [notInOrder(unordered)]), ...text.problems, ...scene.problems],
    moreProblems: text.moreProblems + scene.moreProblems,
  }
}

/** A clock goes back by less than that where two CPUs do not quite agree. */
const BACK = 100

/** The record with which the events of another CPU begin, at an earlier time: per_cpu/cpu0/trace and others, one after another. */
function secondFile(records: TraceRecords): TraceRecord | null {
  let cpu: number | null = null
  let time = 0
  for (const r of records) {
    if (r.name === 'tracing_mark_write' && r.args.startsWith('BEGIN') && cpu !== null) return null
    if (cpu !== null && r.cpu !== cpu) return r.time < time - BACK ? r : null
    cpu = r.cpu
    time = r.time
  }
  return null
}

function whollyUnreadable(records: TraceRecords, unreadable: ReadonlyMap<string, number>): Set<string> {
  const left = new Map(unreadable)
  if (left.size > 0)
    records.each(
      r => left.set(r.name, (left.get(r.name) ?? 0) - 1),
      name => left.has(name),
    )
  return new Set([...left].flatMap(([name, more]) => (more === 0 ? [name] : [])))
}

const notInOrder = (r: TraceRecord): Problem => ({
  at: placeOf(r.line, r.column),
  message: `the events of CPU ${r.cpu} begin here, at an earlier time than those before: files of single CPUs were put together`,
  mend: 'Give the tracefs file trace itself, or what trace-cmd report prints: there all CPUs are in order of time.',
})

/** Reads a whole recording: text or bytes, in one piece or several. */
export function readRecording(chunks: Iterable<Uint8Array | string>, limits: ReaderLimits = READER_LIMITS): Recording {
  const reader = recordingReader(limits)
  for (const chunk of chunks) reader.feed(chunk)
  return understand(reader.end())
}
