import type { SimEvent } from '../../machine/event.ts'
import type { RecordedOperation } from '../../trace/operation.ts'
import { hexAddr } from '../../units.ts'
import type { SimulatedStep } from '../simulated.ts'
import { BUF, type Simulation, whyNotAtAll } from './simulation.ts'

/** What one entry of a PMD table maps. */
const HUGE = 512

/** collapse_huge_page(), by khugepaged or MADV_COLLAPSE. The machine collapses what is there; where its pages lie makes no difference. */
export const collapse: Simulation = {
  of: ['collapse'],
  whyNot: operation => {
    const { range, pages } = operation
    if (range.end - range.start !== HUGE || range.start % HUGE !== 0)
      return 'its notifiers are told of another range than one huge page, or of several'
    if (pages.some(p => p.ofFile)) return 'it is about pages of a file'
    if (pages.some(p => p.order === 9)) return 'it finds a huge page'
    return pages.length === 0 ? 'it finds no page, and which there were is told by nothing' : whyNotAtAll(operation)
  },
  regions: ({ range, pages }) => [
    {
      name: `${BUF}0`,
      at: hexAddr(range.start),
      pages: pages.length,
      kind: 'anon',
      protection: 'rw',
      present: 'all',
    },
  ],
  script: () => [{ do: 'collapse', region: `${BUF}0` }],
  after: (steps, operation) => asSpread(steps, operation),
}

/**
 * The pages where they were, and the range of the huge page: in the machine they lie side by side. They are gone with their table, which
 * the machine empties when it has copied them.
 */
function asSpread(steps: readonly SimulatedStep[], { range, pages }: RecordedOperation): SimulatedStep[] {
  const cleared = steps.flatMap(s => s.events.filter(e => e.type === 'pte-cleared'))
  const spread = cleared.map((e, i): SimEvent => ({ ...e, vpn: pages[i]?.vpn ?? e.vpn }))
  return steps.map(step => ({
    ...step,
    events: step.events.flatMap((e): SimEvent[] => {
      if (e.type === 'pte-cleared') return []
      if (e.type === 'cpu-flush-started') return [...spread, e]
      if (e.type === 'invalidate-range-started' || e.type === 'invalidate-range-ended') return [{ ...e, range }]
      return [e.type === 'secondary-tlb-invalidate-called' && e.range !== 'all' ? { ...e, range } : e]
    }),
  }))
}
