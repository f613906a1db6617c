import type { SimEvent } from '../machine/event.ts'
import type { Recording } from './import.ts'
import type { RecordedCall, TimedEvent } from './timed.ts'

/**
 * What one task did between two boundaries: a system call from entry to return; a fault up to whatever comes after it; part
 * of one of these that is an operation by itself (a huge page split, a write fault of the kernel's own, what mremap unmaps); or work that is
 * neither, as a kernel thread does, or a call that was not recorded.
 */
export interface Span {
  readonly by: 'call' | 'fault' | 'part' | 'itself'
  readonly who: number
  readonly mm: string
  readonly cpu: number
  /** Name of the task. */
  readonly task: string
  readonly call: RecordedCall | null
  /** The span it is a part of. */
  readonly within: Span | null
  readonly parts: Span[]
  /** Indices of its events, ascending: those of its task, without those of its parts. */
  readonly events: number[]
  /** Types of its events, names of kernel functions entered, and `start(REASON)`. */
  readonly did: Set<string>
  /** Its end was seen: a call's return, or that its task went on to something else. */
  over: boolean
}

/** What a task is in the middle of. */
interface Doing {
  span: Span | null
  /** Start/end pairs and gathers open. */
  pairs: number
  gathers: number
}

/**
 * Cuts the events of each task into spans, in the order in which they begin. Events outside every span (a lock, a page freed
 * long after) belong to none.
 */
export function spansOf({ events, calls, restarts }: Recording): Span[] {
  const entries = new Map(calls.map(c => [c.from, c]))
  const cuts = new Set(restarts)
  const tasks = new Map<number, Doing>()
  const spans: Span[] = []

  const open = (doing: Doing, by: Span['by'], e: TimedEvent, call: RecordedCall | null): Span => {
    const within = by === 'part' ? doing.span : null
    if (within === null) closeAll(doing)
    const mm = e.mm ?? ''
    const span: Span = {
      by,
      who: e.who,
      mm,
      cpu: e.cpu,
      task: e.task,
      call,
      within,
      parts: [],
      events: [],
      did: new Set(),
      over: false,
    }
    within?.parts.push(span)
    doing.span = span
    spans.push(span)
    return span
  }

  events.forEach((e, i) => {
    if (cuts.has(i)) for (const d of tasks.values()) abandon(d)
    // Interrupts and flushes asked for by others are nobody's own doing here.
    if (e.event.type === 'cpu-tlb-flushed' && e.event.cpu !== e.event.from) return
    let doing = tasks.get(e.who)
    if (doing === undefined) {
      doing = { span: null, pairs: 0, gathers: 0 }
      tasks.set(e.who, doing)
    }
    if (NOT_ONLY_TOUCHED.some(what => what === nameOf(e.event))) lastFaultAlone(doing, events, spans)
    boundary(doing, e, entries.get(i) ?? null, open)
    const span = doing.span
    if (span === null) return
    note(span, i, e)
    count(doing, e.event)
    finish(doing, span, i, e.event)
  })
  return spans
}

/** A span together with those of its parts that are meant, as one. */
export function withParts(span: Span, meant: (part: Span) => boolean): Span {
  const parts = span.parts.filter(meant)
  if (parts.length === 0) return span
  const events = [span, ...parts].flatMap(s => s.events).sort((a, b) => a - b)
  const did = new Set([span, ...parts].flatMap(s => [...s.did]))
  return { ...span, events, did, parts: [] }
}

type Open = (doing: Doing, by: Span['by'], e: TimedEvent, call: RecordedCall | null) => Span

