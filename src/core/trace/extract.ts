import { asVpn, type PageRange, type Vpn } from '../units.ts'
import { type Attributed, attribute } from './attribute.ts'
import {
  argumentOf,
  between,
  copiedPages,
  endUnseen,
  flushedAll,
  mayDowngrade,
  missedFlushes,
  otherCpus,
  splitsHugePage,
  startedOn,
  tablesOf,
  touchedIn,
  vmasOf,
  withIpis,
} from './circumstances.ts'
import { flushesPutOff } from './flushes-put-off.ts'
import { nestedFinishes } from './gathers.ts'
import type { Recording } from './import.ts'
import { whyIncomplete } from './incomplete.ts'
import { kernelOf, type RecordedKernel } from './kernel.ts'
import { kindOf } from './kinds/index.ts'
import type { Kind } from './kinds/kind.ts'
import { GATHER_LIMITS, type OperationName, type RecordedOperation, type SeenOperation } from './operation.ts'
import { pagesOf } from './pages.ts'
import { pagesByMapping } from './pages-by-mapping.ts'
import { pagesByZap } from './pages-by-zap.ts'
import { functionPhases } from './phases.ts'
import { type FaultedPage, type Faulting, movePages, observe, type Presence } from './presence.ts'
import { type Span, spansOf, withParts } from './spans.ts'
import { ofThesePages } from './stale.ts'
import { type KnownTable, type LinkedTables, observeReport, observeTables, tablesOver } from './tables.ts'
import type { RecordedCall, RecordedCallback, TableBounds, TimedEvent } from './timed.ts'
import { NO_CALLS, NO_RETURNS, type Unrecorded, unrecordedIn } from './unrecorded.ts'

/** The operations of a recording, in the order in which they begin, with what a simulation may know of each. */
export function operationsOf(recording: Recording, kernel?: RecordedKernel | null): SeenOperation[] {
  const { events } = recording
  const spans = spansOf(recording)
  const facts: Facts = {
    recording,
    spans: byTask(spans),
    kernel: kernel === undefined ? kernelOf(recording.names) : kernel,
    callbacks: new Map(recording.callbacks.flatMap(c => (c.kind === 'probe' ? [] : [[c.at, c]]))),
    bounds: byTask(recording.bounds),
    nested: nestedFinishes(events),
    putOff: flushesPutOff(recording),
    unrecorded: unrecordedIn(recording.names, recording.unreadable),
    noReturns: recording.calls.length > 0 && recording.calls.every(c => c.to === null),
    probed: functionPhases.filter(name => recording.names.has(name)),
  }
  const known = knownSpans(facts, spans)
  const seen = attribute(
    recording,
    known.map(k => k.span),
  )
  const byEntry = new Map(known.map((k, i) => [k.span.events[0], { ...k, attributed: seen[i] }]))

  const present: Presence = new Map()
  const faulting: Faulting = new Map()
  const linked: LinkedTables = new Map()
  let reports = 0
  /** Where an mremap is over, and what it has moved where. */
  const moves = new Map<number, { readonly mm: string; readonly from: PageRange; readonly to: Vpn }>()
  const freed: { readonly mm: string; readonly range: PageRange }[] = []
  const operations: SeenOperation[] = []
  const restarts = new Set(recording.restarts)
  events.forEach((e, i) => {
    if (restarts.has(i)) for (const known of [present, faulting, linked]) known.clear()
    const entered = byEntry.get(i)
    if (entered?.attributed !== undefined) {
      const { kind, span, range, attributed } = entered
      const before: Before = {
        faulted: within(present.get(span.mm), range),
        tables: tablesOver(linked, span.mm, range),
        huge: hugePages(present.get(span.mm), range),
        lazilyFreed: freed.some(f => f.mm === span.mm && f.range.start < range.end && f.range.end > range.start),
      }
      if (kind.name === 'madvise-free') freed.push({ mm: span.mm, range })
      const seen = operation(kind, attributed, range, facts, before)
      operations.push(seen)
      const moved = seen.input.argument
      const done = attributed.events.find(k => events[k]?.event.type === 'invalidate-range-ended')
      if (moved?.type === 'target' && done !== undefined)
        moves.set(done, { mm: span.mm, from: range, to: moved.range.start })
    }
    const move = moves.get(i)
    if (move !== undefined) movePages(present, move.mm, move.from, move.to)
    for (let c = recording.callbacks[reports]; c !== undefined && c.line < e.line; c = recording.callbacks[++reports])
      observeReport(linked, c)
    observeTables(linked, e, faulting)
    observe(present, faulting, e)
  })
  return operations
}

interface KnownSpan {
  readonly kind: Kind
  readonly span: Span
  readonly range: PageRange
}

/** Calls that are simulated as a whole: what else would be an operation by itself is a part of them. */
const WHOLE: ReadonlySet<OperationName> = new Set(['munmap', 'brk', 'madvise'])

/** What is told from the work alone where no system call was recorded. */
const CALLS: ReadonlySet<OperationName> = new Set(['munmap', 'madvise', 'fork', 'mprotect'])

