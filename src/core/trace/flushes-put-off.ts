import type { SimEvent } from '../machine/event.ts'
import type { Recording } from './import.ts'

const OF_A_FLUSH: ReadonlySet<SimEvent['type']> = new Set([
  'cpu-flush-started',
  'ipi-sent',
  'cpu-tlb-flushed',
  'secondary-tlb-invalidate-called',
])

/** MADV_COLD, MADV_PAGEOUT: include/uapi/asm-generic/mman-common.h */
const AGES: readonly (number | null)[] = [20, 21]

/**
 * Whether reclaim or migration had put a flush of an address space off before an event, and nobody has changed entries since: whoever
 * does flushes everything first, whether the batch was flushed meanwhile or not. flush_tlb_batched_pending(), mm/rmap.c
 */
export function flushesPutOff({ events, batchFlushes, calls }: Recording): (mm: string, before: number) => boolean {
  /** By mm, in order: from this event on some are put off, or none. */
  const changes = new Map<string, { readonly at: number; readonly putOff: boolean }[]>()
  const change = (mm: string, at: number, putOff: boolean): void => {
    const known = changes.get(mm)
    if (known === undefined) changes.set(mm, [{ at, putOff }])
    else known.push({ at, putOff })
  }
  const ages = new Set(calls.flatMap(c => (AGES.includes(c.advice) ? [c.from] : [])))
  /** Tasks that are in a call that looks at the entries without telling anybody. */
  const aging = new Set<number>()
  /** By task: pairs open, and where the last one began. */
  const pairs = new Map<number, { open: number; last: number }>()
  /** Tasks that make one good, by its mm: the mm forgets it when they are done, and others who look meanwhile flush too. */
  const making = new Map<number, string>()
  events.forEach(({ event, who, mm }, i) => {
    const made = making.get(who)
    if (made !== undefined && !OF_A_FLUSH.has(event.type)) {
      making.delete(who)
      change(made, i, false)
    }
    const pair = pairs.get(who) ?? { open: 0, last: i }
    if (event.type === 'invalidate-range-started') pairs.set(who, { open: pair.open + 1, last: i })
    else if (event.type === 'invalidate-range-ended') pairs.set(who, { ...pair, open: Math.max(0, pair.open - 1) })
    else if (event.type === 'syscall-entered') {
      pairs.delete(who)
      if (ages.has(i)) aging.add(who)
      else aging.delete(who)
    }
    if (event.type !== 'cpu-flush-started' || mm === null) return
    if (batchFlushes.has(i)) change(mm, pair.last, true)
    else if (event.range === 'all' && (pair.open > 0 || aging.has(who))) making.set(who, mm)
  })
  for (const list of changes.values()) list.sort((a, b) => a.at - b.at)
  // What is made good first was put off before the recording.
  return (mm, before) => {
    const list = changes.get(mm) ?? []
    return list.findLast(c => c.at < before)?.putOff ?? list[0]?.putOff === false
  }
}
