import type { Recording } from './import.ts'
import type { Span } from './spans.ts'

/** What a task did in one span, and what it caused others to do. */
export interface Attributed {
  readonly span: Span
  /** Indices of the events that are its doing, ascending. */
  readonly events: number[]
  /** Frames of tables it queued for RCU that the recording did not see freed. */
  readonly waiting: Set<number>
}

/**
 * Gives each of `spans` the events it caused, however they are mixed with others': its own; flushes on other CPUs that it asked
 * for; and after its end the RCU callback that frees its tables, found by the frames freed in it.
 */
export function attribute(recording: Recording, spans: readonly Span[]): Attributed[] {
  const { events } = recording
  const all: Attributed[] = spans.map(span => ({ span, events: [], waiting: new Set() }))
  const owners = new Int32Array(events.length).fill(-1)
  spans.forEach((s, k) => {
    for (const i of s.events) owners[i] = k
  })
  /** Waiting for a grace period, by frame. */
  const deferred = new Map<number, Attributed>()
  /** The RCU callback an actor is in, until a table freed in it tells whose it is. */
  const callback = new Map<number, number>()

  events.forEach((e, i) => {
    if (e.event.type === 'rcu-callback-ran') {
      callback.set(e.who, i)
      return
    }
    if (e.event.type === 'table-freed') {
      const owner = deferred.get(e.event.pfn)
      if (owner !== undefined) {
        deferred.delete(e.event.pfn)
        owner.waiting.delete(e.event.pfn)
        const ran = callback.get(e.who)
        callback.delete(e.who)
        if (ran !== undefined) owner.events.push(ran)
        owner.events.push(i)
        return
      }
    }
    const own = all[owners[i] ?? -1]
    if (own === undefined) return
    own.events.push(i)
    if (e.event.type === 'table-unlinked') own.waiting.add(e.event.pfn)
    if (e.event.type === 'table-freed') own.waiting.delete(e.event.pfn)
    if (own.span.events.at(-1) === i) for (const pfn of own.waiting) deferred.set(pfn, own)
  })
  const flushes = flushedBy(recording, spans, owners)
  for (const a of all) {
    a.events.sort((x, y) => x - y)
    for (const flush of flushes.get(a.span) ?? []) insert(recording, a.events, flush)
  }
  return all
}

/**
 * Flushes on other CPUs, by the span that asked for them: the one that made the CPU they name flush the same generation of
 * the mm's TLB. Where no generation was recorded, one that is running on that CPU.
 */
function flushedBy(
  { events, generations }: Recording,
  spans: readonly Span[],
  owners: Int32Array,
): Map<Span, number[]> {
  const found = new Map<Span, number[]>()
  const running = new Map<number, Span>()
  const cpuOf = new Map<number, number>()
  /** The span that flushed its own CPU for a generation, by CPU, mm and generation; none of ours: null. */
  const askers = new Map<string, Asker[]>()
  const remote: { readonly at: number; readonly asker: string }[] = []
  const add = (span: Span, at: number): void => {
    const list = found.get(span)
    if (list === undefined) found.set(span, [at])
    else list.push(at)
  }
  const ask = (asker: string, at: number, own: Span | undefined): void => {
    const known = askers.get(asker)
    if (known === undefined) askers.set(asker, [{ at, span: own ?? null }])
    else known.push({ at, span: own ?? null })
  }
  events.forEach((e, i) => {
    const { event, who, mm } = e
    const own = spans[owners[i] ?? -1]
    if (own !== undefined) {
      if (own.events.at(-1) === i) running.delete(who)
      else running.set(who, own)
    }
    cpuOf.set(who, e.cpu)
    // Who asks may have no need of the flush itself, as kswapd.
    if (event.type === 'ipi-sent' && generations.has(i)) ask(`${e.cpu} ${mm} ${generations.get(i)}`, i, own)
    if (event.type !== 'cpu-tlb-flushed') return
    const generation = generations.get(i)
    const asker = generation === undefined ? null : `${event.from} ${mm} ${generation}`
    if (event.cpu === event.from) {
      if (asker === null) return
      ask(asker, i, own)
    } else if (asker !== null) {
      remote.push({ at: i, asker })
    } else {
      for (const [task, span] of running) if (cpuOf.get(task) === event.from && span.mm === mm) add(span, i)
    }
  })
  for (const { at, asker } of remote) {
    const span = nearest(askers.get(asker) ?? [], at)
    if (span !== null) add(span, at)
  }
  return found
}

interface Asker {
  readonly at: number
  readonly span: Span | null
}

/** Generations begin anew with each mm, and an mm may come again where an earlier one was. */
function nearest(askers: readonly Asker[], at: number): Span | null {
  let best = askers[0]
  for (const a of askers) if (best !== undefined && Math.abs(a.at - at) < Math.abs(best.at - at)) best = a
  return best?.span ?? null
}

/**
 * Puts a flush on another CPU where it stands in the recording; but right behind the request for it where the times of both
 * are the same and the order of their lines therefore means nothing.
 */
function insert({ events, generations }: Recording, own: number[], flush: number): void {
  const generation = generations.get(flush)
  const time = events[flush]?.time ?? 0
  const local = own.findIndex(i => generation !== undefined && generations.get(i) === generation)
  const asked = own.slice(0, Math.max(0, local)).findLastIndex(i => events[i]?.event.type === 'ipi-sent')
  const goneOn = own.findIndex((i, k) => k > asked && events[i]?.event.type !== 'cpu-tlb-flushed')
  const request = own[asked]
  const after = own[goneOn]
  const misplaced = request !== undefined && (flush < request || (after !== undefined && flush > after))
  const possible =
    request !== undefined &&
    time >= (events[request]?.time ?? 0) &&
    time <= (after === undefined ? time : (events[after]?.time ?? 0))
  if (misplaced && possible) {
    own.splice(asked + 1, 0, flush)
    return
  }
  const place = own.findIndex(i => i > flush)
  own.splice(place < 0 ? own.length : place, 0, flush)
}