/** What begins or ends before this event is counted in. */
function boundary(doing: Doing, e: TimedEvent, call: RecordedCall | null, open: Open): void {
  const { event } = e
  switch (event.type) {
    case 'syscall-entered':
      if (call === null) closeAll(doing)
      else open(doing, 'call', e, call)
      return
    case 'fault-taken':
      // From user mode: whatever call was open has returned unseen.
      if (event.by === 'cpu' && !isAnother(doing, event.write)) open(doing, 'fault', e, null)
      return
    case 'marked':
      // Written with write(2): whatever other call was open has returned unseen.
      if (!/write/.test(doing.span?.call?.name ?? '')) closeAll(doing)
      return
    case 'mmap-lock-taken':
      // A fault takes it for reading.
      if (doing.span?.by === 'fault' && event.mode === 'write') closeAll(doing)
      return
    case 'kernel-function-entered':
      if (event.name === 'move_page_tables' && doing.span?.by === 'part') closePart(doing)
      if (event.name === 'do_wp_page') writeFault(doing, e, open)
      else if (event.name === '__split_huge_pmd') split(doing, e, open)
      else if (doing.span?.by === 'part' && event.name === 'change_protection') closePart(doing)
      else if (doing.span === null || beginsAnew(doing, e)) open(doing, 'itself', e, null)
      return
    case 'gather-started':
      if (unmapsInCall(doing.span)) {
        if (doing.span?.by === 'part') closePart(doing)
        open(doing, 'part', e, null)
        return
      }
      break
    case 'zap-started':
      if (doing.span?.did.has('__split_huge_pmd') && doing.span.by === 'part') closePart(doing)
      break
    case 'syscall-returned':
      while (doing.span?.by === 'part') closePart(doing)
      if (doing.span?.by !== 'call') closeAll(doing)
      return
  }
  if (OPENS.has(event.type) && (doing.span === null || beginsAnew(doing, e))) open(doing, 'itself', e, null)
}

/** Faults that only bring pages in are one operation as long as nothing else comes between: a program touches its memory. */
function isAnother({ span, pairs }: Doing, write: boolean): boolean {
  if (span?.by !== 'fault' || pairs > 0 || !span.did.has(write ? 'first write' : 'first read')) return false
  return !NOT_ONLY_TOUCHED.some(what => span.did.has(what))
}
const NOT_ONLY_TOUCHED = ['do_wp_page', 'do_swap_page', '__split_huge_pmd', 'invalidate-range-started'] as const

/** The last fault of several turns out to be more than that: it is an operation by itself. */
function lastFaultAlone(doing: Doing, events: readonly TimedEvent[], spans: Span[]): void {
  const { span } = doing
  if (span?.by !== 'fault') return
  const at = span.events.findLastIndex(i => events[i]?.event.type === 'fault-taken')
  if (at <= 0) return
  const own = span.events.splice(at)
  span.over = true
  const alone: Span = { ...span, parts: [], events: [], did: new Set(), over: false }
  for (const i of own) note(alone, i, events[i])
  doing.span = alone
  spans.push(alone)
}

function note(span: Span, i: number, e: TimedEvent | undefined): void {
  if (e === undefined) return
  span.events.push(i)
  span.did.add(nameOf(e.event))
  if (e.event.type === 'invalidate-range-started') span.did.add(`start(${e.event.reason})`)
  if (e.event.type === 'fault-taken') span.did.add(e.event.write ? 'first write' : 'first read')
}

/** A write fault without page_fault_user before it: the kernel's own, as when it writes to user memory. */
function writeFault(doing: Doing, e: TimedEvent, open: Open): void {
  if (doing.span?.by === 'part') closePart(doing)
  if (doing.span?.by === 'call') open(doing, 'part', e, null)
  else if (doing.span?.by !== 'fault' || doing.span.did.has('do_wp_page')) open(doing, 'fault', e, null)
}

/**
 * mremap() and mmap() with MAP_FIXED: neither needs a gather for itself. With one it unmaps, what it moved away from or what was in its
 * way.
 */
const unmapsInCall = (span: Span | null): boolean =>
  UNMAPS_TOO.has(span?.call?.name ?? '') || (span?.by === 'part' && UNMAPS_TOO.has(span.within?.call?.name ?? ''))

