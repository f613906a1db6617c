import { type PageRange, type Pfn, tableBase, type Vpn } from '../units.ts'
import { type Attributed, attribute } from './attribute.ts'
import type { Recording } from './import.ts'
import { kernelOf, type RecordedKernel } from './kernel.ts'
import {
  GATHER_LIMITS,
  type OperationName,
  type OtherCpu,
  type RecordedOperation,
  type RecordedTables,
  type SeenOperation,
} from './operation.ts'
import { pagesOf } from './pages.ts'
import { type FaultedPage, type Faulting, observe, type Presence } from './presence.ts'
import type { RecordedCall, RecordedCallback, TableBounds, TimedEvent } from './timed.ts'

/** include/uapi/asm-generic/mman-common.h */
const MADV_DONTNEED = 4
/**
 * The lowest address of a stack on x86-64 with four levels: the top of memory less 16 GiB of randomisation and the room
 * mmap leaves below it. Everything else, libraries included, is lower. arch/x86/mm/mmap.c, fs/binfmt_elf.c
 */
const LOWEST_STACK = 0x7ffbf8000

/** The operations of a recording that the simulation has, with what it may know of each. */
export function operationsOf(recording: Recording, kernel?: RecordedKernel | null): SeenOperation[] {
  const { events } = recording
  const shrunk = heapRanges(recording.calls)
  const range = (c: RecordedCall): PageRange | null => (c.name === 'brk' ? (shrunk.get(c) ?? null) : c.range)
  const calls = recording.calls.filter(c => isModelled(c) && range(c) !== null)
  const seen = attribute(events, calls)
  const byEntry = new Map(seen.map(a => [a.call.from, a]))
  const facts: Facts = {
    recording,
    kernel: kernel === undefined ? kernelOf(recording.names) : kernel,
    callbacks: byTask(recording.callbacks.filter(c => c.kind !== 'probe')),
    bounds: byTask(recording.bounds),
    perPage: [...recording.names].some(name => /rmap|__tlb_remove_(page|folio)/.test(name)),
  }

  const present: Presence = new Map()
  const faulting: Faulting = new Map()
  const operations: SeenOperation[] = []
  events.forEach((e, i) => {
    const attributed = byEntry.get(i)
    const pages = attributed === undefined ? null : range(attributed.call)
    if (attributed !== undefined && pages !== null) {
      operations.push(operation(attributed, pages, facts, within(present.get(attributed.call.mm), pages)))
    }
    observe(present, faulting, e)
  })
  return operations
}

interface Facts {
  readonly recording: Recording
  readonly kernel: RecordedKernel | null
  readonly callbacks: ReadonlyMap<number, readonly RecordedCallback[]>
  readonly bounds: ReadonlyMap<number, readonly TableBounds[]>
  readonly perPage: boolean
}

function isModelled(call: RecordedCall): boolean {
  return call.name === 'munmap' || call.name === 'brk' || (call.name === 'madvise' && call.advice === MADV_DONTNEED)
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
  { call, events: indices, waiting }: Attributed,
  range: PageRange,
  facts: Facts,
  faulted: ReadonlyMap<Vpn, FaultedPage>,
): SeenOperation {
  const { recording, kernel } = facts
  const events = indices.flatMap(i => recording.events[i] ?? [])
  const last = call.to ?? recording.events.length
  const callbacks = between(facts.callbacks.get(call.who) ?? [], call.from, last).filter(c => c.mm === call.mm)
  const bounds = between(facts.bounds.get(call.who) ?? [], call.from + 1, last)
  const { pages, known } = pagesOf(range, events, callbacks, faulted)
  const byRcu = recording.names.has('tlb_remove_table')
  const input: RecordedOperation = {
    name: call.name as OperationName,
    range,
    vmas: events.flatMap(e => (e.event.type === 'zap-started' ? [e.event.range] : [])),
    cpu: call.cpu,
    kernel,
    pages,
    pagesKnown: known,
    tables: tablesOf(
      events,
      callbacks,
      bounds,
      pages.map(p => p.vpn),
    ),
    mayDowngrade: call.name !== 'madvise' && mayDowngrade(kernel, bounds.at(-1)?.ceiling ?? null, events),
    tablesFreedBy: byRcu ? 'rcu' : 'gather',
    otherCpus: otherCpus(call.cpu, events),
    gather: GATHER_LIMITS,
    perPageProbes: facts.perPage,
  }
  return { input, events: indices, callbacks, cutShort: call.to === null || waiting.size > 0 }
}

function mayDowngrade(kernel: RecordedKernel | null, ceiling: Vpn | null, events: readonly TimedEvent[]): boolean {
  if (kernel === '6.12') return true
  if (ceiling === null) return events.some(e => e.event.type === 'mmap-lock-downgraded')
  return ceiling !== 0 && ceiling < LOWEST_STACK
}

function otherCpus(cpu: number, events: readonly TimedEvent[]): OtherCpu[] {
  const asked = new Set<number>()
  const flushed = new Set<number>()
  for (const { event } of events) {
    if (event.type === 'ipi-sent') for (const to of event.to) asked.add(to)
    else if (event.type === 'cpu-tlb-flushed' && event.cpu !== cpu) flushed.add(event.cpu)
  }
  return [...new Set([...asked, ...flushed])]
    .sort((a, b) => a - b)
    .map(other => ({ cpu: other, state: flushed.has(other) ? 'running' : 'lazy' }))
}

function tablesOf(
  events: readonly TimedEvent[],
  callbacks: readonly RecordedCallback[],
  bounds: RecordedTables['bounds'],
  mapped: readonly Vpn[],
): RecordedTables {
  const present = new Map<string, { level: 'PTE' | 'PMD' | 'PUD'; vpn: Vpn; pfn: Pfn | null }>()
  const add = (level: 'PTE' | 'PMD' | 'PUD', vpn: Vpn, pfn: Pfn | null): void => {
    const base = tableBase(level, vpn)
    const id = `${level} ${base}`
    if (pfn !== null || !present.has(id)) present.set(id, { level, vpn: base, pfn })
  }
  for (const vpn of mapped) {
    add('PTE', vpn, null)
    add('PMD', vpn, null)
    add('PUD', vpn, null)
  }
  for (const c of callbacks) {
    if (c.kind !== 'start') continue
    for (const t of c.tables) if (t.linked) add(t.level, t.vpn, t.was)
  }
  const unlinked = { PTE: 0, PMD: 0, PUD: 0 }
  for (const { event } of events) {
    if (event.type === 'table-unlinked' && event.level !== 'PGD') unlinked[event.level]++
  }
  return {
    bounds: bounds.map(({ range, floor, ceiling }) => ({ range, floor, ceiling })),
    present: [...present.values()].sort((a, b) => a.vpn - b.vpn),
    unlinked,
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

function within(pages: ReadonlyMap<Vpn, FaultedPage> | undefined, range: PageRange): Map<Vpn, FaultedPage> {
  const inside = new Map<Vpn, FaultedPage>()
  for (const [vpn, page] of pages ?? []) if (vpn >= range.start && vpn < range.end) inside.set(vpn, page)
  return inside
}