/** Done by kernel threads and faults too, which call nothing. */
const NEVER_A_CALL: ReadonlySet<OperationName> = new Set(['migrate', 'collapse', 'reclaim', 'ksm'])

/** munmap() splits what lies across its ends before it does anything itself; MADV_DONTNEED in the middle of its zap. */
const isApart = ({ within }: Span, { name }: Kind): boolean => name === 'thp-split' && within?.call?.advice === null
const isPartOf = (part: Span): boolean => {
  const kind = kindOf(part)
  return kind === null || !isApart(part, kind)
}

/** The spans that are operations, of which kind, about which pages. */
function knownSpans({ recording, callbacks }: Facts, spans: readonly Span[]): KnownSpan[] {
  const heap = heapRanges(recording.calls)
  const whole = new Set<Span>()
  return spans.flatMap(span => {
    const kind = kindOf(span)
    if (kind === null || (span.within !== null && whole.has(span.within) && !isApart(span, kind))) return []
    if (WHOLE.has(kind.name)) whole.add(span)
    const told = span.events.flatMap(i => callbacks.get(i) ?? [])
    const touched = span.events.flatMap(i => touchedBy(recording.events[i]))
    const range = kind.range(span, { callbacks: told, heap, touched })
    return range === null ? [] : [{ kind, span: whole.has(span) ? withParts(span, isPartOf) : span, range }]
  })
}

function touchedBy(e: TimedEvent | undefined): PageRange[] {
  if (e?.event.type === 'zap-started') return [e.event.range]
  if (e?.event.type !== 'fault-taken') return []
  return [{ start: e.event.vpn, end: asVpn(e.event.vpn + 1) }]
}

interface Facts {
  readonly recording: Recording
  /** By task, in the order in which they begin. */
  readonly spans: ReadonlyMap<number, readonly Span[]>
  readonly kernel: RecordedKernel | null
  /** By the index of their event. */
  readonly callbacks: ReadonlyMap<number, RecordedCallback>
  readonly bounds: ReadonlyMap<number, readonly TableBounds[]>
  readonly nested: ReadonlyMap<number, boolean | null>
  /** Whether a flush of this mm was put off before this event. */
  readonly putOff: (mm: string, before: number) => boolean
  readonly unrecorded: readonly Unrecorded[]
  /** Calls are seen to begin, and none is seen to return. */
  readonly noReturns: boolean
  readonly probed: readonly string[]
}

/** What earlier events tell of a range. */
interface Before {
  readonly faulted: ReadonlyMap<Vpn, FaultedPage>
  readonly tables: readonly KnownTable[]
  readonly lazilyFreed: boolean
  /** First pages of the huge pages there. */
  readonly huge: readonly Vpn[]
}

/** The part of the heap each shrinking brk gives up. The end before is what the brk before returned. */
function heapRanges(calls: readonly RecordedCall[]): Map<RecordedCall, PageRange> {
  const ends = new Map<string, Vpn>()
  const ranges = new Map<RecordedCall, PageRange>()
  for (const call of calls) {
    if (call.name !== 'brk') continue
    const before = ends.get(call.mm)
    const asked = call.heapEnd
    if (before !== undefined && asked !== null && asked > 0 && asked < before) {
      ranges.set(call, { start: asked, end: before })
    }
    if (call.result !== null) ends.set(call.mm, call.result)
  }
  return ranges
}

