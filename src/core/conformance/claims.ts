import { type Evidence, evidenceOf, type Moment, type PageAt, type PageCounts } from '../trace/evidence.ts'
import { kindNamed } from '../trace/kinds/index.ts'
import type { RecordedOperation, SeenOperation } from '../trace/operation.ts'
import type { Holds } from '../trace/promises.ts'
import type { TimedEvent } from '../trace/timed.ts'
import { replay } from './replay.ts'
import type { SimulatedStep } from './simulated.ts'

/** A sentence about the course of an operation, tried on the measurements and on the simulation. */
export interface Claim {
  readonly sentence: string
  readonly measured: Holds
  readonly simulated: Holds
  /** Where the recording or the simulation breaks it: page, frame, line; null where neither does. */
  readonly where: string | null
}

/** What is promised of this kind of operation, tried on the recording by itself and on the simulation by the same functions. */
export function claimsOf(
  events: readonly TimedEvent[],
  { input, events: indices, callbacks, endsEarly }: SeenOperation,
  steps: readonly SimulatedStep[],
): Claim[] {
  const recorded = evidenceOf(events, indices, callbacks, endsEarly)
  const simulated = steps.some(s => s.events.length > 0) ? simulatedEvidence(input, steps) : null
  return kindNamed(input.name).promises.map(promise => {
    const measured = promise.in(recorded)
    const model = simulated === null ? null : promise.in(simulated)
    return {
      sentence: promise.sentence,
      measured: measured.holds,
      simulated: model?.holds ?? 'not measured',
      where: measured.where ?? (model?.where == null ? null : `simulated: ${model.where}`),
    }
  })
}

/** The course of a simulated operation, as a notifier that looks at every page of it would tell it. */
function simulatedEvidence(operation: RecordedOperation, steps: readonly SimulatedStep[]): Evidence {
  const moments: Moment[] = []
  replay(operation, steps, (event, state) => {
    const found = (range: { start: number; end: number } | 'all') => {
      const pages = state.pagesIn(range)
      return { counts: countsOf(pages), pages, line: null }
    }
    switch (event.type) {
      case 'invalidate-range-started':
        moments.push({ type: 'start', reason: event.reason, range: event.range, ...found(event.range) })
        break
      case 'invalidate-range-ended':
        moments.push({ type: 'end', range: event.range, ...found(event.range) })
        break
      case 'secondary-tlb-invalidate-called':
        moments.push({ type: 'secondary', site: event.site, range: event.range, ...found(event.range) })
        break
      case 'notifier-released':
        moments.push({ type: 'release', ...found('all') })
        break
      case 'page-freed':
        moments.push({ type: 'freed', what: 'page', pfn: event.pfn, line: null })
        break
      case 'table-freed':
        moments.push({ type: 'freed', what: 'table', pfn: event.pfn, line: null })
        break
      case 'cpu-flush-started':
        moments.push({ type: 'flushed', line: null })
        break
      case 'pte-change-notified':
        moments.push({ type: 'change-pte', line: null })
        break
    }
  })
  return { moments, complete: true }
}

function countsOf(pages: readonly PageAt[]): PageCounts {
  return {
    pages: pages.length,
    mapped: pages.filter(p => p.present && p.pfn === p.was).length,
    freed: pages.filter(p => p.references === 0).length,
  }
}
