import { asVpn, type PageRange, tableBase, type Vpn } from '../units.ts'
import { type Attributed, attribute } from './attribute.ts'
import { nestedFinishes } from './gathers.ts'
import type { Recording } from './import.ts'
import { kernelOf, type RecordedKernel } from './kernel.ts'
import { kindOf } from './kinds/index.ts'
import type { Kind } from './kinds/kind.ts'
import {
  GATHER_LIMITS,
  type MissedFlush,
  type OperationName,
  type OtherCpu,
  type RecordedArgument,
  type RecordedOperation,
  type RecordedPage,
  type RecordedTables,
  type SeenOperation,
} from './operation.ts'
import { pagesOf } from './pages.ts'
import { pagesByZap } from './pages-by-zap.ts'
import { type FaultedPage, type Faulting, observe, type Presence } from './presence.ts'
import { type Span, spansOf, withParts } from './spans.ts'
import { type KnownTable, type LinkedTables, observeReport, observeTables, TABLE_SPAN, tablesOver } from './tables.ts'
import type { RecordedCall, RecordedCallback, TableBounds, TimedEvent } from './timed.ts'
import { type Unrecorded, unrecordedIn } from './unrecorded.ts'

/**
 * The lowest address of a stack on x86-64 with four levels: the top of memory less 16 GiB of randomisation and the room
 * mmap leaves below it. Everything else, libraries included, is lower. arch/x86/mm/mmap.c, fs/binfmt_elf.c
 */
const LOWEST_STACK = 0x7ffbf8000

/** The operations of a recording, in the order in which they begin, with what a simulation may know of each. */
export function operationsOf(recording: Recording, kernel?: RecordedKernel | null): SeenOperation[] {
  const { events } = recording
  const facts: Facts = {
    recording,
    kernel: kernel === undefined ? kernelOf(recording.names) : kernel,
    callbacks: new Map(recording.callbacks.flatMap(c => (c.kind === 'probe' ? [] : [[c.at, c]]))),
    bounds: byTask(recording.bounds),
    nested: nestedFinishes(events),
    unrecorded: unrecordedIn(recording.names),
  }
  const known = knownSpans(facts)
  const seen = attribute(
    recording,
    known.map(k => k.span),
  )
  const byEntry = new Map(known.map((k, i) => [k.span.events[0], { ...k, attributed: seen[i] }]))

  const present: Presence = new Map()
  const faulting: Faulting = new Map()
  const linked: LinkedTables = new Map()
  let reports = 0
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
      }
      operations.push(operation(kind, attributed, range, facts, before))
    }
    for (let c = recording.callbacks[reports]; c !== undefined && c.at < i; c = recording.callbacks[++reports])
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

/** The spans that are operations, of which kind, about which pages. */
function knownSpans({ recording, callbacks }: Facts): KnownSpan[] {
  const heap = heapRanges(recording.calls)
  const whole = new Set<Span>()
  return spansOf(recording).flatMap(span => {
    if (span.within !== null && whole.has(span.within)) return []
    const kind = kindOf(span)
    if (kind === null) return []
    if (WHOLE.has(kind.name)) whole.add(span)
    const told = span.events.flatMap(i => callbacks.get(i) ?? [])
    const touched = span.events.flatMap(i => touchedBy(recording.events[i]))
    const range = kind.range(span, { callbacks: told, heap, touched })
    return range === null ? [] : [{ kind, span: whole.has(span) ? withParts(span) : span, range }]
  })
}

function touchedBy(e: TimedEvent | undefined): PageRange[] {
  if (e?.event.type === 'zap-started') return [e.event.range]
  if (e?.event.type !== 'fault-taken') return []
  return [{ start: e.event.vpn, end: asVpn(e.event.vpn + 1) }]
}

interface Facts {
  readonly recording: Recording
  readonly kernel: RecordedKernel | null
  /** By the index of their event. */
  readonly callbacks: ReadonlyMap<number, RecordedCallback>
  readonly bounds: ReadonlyMap<number, readonly TableBounds[]>
  readonly nested: ReadonlyMap<number, boolean | null>
  readonly unrecorded: readonly Unrecorded[]
}

