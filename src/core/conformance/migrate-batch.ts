import type { SimEvent } from '../machine/event.ts'
import type { SimulatedStep } from './simulated.ts'

/**
 * From 6.3 on migrate_pages_batch() (mm/migrate.c) unmaps all pages of a batch, flushes what was put off, once, and then moves them one
 * by one. The machine migrates one page at a time: what it does before each copy is put together, then what it does from the copy on.
 */
export function asBatch(steps: readonly SimulatedStep[]): SimulatedStep[] {
  const pages = pagesOf(steps)
  const last = pages.length - 1
  return pages
    .flatMap((page, i) => (i === last ? page.before : withoutFlush(page.before)))
    .concat(pages.flatMap(p => p.after))
}

interface OnePage {
  readonly before: SimulatedStep[]
  readonly after: SimulatedStep[]
}

const has = (type: SimEvent['type']) => (step: SimulatedStep) => step.events.some(e => e.type === type)

/** A page begins with the entry of its call. */
function pagesOf(steps: readonly SimulatedStep[]): OnePage[] {
  const pages: OnePage[] = []
  let copied = false
  for (const step of steps) {
    if (pages.length === 0 || has('syscall-entered')(step)) {
      pages.push({ before: [], after: [] })
      copied = false
    }
    copied ||= has('page-copied')(step)
    pages.at(-1)?.[copied ? 'after' : 'before'].push(step)
  }
  return pages
}

/** Without the flush that comes after end(): that of the last page serves all. */
function withoutFlush(steps: readonly SimulatedStep[]): SimulatedStep[] {
  const end = steps.findLastIndex(has('invalidate-range-ended'))
  const flushes: ReadonlySet<SimEvent['type']> = new Set(['cpu-flush-started', 'ipi-sent', 'cpu-tlb-flushed'])
  return steps.map((step, i) => (i <= end ? step : { ...step, events: step.events.filter(e => !flushes.has(e.type)) }))
}
