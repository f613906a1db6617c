import { asVpn, type PageRange, tableBase, type Vpn } from '../units.ts'
import type { Recording } from './import.ts'
import type { RecordedKernel } from './kernel.ts'
import type {
  MissedFlush,
  OperationName,
  OtherCpu,
  RecordedArgument,
  RecordedPage,
  RecordedTables,
} from './operation.ts'
import type { Span } from './spans.ts'
import { type KnownTable, TABLE_SPAN } from './tables.ts'
import type { RecordedCall, RecordedCallback, TimedEvent } from './timed.ts'
import type { Unrecorded } from './unrecorded.ts'

/*
 * One circumstance of an operation each, told from its call, its events and its callbacks. Which of them are causes is said in
 * operation.ts.
 */

/**
 * The lowest address of a stack on x86-64 with four levels: the top of memory less 16 GiB of randomisation and the room
 * mmap leaves below it. Everything else, libraries included, is lower. arch/x86/mm/mmap.c, fs/binfmt_elf.c
 */
const LOWEST_STACK = 0x7ffbf8000

/** exit_group() never returns: its end is that of the address space. */
export function endUnseen(name: OperationName, { call, did, over }: Span): boolean {
  if (name === 'exit') return !did.has('tlb-finish-started')
  return call === null ? !over : call.to === null
}

/** What a call was asked for beside its range: the protection of mprotect(), where mremap() has put the pages. */
export function argumentOf(name: OperationName, call: RecordedCall | null): RecordedArgument | null {
  if (call === null) return null
  if (name === 'mprotect' && call.protection !== null) return { type: 'protection', bits: call.protection }
  if (name !== 'mremap' || call.result === null || call.range === null) return null
  const pages = call.range.end - call.range.start
  return { type: 'target', range: { start: call.result, end: asVpn(call.result + pages) } }
}

/** The pages of faults, in their order. */
export function touchedIn(events: readonly TimedEvent[]): RecordedArgument {
  const pages: { vpn: Vpn; order: number | null }[] = []
  let write = false
  for (const { event } of events) {
    const last = pages.at(-1)
    if (event.type === 'fault-taken') {
      write = event.write
      pages.push({ vpn: event.vpn, order: null })
    } else if (event.type === 'page-allocated' && last !== undefined) last.order = event.order
  }
  return { type: 'touched', write, pages }
}

/** What the notifiers were told of, each range once; the whole range where they were told nothing. */
export function startedOn(callbacks: readonly RecordedCallback[], range: PageRange): PageRange[] {
  const ranges = new Map<string, PageRange>()
  for (const c of callbacks)
    if (c.kind === 'start' && c.range !== null) ranges.set(`${c.range.start} ${c.range.end}`, c.range)
  return ranges.size === 0 ? [range] : [...ranges.values()].sort((a, b) => a.start - b.start)
}

/**
 * The page that is copied on write. Reported at start() without a mapping count it is the zero page; not reported, it is if no
 * mapping is dropped (read off).
 */
export function copiedPages(
  pages: readonly RecordedPage[],
  range: PageRange,
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
): RecordedPage[] {
  const reported = callbacks.flatMap(c => (c.kind === 'start' ? c.pages.filter(p => p.state === 'present') : []))
  const dropped = events.some(e => e.event.type === 'rmap-removed')
  const seen = reported.length > 0 ? reported : [{ vpn: range.start, pfn: null, mappings: dropped ? 1 : 0 }]
  const rest = {
    order: 0,
    partOf: null,
    entry: null,
    dirtyFile: false,
    ofFile: false,
    lazilyFreed: false,
    otherReferences: 1,
  } as const
  return seen.map(p => {
    const known = pages.find(q => q.vpn === p.vpn)
    const zeroPage = p.mappings === 0
    return known === undefined || zeroPage ? { vpn: p.vpn, pfn: p.pfn, ...rest, zeroPage } : known
  })
}

/** Whether munmap() of this kernel could go on with the read lock: below a stack 6.1 does not. Where nothing tells, whether it did. */
export function mayDowngrade(
  kernel: RecordedKernel | null,
  ceiling: Vpn | null,
  events: readonly TimedEvent[],
): boolean {
  if (kernel === '6.12') return true
  if (ceiling === null) return events.some(e => e.event.type === 'mmap-lock-downgraded')
  return ceiling !== 0 && ceiling < LOWEST_STACK
}

/** A huge page known to lie across an end of the range, and the kernel split one. (It may have been split before.) */
export function splitsHugePage(
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
export function vmasOf(
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

/** CPUs other than that of the operation that were asked to flush or did, and what is known of each. */
export function otherCpus(cpu: number, events: readonly TimedEvent[], missed: ReadonlySet<number>): OtherCpu[] {
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
export function missedFlushes(recording: Recording, indices: readonly number[]): MissedFlush[] {
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
export function flushedAll(events: readonly TimedEvent[], k: number): boolean {
  const flush = events
    .slice(k + 1)
    .find(e => e.event.type === 'cpu-flush-started' || e.event.type === 'tlb-finish-started')
  return flush?.event.type === 'cpu-flush-started' && flush.event.range === 'all' && flush.event.freedTables
}

/** Other CPUs flushed, and nobody was ever seen to ask them: then asking was not recorded. */
export function withIpis(
  unrecorded: readonly Unrecorded[],
  names: ReadonlySet<string>,
  events: readonly TimedEvent[],
): readonly Unrecorded[] {
  const remote = events.some(e => e.event.type === 'cpu-tlb-flushed' && e.event.cpu !== e.event.from)
  if (!remote || names.has('native_flush_tlb_multi')) return unrecorded
  return [...unrecorded, { events: ['ipi-sent'], what: 'IPIs', by: 'native_flush_tlb_multi' }]
}

export function tablesOf(
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
    made: events.flatMap(({ event: e }) =>
      e.type === 'table-allocated' && e.level !== 'PGD' ? [{ level: e.level, vpn: e.vpn }] : [],
    ),
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

/** Those of `items`, which are in order, that lie in [from, to]. */
export function between<T extends { readonly at: number }>(items: readonly T[], from: number, to: number): T[] {
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