function operation(
  { name }: Kind,
  { span, events: indices, waiting }: Attributed,
  range: PageRange,
  facts: Facts,
  before: Before,
): SeenOperation {
  const { recording, kernel } = facts
  const { call } = span
  const events = indices.flatMap(i => recording.events[i] ?? [])
  const from = span.events[0] ?? 0
  const last = call?.to ?? (call === null ? (span.events.at(-1) ?? from) : recording.events.length)
  const own = indices.flatMap(i => facts.callbacks.get(i) ?? [])
  const callbacks = ofThesePages(own.filter(c => c.mm === own[0]?.mm))
  const bounds = between(facts.bounds.get(span.who) ?? [], from + 1, last)
  const whole = WHOLE.has(name) || name === 'exit'
  const vmas = whole ? vmasOf(range, events, callbacks, facts.unrecorded) : startedOn(callbacks, range)
  const tables = tablesOf(range, vmas, events, callbacks, bounds, before.tables)
  const ptes = tables.present.filter(t => t.level === 'PTE').map(t => t.vpn)
  const { pages, known } =
    name === 'exit'
      ? { pages: pagesByZap(events), known: 'number' as const }
      : name === 'fork'
        ? pagesByMapping(vmas, events, callbacks, before.faulted, ptes)
        : pagesOf(range, events, callbacks, before.faulted, ptes)
  const missed = missedFlushes(recording, indices)
  const others = otherCpus(span.cpu, events, new Set(missed.map(f => f.cpu)))
  const putOff = facts.putOff(span.mm, looksAt(recording, indices, from))
  const byRcu = recording.names.has('tlb_remove_table')
  const input: RecordedOperation = {
    name,
    range,
    inCall: span.within?.call?.name ?? null,
    argument: name === 'fault' ? touchedIn(events) : argumentOf(name, call),
    vmas,
    cpu: span.cpu,
    kernel,
    pages: name === 'cow' ? copiedPages(pages, range, events, callbacks) : pages,
    pagesKnown: name === 'cow' ? 'seen' : known,
    tables,
    splitsHugePage:
      splitsHugePage(range, events, callbacks, before.huge) ||
      (UNMAPS_BY_RMAP.has(name) && entered(events, 'pmdp_invalidate', '__split_huge_pmd')),
    mayDowngrade:
      call !== null &&
      (name === 'munmap' || name === 'brk') &&
      mayDowngrade(kernel, bounds.at(-1)?.ceiling ?? null, events),
    tablesFreedBy: byRcu ? 'rcu' : 'gather',
    otherCpus: others,
    nested: indices.flatMap((i, k) => (facts.nested.has(i) ? [facts.nested.get(i) ?? flushedAll(events, k)] : [])),
    gather: GATHER_LIMITS,
    // A flush made good for another is of everything, and says nothing about these entries.
    flushes: events.some(
      ({ event: e }) =>
        (e.type === 'cpu-flush-started' && !(putOff && e.range === 'all')) ||
        (e.type === 'secondary-tlb-invalidate-called' && e.site === 'outside'),
    ),
    lazilyFreed: before.lazilyFreed,
    flushPutOff: putOff,
    putOffMeanwhile: flushedMeanwhile(recording, span, indices),
    pairs: events.filter(e => e.event.type === 'invalidate-range-started').length,
    cpusChange:
      flushesAlone(events) &&
      (indices.some(i => recording.batchFlushes.has(i)) || (name !== 'migrate' && others.length > 0)),
    leavesHints: callbacks.some(c => c.kind === 'end' && c.pages.some(p => p.state === 'protnone')),
    hinted: callbacks.some(c => c.kind === 'start' && c.pages.some(p => p.state === 'protnone')),
    unrecorded: [
      ...withIpis(facts.unrecorded, recording.names, events),
      ...(span.by === 'call' && facts.noReturns ? [NO_RETURNS] : []),
      ...(call === null && (NEVER_A_CALL.has(name) || (span.by === 'itself' && CALLS.has(name))) ? [NO_CALLS] : []),
    ],
    probed: facts.probed,
    missedFlushes: missed,
  }
  const incomplete = whyIncomplete(recording, span, facts.spans)
  const unseen = endUnseen(name, span)
  const endsEarly = unseen && !(facts.spans.get(span.who) ?? []).some(s => (s.events[0] ?? 0) > (indices.at(-1) ?? 0))
  return { input, events: indices, callbacks, incomplete, endsEarly, cutShort: unseen || waiting.size > 0 }
}

/** Where an operation first comes to entries: soon after the beginning of its first pair. */
const looksAt = ({ events }: Recording, indices: readonly number[], from: number): number =>
  indices.find(i => events[i]?.event.type === 'zap-started') ??
  indices.find(i => events[i]?.event.type === 'invalidate-range-started') ??
  from

const UNMAPS_BY_RMAP: ReadonlySet<OperationName> = new Set(['madvise-pageout', 'reclaim', 'migrate'])

const entered = (events: readonly TimedEvent[], ...names: readonly string[]): boolean =>
  events.some(e => e.event.type === 'kernel-function-entered' && names.includes(e.event.name))

/** A page is unmapped with a flush of its own that asks no other CPU. */
function flushesAlone(events: readonly TimedEvent[]): boolean {
  let alone = false
  for (const { event } of events) {
    if (event.type === 'kernel-function-entered' && event.name === 'ptep_clear_flush') alone = true
    else if (event.type === 'ipi-sent') alone = false
    else if (event.type === 'invalidate-range-ended' && alone) return true
  }
  return false
}

/** A flush that another task had put off begins in the course of an operation. */
function flushedMeanwhile({ events, batchFlushes }: Recording, span: Span, indices: readonly number[]): boolean {
  const [from, to] = [indices[0] ?? 0, indices.at(-1) ?? 0]
  for (const i of batchFlushes) {
    const e = events[i]
    if (i > from && i < to && e !== undefined && e.who !== span.who && e.mm === span.mm) return true
  }
  return false
}

function byTask<T extends { readonly who: number }>(items: readonly T[]): Map<number, T[]> {
  const map = new Map<number, T[]>()
  for (const item of items) {
    const list = map.get(item.who)
    if (list === undefined) map.set(item.who, [item])
    else list.push(item)
  }
  return map
}

const hugePages = (pages: ReadonlyMap<Vpn, FaultedPage> | undefined, range: PageRange): Vpn[] =>
  [...(pages ?? [])].flatMap(([vpn, p]) => (p.order === 9 && vpn < range.end && vpn + 512 > range.start ? [vpn] : []))

function within(pages: ReadonlyMap<Vpn, FaultedPage> | undefined, range: PageRange): Map<Vpn, FaultedPage> {
  const inside = new Map<Vpn, FaultedPage>()
  for (const [vpn, page] of pages ?? []) if (vpn >= range.start && vpn < range.end) inside.set(vpn, page)
  return inside
}
