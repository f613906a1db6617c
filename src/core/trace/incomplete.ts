import type { Recording } from './import.ts'
import type { Span } from './spans.ts'
import { callsRecorded } from './unrecorded.ts'

/**
 * Why a span does not show all that its task did: events were lost in its course, or before it with its beginning in doubt; or its
 * call is missing where others are recorded, as where a recording begins in the middle. Null when it does.
 */
export function whyIncomplete(
  recording: Recording,
  span: Span,
  spans: ReadonlyMap<number, readonly Span[]>,
): string | null {
  const { events, losses, names, unordered } = recording
  if (unordered !== null) return `the order of lines is not that of time (line ${unordered})`
  const lineAt = (i: number | undefined): number => events[i ?? -1]?.line ?? 0
  const siblings = spans.get(span.who) ?? []
  const k = siblings.findIndex(s => s.events[0] === span.events[0])
  const first = lineAt(span.events[0])
  // What begins with an event of its own, a call or a fault, is whole from there on.
  const begins = span.by === 'call' || span.by === 'fault'
  const from = begins ? first : lineAt(siblings[k - 1]?.events.at(-1))
  const ended = span.call === null ? span.over : span.call.to !== null
  const next = siblings.slice(k + 1).find(s => s.within === null)
  const to = ended ? lineAt(span.events.at(-1)) : next === undefined ? Number.POSITIVE_INFINITY : lineAt(next.events[0])
  const lost = losses.find(l => l.line > from && l.line < to)
  if (lost !== undefined) return `events of CPU ${lost.cpu} were lost in its course (line ${lost.line})`
  const exits = span.did.has('exit_mmap') || span.did.has('notifier-released')
  const headless = span.by === 'itself' && !exits && ONLY_IN_CALLS.some(what => span.did.has(what))
  // Of a task that was seen before, the call would have been seen to begin, unless calls of its name were not recorded.
  const seenBefore = (): boolean => events.findIndex(e => e.who === span.who) < (span.events[0] ?? 0)
  return headless && callsRecorded(names) && !seenBefore()
    ? 'the call that it is part of is not in the recording, which may begin in its course'
    : null
}

/** What no task does but in a system call (and the OOM reaper, which is told from none of them), and of which a part alone would be taken for the whole. */
const ONLY_IN_CALLS = [
  'copy_page_range',
  'zap-started',
  'start(UNMAP)',
  'start(PROTECTION_VMA)',
  'start(PROTECTION_PAGE)',
] as const
