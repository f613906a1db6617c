import type { SimEvent } from '../machine/event.ts'
import type { RecordedOperation, RecordedPage } from '../trace/operation.ts'
import { type Pfn, tableBase, type Vpn } from '../units.ts'
import type { SimulatedStep } from './simulated.ts'

type Freeing = Extract<SimEvent, { type: 'page-freed' | 'page-put' | 'table-freed' }>

/** Where an event stands in the steps. */
interface Place {
  readonly step: number
  readonly index: number
}

/**
 * What huge pages change in a simulation. The machine has pages of one size only; there a huge page is one page, and one that
 * was split is as many as it has parts in the range. So:
 *
 * - what happens to the page standing for a huge one happens to a page of order 9, and the PTE table over it does not exist;
 * - a part is no page of its own: freeing it is dropping one of the references to the huge page, and the last of them frees that;
 * - release_pages() (mm/swap.c, up to 6.8) frees a compound page at once when it comes to it, single pages at its end.
 */
export function withHugePages(
  steps: readonly SimulatedStep[],
  operation: RecordedOperation,
  batchFreeOrder: 'lifo' | 'fifo',
): readonly SimulatedStep[] {
  const huge = new Map<Vpn, RecordedPage>()
  for (const p of operation.pages) if (p.order === 9 || p.partOf !== null) huge.set(p.vpn, p)
  if (huge.size === 0) return steps

  const events = steps.map(s => [...s.events] as (SimEvent | null)[])
  const noTables = new Set([...huge.values()].flatMap(p => (p.order === 9 ? [tableBase('PTE', p.vpn)] : [])))
  withoutTables(events, noTables)
  // Only a flush for which a page table goes interrupts CPUs in lazy mode too.
  if (!events.flat().some(e => e?.type === 'table-unlinked')) withoutFlushes(events, lazyOf(operation))

  const pageOf = new Map<Pfn, RecordedPage>()
  for (const event of steps.flatMap(s => s.events)) {
    const page = event.type === 'pte-cleared' ? huge.get(event.vpn) : undefined
    if (event.type === 'pte-cleared' && page !== undefined) pageOf.set(event.pfn, page)
  }
  const isHuge = (e: Freeing): boolean => e.type !== 'table-freed' && pageOf.has(e.pfn)
  const references = referencesOf(operation.pages)
  for (const places of freeingRuns(events)) {
    const order = batchFreeOrder === 'lifo' ? compoundFirst(freedAt(events, places), isHuge, operation) : null
    for (const [i, place] of places.entries()) {
      const event = order?.[i] ?? at(events, place)
      put(events, place, event === null ? null : asCompound(event, pageOf, references))
    }
  }
  return steps.map((s, i) => ({ ...s, events: (events[i] ?? []).filter(e => e !== null) }))
}

/** References to each split huge page, by its first frame: one for each part in the range, and those that stay. */
function referencesOf(pages: readonly RecordedPage[]): Map<Pfn, number> {
  const references = new Map<Pfn, number>()
  for (const p of pages) {
    if (p.partOf !== null) references.set(p.partOf, (references.get(p.partOf) ?? p.otherReferences) + 1)
  }
  return references
}

function asCompound(event: SimEvent, pageOf: ReadonlyMap<Pfn, RecordedPage>, references: Map<Pfn, number>): SimEvent {
  if (event.type !== 'page-freed') return event
  const page = pageOf.get(event.pfn)
  if (page === undefined) return event
  if (page.partOf === null) return { ...event, order: 9 }
  const left = (references.get(page.partOf) ?? 1) - 1
  references.set(page.partOf, left)
  return left === 0 ? { ...event, order: 9 } : { type: 'page-put', pfn: event.pfn, left }
}

/** Takes out what happens to PTE tables at these addresses. */
function withoutTables(events: (SimEvent | null)[][], bases: ReadonlySet<Vpn>): void {
  const frames = new Set<Pfn>()
  for (const step of events) {
    let unlinked = false
    for (const [i, event] of step.entries()) {
      if (event === null) continue
      if (event.type === 'table-unlinked') {
        unlinked = event.level === 'PTE' && bases.has(tableBase('PTE', event.vpn))
        if (unlinked) frames.add(event.pfn)
      }
      const gone =
        event.type === 'tables-queued-for-rcu'
          ? unlinked
          : (event.type === 'table-unlinked' || event.type === 'table-gathered' || event.type === 'table-freed') &&
            frames.has(event.pfn)
      if (gone) step[i] = null
    }
  }
}

const lazyOf = ({ otherCpus }: RecordedOperation): ReadonlySet<number> =>
  new Set(otherCpus.flatMap(c => (c.state === 'lazy' ? [c.cpu] : [])))

function withoutFlushes(events: (SimEvent | null)[][], cpus: ReadonlySet<number>): void {
  for (const step of events)
    for (const [i, event] of step.entries())
      if (event?.type === 'cpu-tlb-flushed' && event.cpu !== event.from && cpus.has(event.cpu)) step[i] = null
}

/** Runs of events in which the gather is emptied, with nothing between them. */
function freeingRuns(events: readonly (readonly (SimEvent | null)[])[]): Place[][] {
  const runs: Place[][] = []
  let open = false
  for (const [step, list] of events.entries()) {
    for (const [index, event] of list.entries()) {
      if (event === null) continue
      const frees = isFreeing(event)
      if (frees && !open) runs.push([])
      if (frees) runs.at(-1)?.push({ step, index })
      open = frees
    }
  }
  return runs
}

const isFreeing = (e: SimEvent): e is Freeing =>
  e.type === 'page-freed' || e.type === 'page-put' || e.type === 'table-freed'

const at = (events: readonly (readonly (SimEvent | null)[])[], p: Place): SimEvent | null =>
  events[p.step]?.[p.index] ?? null

function put(events: (SimEvent | null)[][], p: Place, event: SimEvent | null): void {
  const step = events[p.step]
  if (step !== undefined) step[p.index] = event
}

const freedAt = (events: readonly (readonly (SimEvent | null)[])[], places: readonly Place[]): Freeing[] =>
  places.flatMap(p => {
    const event = at(events, p)
    return event !== null && isFreeing(event) ? [event] : []
  })

/** Batch by batch (they are emptied from their end): the compound pages in the order they were queued, then the others. */
function compoundFirst(freed: readonly Freeing[], isHuge: (e: Freeing) => boolean, operation: RecordedOperation) {
  const { onStack, perBatch } = operation.gather
  const order: Freeing[] = []
  for (let from = 0, size = onStack; from < freed.length; from += size, size = perBatch) {
    const batch = freed.slice(from, from + size)
    order.push(...batch.filter(isHuge).reverse(), ...batch.filter(e => !isHuge(e)))
  }
  return order
}
