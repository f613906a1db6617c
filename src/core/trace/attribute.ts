import type { Recording } from './import.ts'
import type { RecordedCall } from './timed.ts'

/** A call of the simulation's repertoire, and the events that are its doing, in order. */
export interface Attributed {
  readonly call: RecordedCall
  readonly events: number[]
  /** Frames of tables it queued for RCU that the recording did not see freed. */
  readonly waiting: Set<number>
}

/**
 * Gives each of `calls` the events it caused, however they are mixed with others': those of its task from entry to
 * return; flushes on other CPUs that it asked for; and after its return the RCU callback that frees its tables, found by
 * the frames freed in it.
 */
export function attribute(recording: Recording, calls: readonly RecordedCall[]): Attributed[] {
  const { events } = recording
  const all: Attributed[] = calls.map(call => ({ call, events: [], waiting: new Set() }))
  const byEntry = new Map(all.map(a => [a.call.from, a]))
  const flushes = flushedBy(recording, calls)
  /** Running, by task. */
  const running = new Map<number, Attributed>()
  /** Waiting for a grace period, by frame. */
  const deferred = new Map<number, Attributed>()
  /** The RCU callback an actor is in, until a table freed in it tells whose it is. */
  const callback = new Map<number, number>()

  events.forEach((e, i) => {
    const started = byEntry.get(i)
    if (started !== undefined) running.set(e.who, started)

    if (e.event.type === 'cpu-tlb-flushed' && e.event.cpu !== e.event.from) return
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
    const own = running.get(e.who)
    if (own === undefined) return
    own.events.push(i)
    if (e.event.type === 'table-unlinked') own.waiting.add(e.event.pfn)
    if (e.event.type === 'table-freed') own.waiting.delete(e.event.pfn)
    if (own.call.to !== i) return
    running.delete(e.who)
    for (const pfn of own.waiting) deferred.set(pfn, own)
  })
  for (const a of all) {
    a.events.sort((x, y) => x - y)
    for (const flush of flushes.get(a.call) ?? []) insert(recording, a.events, flush)
  }
  return all
}

/**
 * Flushes on other CPUs, by the call that asked for them: the one that made the CPU they name flush the same generation of
 * the mm's TLB. Where no generation was recorded, a call that is running on that CPU.
 */
function flushedBy({ events, generations }: Recording, calls: readonly RecordedCall[]): Map<RecordedCall, number[]> {
  const entered = new Map(calls.map(call => [call.from, call]))
  const found = new Map<RecordedCall, number[]>()
  const running = new Map<number, RecordedCall>()
  const cpuOf = new Map<number, number>()
  /** The call that flushed its own CPU for a generation, by CPU, mm and generation; no call of ours: null. */
  const askers = new Map<string, { readonly at: number; readonly call: RecordedCall | null }[]>()
  const remote: { readonly at: number; readonly asker: string }[] = []
  const add = (call: RecordedCall, at: number): void => {
    const list = found.get(call)
    if (list === undefined) found.set(call, [at])
    else list.push(at)
  }
  events.forEach((e, i) => {
    const { event, who, mm } = e
    const started = entered.get(i)
    if (started !== undefined) running.set(who, started)
    cpuOf.set(who, e.cpu)
    if (running.get(who)?.to === i) running.delete(who)
    if (event.type !== 'cpu-tlb-flushed') return
    const generation = generations.get(i)
    const asker = generation === undefined ? null : `${event.from} ${mm} ${generation}`
    if (event.cpu === event.from) {
      if (asker === null) return
      const local = { at: i, call: running.get(who) ?? null }
      const known = askers.get(asker)
      if (known === undefined) askers.set(asker, [local])
      else known.push(local)
    } else if (asker !== null) {
      remote.push({ at: i, asker })
    } else {
      for (const [task, call] of running) if (cpuOf.get(task) === event.from && call.mm === mm) add(call, i)
    }
  })
  for (const { at, asker } of remote) {
    const call = nearest(askers.get(asker) ?? [], at)
    if (call !== null) add(call, at)
  }
  return found
}

/** Generations begin anew with each mm, and an mm may come again where an earlier one was. */
function nearest(
  askers: readonly { readonly at: number; readonly call: RecordedCall | null }[],
  at: number,
): RecordedCall | null {
  let best = askers[0]
  for (const a of askers) if (best !== undefined && Math.abs(a.at - at) < Math.abs(best.at - at)) best = a
  return best?.call ?? null
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