/** Calls that unmap in their course what another munmap() would. */
export const UNMAPS_TOO: ReadonlySet<string> = new Set(['mremap', 'mmap'])

function split(doing: Doing, e: TimedEvent, open: Open): void {
  if (doing.span?.by === 'part') closePart(doing)
  open(doing, doing.span === null ? 'itself' : 'part', e, null)
}

/** What a task without a call does next is another operation: of another process, or after the pages of the last one went. */
function beginsAnew({ span, pairs, gathers }: Doing, e: TimedEvent): boolean {
  if (span === null || pairs > 0) return false
  if (span.by === 'fault') {
    const done = e.event.type === 'invalidate-range-started' && span.did.has('invalidate-range-ended')
    return done || NOT_IN_A_FAULT.has(nameOf(e.event))
  }
  if (span.by !== 'itself') return false
  if (e.mm !== null && e.mm !== span.mm) return true
  // A file that is cut is zapped again and again, with a gather each time.
  if (gathers === 0 && e.event.type === 'gather-started' && span.did.has('tlb-finish-started')) return true
  return gathers === 0 && span.did.has('page-freed') && BATCH_BEGINS.has(nameOf(e.event))
}

/** What ends with this event. */
function finish(doing: Doing, span: Span, i: number, event: SimEvent): void {
  if (span.by === 'call') {
    if (span.call?.to === i) closeAll(doing)
  } else if (span.by === 'part') {
    const last = span.did.has('__split_huge_pmd') ? 'invalidate-range-ended' : 'mmap-lock-released'
    if (event.type === last && !openIn(span)) closePart(doing)
  } else if (span.by === 'itself' && event.type === 'mmap-lock-released' && doing.pairs + doing.gathers === 0) {
    closeAll(doing)
  }
}

function count(doing: Doing, event: SimEvent): void {
  if (event.type === 'invalidate-range-started') doing.pairs++
  else if (event.type === 'invalidate-range-ended') doing.pairs = Math.max(0, doing.pairs - 1)
  else if (event.type === 'gather-started') doing.gathers++
  else if (event.type === 'tlb-finish-started') doing.gathers = Math.max(0, doing.gathers - 1)
}

/** A part's own pair: only one is ever open in it. */
const openIn = (span: Span): boolean =>
  span.did.has('invalidate-range-started') && !span.did.has('invalidate-range-ended')

function closePart(doing: Doing): void {
  const part = doing.span
  if (part === null) return
  part.over = true
  doing.span = part.within
}

function closeAll(doing: Doing): void {
  for (let span = doing.span; span !== null; span = span.within) span.over = true
  abandon(doing)
}

/** Forgets it without having seen its end. */
function abandon(doing: Doing): void {
  doing.span = null
  doing.pairs = 0
  doing.gathers = 0
}

const nameOf = (event: SimEvent): string => (event.type === 'kernel-function-entered' ? event.name : event.type)

/** Work on an address space that has begun without anything announcing it. */
const OPENS: ReadonlySet<SimEvent['type']> = new Set([
  'invalidate-range-started',
  'secondary-tlb-invalidate-called',
  'notifier-released',
  'young-cleared',
  'pte-change-notified',
  'gather-started',
  'zap-started',
  'rmap-removed',
  'free-pgtables-started',
  'cpu-flush-started',
])
/** The call in which this happens was not recorded. */
const NOT_IN_A_FAULT: ReadonlySet<string> = new Set([
  'gather-started',
  'zap-started',
  'change_protection',
  'move_page_tables',
  'copy_page_range',
  'exit_mmap',
  'notifier-released',
])
/** With what reclaim and migration turn to further pages. */
const BATCH_BEGINS: ReadonlySet<string> = new Set([
  'young-cleared',
  'try_to_unmap',
  'try_to_migrate',
  'invalidate-range-started',
])
