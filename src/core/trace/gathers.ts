import type { TimedEvent } from './timed.ts'

/** What a task does between the entry of tlb_finish_mmu() and the end of its gather. */
const FINISHING: ReadonlySet<TimedEvent['event']['type']> = new Set([
  'cpu-flush-started',
  'cpu-flush-completed',
  'cpu-tlb-flushed',
  'ipi-sent',
  'secondary-tlb-invalidate-called',
  'tables-queued-for-rcu',
  'page-freed',
  'table-freed',
  'gather-flushed',
])

/** One gather, in indices of events: begun and over are when nobody could see it yet, or any more. */
interface Gather {
  readonly mm: string
  readonly who: number
  readonly begun: number
  /** The first and the last event at which it was certainly at work. */
  from: number | null
  to: number
  over: number
  /** tlb_finish_mmu() was entered, and the next thing that its task did. */
  finish: number | null
  asked: number
}

/**
 * Whether some other task's gather was at work on the same mm when tlb_finish_mmu() asked (mm_tlb_flush_nested()), by index of
 * the event. It asks between this event and the next of its task. Null where the other began or ended about then: the
 * instructions that change mm->tlb_flush_pending are no events.
 */
export function nestedFinishes(events: readonly TimedEvent[]): ReadonlyMap<number, boolean | null> {
  const nested = new Map<number, boolean | null>()
  const gathers = gathersOf(events)
  const finishes = gathers.flatMap(g => (g.finish === null ? [] : [{ g, at: g.finish, until: g.asked }]))
  let active: Gather[] = []
  let next = 0
  for (const { g, at, until } of finishes.sort((a, b) => a.at - b.at)) {
    active = active.filter(other => other.over > at)
    for (let other = gathers[next]; other !== undefined && other.begun < at; other = gathers[++next]) {
      if (other.over > at) active.push(other)
    }
    const others = active.filter(other => other.who !== g.who && other.mm === g.mm)
    const certain = others.some(other => other.from !== null && other.from <= at && other.to >= until)
    const begins = (): boolean => {
      for (let i = next; ; i++) {
        const other = gathers[i]
        if (other === undefined || other.begun > until) return false
        if (other.who !== g.who && other.mm === g.mm) return true
      }
    }
    nested.set(at, certain ? true : others.length > 0 || begins() ? null : false)
  }
  return nested
}

/** All gathers, in the order in which they began. */
function gathersOf(events: readonly TimedEvent[]): Gather[] {
  const all: Gather[] = []
  const open = new Map<number, Gather>()
  events.forEach(({ event, who, mm }, i) => {
    const own = open.get(who)
    if (own !== undefined) {
      own.from ??= i
      if (own.finish !== null && own.asked === events.length) own.asked = i
      if (own.finish === null && event.type === 'tlb-finish-started') own.finish = i
      if (own.finish === null || own.finish === i || FINISHING.has(event.type)) {
        own.to = i
      } else {
        own.over = i
        open.delete(who)
      }
    }
    if (event.type === 'gather-started' && mm !== null) {
      if (own !== undefined) own.over = Math.min(own.over, i)
      const gather = { mm, who, begun: i, from: null, to: i, over: events.length, finish: null, asked: events.length }
      open.set(who, gather)
      all.push(gather)
    } else if (event.type === 'syscall-returned') {
      // A gather that was not seen to end has ended by now.
      if (own !== undefined) own.over = Math.min(own.over, i)
      open.delete(who)
    }
  })
  return all
}
