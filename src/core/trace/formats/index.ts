import { actorOf, type TraceRecord } from '../record.ts'
import { restart, type Scene } from '../scene.ts'
import { callFormats, syscall } from './calls.ts'
import { flushFormats } from './flush.ts'
import type { Format } from './format.ts'
import { frameFormats, settleTable } from './frames.ts'
import { gatherFormats } from './gather.ts'
import { notifierFormats } from './notifier.ts'

/** Every event that is read, by name; `tracing_mark_write` and system calls besides. */
export const formats: ReadonlyMap<string, Format> = new Map(
  [...callFormats, ...notifierFormats, ...gatherFormats, ...flushFormats, ...frameFormats].map(f => [f.name, f]),
)

const EMPTYING = new Set(['mm_page_free', 'free_pages_and_swap_cache'])

/** A clock that goes back by as much is another machine's, or another recording's. */
const A_SECOND = 1_000_000

export const MARKER = 'tracing_mark_write'

/** Whether an event of this name says anything to us; the others are counted by name. */
export const isRead = (name: string): boolean => formats.has(name) || name.startsWith('sys_') || name === MARKER

/** Reads one record into the scene. */
export function readRecord(r: TraceRecord, s: Scene): void {
  if (r.time < s.time - A_SECOND || (r.name === MARKER && r.args.startsWith('BEGIN'))) restart(s)
  s.time = r.time
  if (r.name === MARKER) {
    marker(r, s)
    return
  }
  if (r.kind !== 'event') {
    syscall(r, s)
    return
  }
  const t = s.tasks.get(actorOf(r))
  // Emptying a gather ends where its task does anything else.
  if (t?.freeing && !EMPTYING.has(r.name)) t.freeing = false
  // A table announced and followed by something other than its page: recorded without mm_page_alloc.
  if (t !== undefined && t.tablePending !== null && r.name !== 'mm_page_alloc') settleTable(r, s, null)
  formats.get(r.name)?.read(r, s)
}

function marker(r: TraceRecord, s: Scene): void {
  s.events.push({
    event: { type: 'marked', text: r.args },
    cpu: r.cpu,
    who: actorOf(r),
    line: r.line,
    time: r.time,
    task: r.task,
    mm: null,
  })
}
