import type { Problem } from '../base/problem.ts'
import { castOf } from './cast.ts'
import { isRead, readRecord } from './formats/index.ts'
import { READER_LIMITS, type ReaderLimits, traceReader } from './reader.ts'
import type { LineCounts, Loss, TraceText } from './record.ts'
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
  /** Interrupts to CPUs in which a flush may have gone unseen. */
  readonly unseenFlushes: readonly Answer[]
  readonly steps: readonly Step[]
  /** Indices of events before which another run of a workload begins. */
  readonly restarts: readonly number[]
  /** Names of the records kept, for what only a name tells: which kernel, which probes. */
  readonly names: ReadonlySet<string>
  readonly losses: readonly Loss[]
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
  text.records.each(r => readRecord(r, scene))
  return {
    events: scene.events,
    callbacks: scene.callbacks,
    calls: scene.calls,
    bounds: scene.bounds,
    generations: scene.generations,
    unseenFlushes: scene.answers.filter(a => !a.probed),
    restarts: scene.restarts,
    steps: stepsOf(scene.events),
    names: text.records.names(),
    losses: text.losses,
    counts: text.counts,
    ignored: text.ignored,
    problems: [...text.problems, ...scene.problems],
    moreProblems: text.moreProblems + scene.moreProblems,
  }
}

/** Reads a whole recording: text or bytes, in one piece or several. */
export function readRecording(chunks: Iterable<Uint8Array | string>, limits: ReaderLimits = READER_LIMITS): Recording {
  const reader = recordingReader(limits)
  for (const chunk of chunks) reader.feed(chunk)
  return understand(reader.end())
}