/** What earlier events tell of a range. */
interface Before {
  readonly faulted: ReadonlyMap<Vpn, FaultedPage>
  readonly tables: readonly KnownTable[]
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
  const callbacks = own.filter(c => c.mm === own[0]?.mm)
  const bounds = between(facts.bounds.get(span.who) ?? [], from + 1, last)
  const whole = WHOLE.has(name) || name === 'exit'
  const vmas = whole ? vmasOf(range, events, callbacks, facts.unrecorded) : startedOn(callbacks, range)
  const tables = tablesOf(range, vmas, events, callbacks, bounds, before.tables)
  const ptes = tables.present.filter(t => t.level === 'PTE').map(t => t.vpn)
  const { pages, known } =
    name === 'exit'
      ? { pages: pagesByZap(events), known: 'number' as const }
      : pagesOf(range, events, callbacks, before.faulted, ptes)
  const missed = missedFlushes(recording, indices)
  const byRcu = recording.names.has('tlb_remove_table')
  const input: RecordedOperation = {
    name,
    range,
    argument: argumentOf(name, call),
    vmas,
    cpu: span.cpu,
    kernel,
    pages: name === 'cow' ? withZeroPages(pages, callbacks) : pages,
    pagesKnown: known,
    tables,
    splitsHugePage: splitsHugePage(range, events, callbacks, before.huge),
    mayDowngrade: (name === 'munmap' || name === 'brk') && mayDowngrade(kernel, bounds.at(-1)?.ceiling ?? null, events),
    tablesFreedBy: byRcu ? 'rcu' : 'gather',
    otherCpus: otherCpus(span.cpu, events, new Set(missed.map(f => f.cpu))),
    nested: indices.flatMap((i, k) => (facts.nested.has(i) ? [facts.nested.get(i) ?? flushedAll(events, k)] : [])),
    gather: GATHER_LIMITS,
    unrecorded: withIpis(facts.unrecorded, recording.names, events),
    missedFlushes: missed,
  }
  return { input, events: indices, callbacks, cutShort: endUnseen(name, span) || waiting.size > 0 }
}

/** exit_group() never returns: its end is that of the address space. */
function endUnseen(name: OperationName, { call, did, over }: Span): boolean {
  if (name === 'exit') return !did.has('tlb-finish-started')
  return call === null ? !over : call.to === null
}

function argumentOf(name: OperationName, call: RecordedCall | null): RecordedArgument | null {
  if (call === null) return null
  if (name === 'mprotect' && call.protection !== null) return { type: 'protection', bits: call.protection }
  if (name !== 'mremap' || call.result === null || call.range === null) return null
  const pages = call.range.end - call.range.start
  return { type: 'target', range: { start: call.result, end: asVpn(call.result + pages) } }
}

/** What the notifiers were told of, each range once; the whole range where they were told nothing. */
function startedOn(callbacks: readonly RecordedCallback[], range: PageRange): PageRange[] {
  const ranges = new Map<string, PageRange>()
  for (const c of callbacks)
    if (c.kind === 'start' && c.range !== null) ranges.set(`${c.range.start} ${c.range.end}`, c.range)
  return ranges.size === 0 ? [range] : [...ranges.values()].sort((a, b) => a.start - b.start)
}

/** A page reported at start() without a mapping count is the zero page. */
function withZeroPages(pages: readonly RecordedPage[], callbacks: readonly RecordedCallback[]): RecordedPage[] {
  const reported = callbacks.flatMap(c => (c.kind === 'start' ? c.pages : []))
  const zero = reported.filter(p => p.state === 'present' && p.mappings === 0)
  const rest = { order: 0, partOf: null, zeroPage: true, dirtyFile: false, otherReferences: 1 } as const
  const others = pages.filter(p => !zero.some(z => z.vpn === p.vpn))
  return [...others, ...zero.map(p => ({ vpn: p.vpn, pfn: p.pfn, ...rest }))].sort((a, b) => a.vpn - b.vpn)
}

function mayDowngrade(kernel: RecordedKernel | null, ceiling: Vpn | null, events: readonly TimedEvent[]): boolean {
  if (kernel === '6.12') return true
  if (ceiling === null) return events.some(e => e.event.type === 'mmap-lock-downgraded')
  return ceiling !== 0 && ceiling < LOWEST_STACK
}

/** A huge page known to lie across an end of the range, and the kernel split one. (It may have been split before.) */
function splitsHugePage(
  range: PageRange,
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  faulted: readonly Vpn[],
): boolean {
  if (!events.some(e => e.event.type === 'kernel-function-entered' && e.event.name === '__split_huge_pmd')) return false
  const reported = callbacks.flatMap(c => (c.kind === 'start' ? c.pages.filter(p => p.level === 'pmd') : []))
  const bases = [...faulted, ...reported.map(p => tableBase('PTE', p.vpn))]
  return bases.some(b => b < range.end && b + 512 > range.start && (b < range.start || b + 512 > range.end))
}

/**
 * What unmap_page_range() was called for. Where it was not recorded: the whole range, if the call got as far as to do anything
 * about it.
 */
function vmasOf(
  range: PageRange,
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  unrecorded: readonly Unrecorded[],
): PageRange[] {
  const zapped = events.flatMap(e => (e.event.type === 'zap-started' ? [e.event.range] : []))
  if (zapped.length > 0 || !unrecorded.some(u => u.events.includes('zap-started'))) return zapped
  const started = callbacks.flatMap(c => (c.kind === 'start' && c.range !== null ? [c.range] : []))
  if (started.length > 0) return started
  return events.some(e => ['page-freed', 'rmap-removed', 'cpu-flush-started'].includes(e.event.type)) ? [range] : []
}

function otherCpus(cpu: number, events: readonly TimedEvent[], missed: ReadonlySet<number>): OtherCpu[] {
  const asked = new Set<number>()
  const flushed = new Set<number>()
  for (const { event } of events) {
    if (event.type === 'ipi-sent') for (const to of event.to) asked.add(to)
    else if (event.type === 'cpu-tlb-flushed' && event.cpu !== cpu) flushed.add(event.cpu)
  }
  return [...new Set([...asked, ...flushed])]
    .sort((a, b) => a - b)
    .map(other => ({
      cpu: other,
      state: flushed.has(other) || missed.has(other) ? 'running' : 'lazy',
    }))
}

