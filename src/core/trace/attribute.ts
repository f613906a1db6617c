import type { RecordedCall, TimedEvent } from './timed.ts'

/** A call of the simulation's repertoire, and the events that are its doing. */
export interface Attributed {
  readonly call: RecordedCall
  readonly events: number[]
  /** Frames of tables it queued for RCU that the recording did not see freed. */
  readonly waiting: Set<number>
}

/**
 * Gives each of `calls` the events it caused, however they are mixed with others': those of its task from entry to
 * return; flushes on other CPUs that its CPU asked for meanwhile; and after its return the RCU callback that frees its
 * tables, found by the frames freed in it.
 */
export function attribute(events: readonly TimedEvent[], calls: readonly RecordedCall[]): Attributed[] {
  const all: Attributed[] = calls.map(call => ({ call, events: [], waiting: new Set() }))
  const byEntry = new Map(all.map(a => [a.call.from, a]))
  /** Running, by task. */
  const running = new Map<number, Attributed>()
  /** Waiting for a grace period, by frame. */
  const deferred = new Map<number, Attributed>()
  /** The RCU callback an actor is in, until a table freed in it tells whose it is. */
  const callback = new Map<number, number>()
  /** Where each task ran last. */
  const cpuOf = new Map<number, number>()

  events.forEach((e, i) => {
    const started = byEntry.get(i)
    if (started !== undefined) running.set(e.who, started)
    cpuOf.set(e.who, e.cpu)

    if (e.event.type === 'cpu-tlb-flushed' && e.event.cpu !== e.event.from) {
      const asker = e.event.from
      for (const [who, a] of running) {
        if (cpuOf.get(who) === asker && a.call.mm === e.mm) a.events.push(i)
      }
      return
    }
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
  for (const a of all) a.events.sort((x, y) => x - y)
  return all
}
