import type { SimEvent } from '../machine/event.ts'
import type { RecordedCallback, TimedEvent } from '../trace/timed.ts'
import { measuredFacts } from './facts.ts'
import type { SimulatedStep } from './simulated.ts'

export type Holds = 'holds' | 'fails' | 'not measured'

/** A sentence about the order of an operation, tried on the measurements and on the simulation. */
export interface Claim {
  readonly sentence: string
  readonly measured: Holds
  readonly simulated: Holds
}

const MAPPED = 'At start() all pages are still mapped.'
const UNMAPPED = 'At the secondary-TLB invalidate before a free, the pages are unmapped and not yet free.'
const FREED_AFTER = 'No page is freed before a secondary-TLB invalidate has found it unmapped.'
const IN_ORDER = 'Whatever is freed is freed after a CPU flush and the secondary-TLB invalidate that goes with it.'

/** The claims on which a device's safety rests, for one operation. */
export function claimsOf(
  events: readonly TimedEvent[],
  indices: readonly number[],
  callbacks: readonly RecordedCallback[],
  steps: readonly SimulatedStep[],
): Claim[] {
  const flat = steps.flatMap(s => s.events)
  const ran = flat.length > 0
  const own = indices.flatMap(i => events[i]?.event ?? [])
  const measured = [...measuredClaims(events, indices, callbacks), inOrder(own)]
  const simulated = ran ? [...simulatedClaims(flat), inOrder(flat)] : null
  return [MAPPED, UNMAPPED, FREED_AFTER, IN_ORDER].map((sentence, i) => ({
    sentence,
    measured: measured[i] ?? 'not measured',
    simulated: simulated?.[i] ?? 'not measured',
  }))
}

function measuredClaims(
  events: readonly TimedEvent[],
  indices: readonly number[],
  callbacks: readonly RecordedCallback[],
): Holds[] {
  const starts = callbacks.filter(c => c.kind === 'start').flatMap(c => measuredFacts(c) ?? [])
  const mapped = starts.length === 0 ? 'not measured' : holds(starts.every(f => f.mapped === f.pages && f.freed === 0))

  const byIndex = new Map(callbacks.map(c => [c.at, c]))
  let freed = 0
  /** Pages that some invalidate so far has found unmapped; of them those not yet free at it. */
  let unmapped = 0
  let waiting: number | null = null
  let invalidates = 0
  let foundWaiting = true
  let covered = true
  for (const i of indices) {
    const event = events[i]?.event
    const c = byIndex.get(i)
    if (c?.kind === 'secondary') {
      const f = measuredFacts(c)
      if (f === null) continue
      invalidates++
      unmapped = Math.max(unmapped, f.pages - f.mapped)
      waiting = f.pages - f.mapped - f.freed
    } else if (event?.type === 'page-freed') {
      freed++
      if (freed > unmapped) covered = false
      if (waiting !== null && waiting <= 0) foundWaiting = false
      if (waiting !== null) waiting--
    }
  }
  // A notifier that measures and was never told of pages that went: that is measured too.
  const told = invalidates > 0 && freed > 0
  return [
    mapped,
    told ? holds(foundWaiting) : 'not measured',
    told || (starts.length > 0 && freed > 0) ? holds(covered) : 'not measured',
  ]
}

function simulatedClaims(events: readonly SimEvent[]): Holds[] {
  /** Page of a frame, once unmapped. */
  const cleared = new Map<number, number>()
  /** Frames unmapped when an invalidate covered their page. */
  const covered = new Set<number>()
  const freed = new Set<number>()
  let mapped: Holds = 'not measured'
  let unmapped: Holds = 'not measured'
  let after: Holds = 'not measured'
  for (const event of events) {
    if (event.type === 'pte-cleared') cleared.set(event.pfn, event.vpn)
    else if (event.type === 'invalidate-range-started' && mapped !== 'fails')
      mapped = holds(cleared.size === 0 && freed.size === 0)
    else if (event.type === 'secondary-tlb-invalidate-called') {
      for (const [pfn, vpn] of cleared) {
        if (event.range !== 'all' && (vpn < event.range.start || vpn >= event.range.end)) continue
        if (!freed.has(pfn)) covered.add(pfn)
      }
    } else if (event.type === 'page-freed') {
      freed.add(event.pfn)
      const fine = holds(covered.has(event.pfn))
      if (after !== 'fails') after = fine
      if (unmapped !== 'fails') unmapped = fine
    }
  }
  return [mapped, unmapped, after]
}

/**
 * Order alone, whatever the callbacks measured. Invalidates from end() do not count: they come before the CPU flush, and a CPU
 * may write to the page until that.
 */
function inOrder(events: readonly SimEvent[]): Holds {
  let flushed = false
  let told = false
  let found: Holds = 'not measured'
  for (const event of events) {
    if (event.type === 'cpu-flush-started') {
      flushed = true
      told = false
    } else if (event.type === 'secondary-tlb-invalidate-called' && event.site !== 'by_end') {
      told = flushed
    } else if ((event.type === 'page-freed' || event.type === 'table-freed') && found !== 'fails') {
      found = holds(told)
    }
  }
  const shown = ['cpu-flush-started', 'invalidate-range-started'].every(t => events.some(e => e.type === t))
  return shown ? found : 'not measured'
}

const holds = (yes: boolean): Holds => (yes ? 'holds' : 'fails')