/** Flushes that the probe missed, while this operation was waiting for the CPU in question. */
function missedFlushes(recording: Recording, indices: readonly number[]): MissedFlush[] {
  const missed: MissedFlush[] = []
  let flush = -1
  let asked: { readonly at: number; readonly to: Set<number> } | null = null
  for (const i of indices) {
    const event = recording.events[i]?.event
    if (event?.type === 'cpu-flush-started') flush++
    if (event?.type === 'ipi-sent') asked = { at: i, to: new Set(event.to) }
    else if (asked !== null && event?.type === 'cpu-tlb-flushed') asked.to.delete(event.cpu)
    else if (asked !== null) {
      for (const { cpu } of between(recording.unseenFlushes, asked.at + 1, i)) {
        if (asked.to.delete(cpu)) missed.push({ cpu, flush })
      }
      asked = null
    }
  }
  return missed
}

/** Whether the flush of the tlb_finish_mmu() at `k` was of everything: read off where it is not known why it should be. */
function flushedAll(events: readonly TimedEvent[], k: number): boolean {
  const flush = events
    .slice(k + 1)
    .find(e => e.event.type === 'cpu-flush-started' || e.event.type === 'tlb-finish-started')
  return flush?.event.type === 'cpu-flush-started' && flush.event.range === 'all' && flush.event.freedTables
}

/** Other CPUs flushed, and nobody was ever seen to ask them: then asking was not recorded. */
function withIpis(
  unrecorded: readonly Unrecorded[],
  names: ReadonlySet<string>,
  events: readonly TimedEvent[],
): readonly Unrecorded[] {
  const remote = events.some(e => e.event.type === 'cpu-tlb-flushed' && e.event.cpu !== e.event.from)
  if (!remote || names.has('native_flush_tlb_multi')) return unrecorded
  return [...unrecorded, { events: ['ipi-sent'], what: 'IPIs', by: 'native_flush_tlb_multi' }]
}

function tablesOf(
  range: PageRange,
  vmas: readonly PageRange[],
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  bounds: RecordedTables['bounds'],
  before: readonly KnownTable[],
): RecordedTables {
  const present = new Map<string, KnownTable>(before.map(t => [`${t.level} ${t.vpn}`, t]))
  for (const c of callbacks) {
    if (c.kind !== 'start') continue
    for (const t of c.tables)
      if (t.linked) present.set(`${t.level} ${t.vpn}`, { level: t.level, vpn: t.vpn, pfn: t.was })
  }
  const unlinked = { PTE: 0, PMD: 0, PUD: 0 }
  for (const { event } of events) {
    if (event.type === 'table-unlinked' && event.level !== 'PGD') unlinked[event.level]++
  }
  for (const level of ['PUD', 'PMD', 'PTE'] as const) addUnheardOf(present, level, unlinked[level], vmas)
  return {
    bounds: bounds.map(({ range, floor, ceiling }) => ({ range, floor, ceiling })),
    present: [...present.values()].filter(t => t.vpn < range.end).sort((a, b) => a.vpn - b.vpn),
    unlinked,
  }
}

/** Tables that went, and of which nothing was known: they are taken to be the first that may have been there. */
function addUnheardOf(
  present: Map<string, KnownTable>,
  level: KnownTable['level'],
  unlinked: number,
  vmas: readonly PageRange[],
): void {
  let known = [...present.values()].filter(t => t.level === level).length
  const span = TABLE_SPAN[level]
  for (const vma of vmas) {
    for (let vpn = tableBase(level, vma.start); vpn < vma.end && known < unlinked; vpn = asVpn(vpn + span)) {
      if (present.has(`${level} ${vpn}`)) continue
      present.set(`${level} ${vpn}`, { level, vpn, pfn: null })
      known++
    }
  }
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

/** Those of `items`, which are in order, that lie in [from, to]. */
function between<T extends { readonly at: number }>(items: readonly T[], from: number, to: number): T[] {
  let low = 0
  for (let high = items.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((items[middle]?.at ?? 0) < from) low = middle + 1
    else high = middle
  }
  const found: T[] = []
  for (let i = low; i < items.length; i++) {
    const item = items[i]
    if (item === undefined || item.at > to) break
    found.push(item)
  }
  return found
}

const hugePages = (pages: ReadonlyMap<Vpn, FaultedPage> | undefined, range: PageRange): Vpn[] =>
  [...(pages ?? [])].flatMap(([vpn, p]) => (p.order === 9 && vpn < range.end && vpn + 512 > range.start ? [vpn] : []))

function within(pages: ReadonlyMap<Vpn, FaultedPage> | undefined, range: PageRange): Map<Vpn, FaultedPage> {
  const inside = new Map<Vpn, FaultedPage>()
  for (const [vpn, page] of pages ?? []) if (vpn >= range.start && vpn < range.end) inside.set(vpn, page)
  return inside
}
