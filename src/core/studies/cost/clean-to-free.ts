import { holderOf } from '../../machine/damage.ts'
import { framesThatWait } from '../state-facts.ts'
import type { Measure } from './measure.ts'

/**
 * C4. Steps in which a frame has been taken out of the page table, no entry and no walk under way names it any more, and it has not been
 * freed: the safe part of the wait. Added up over frames, pages and page tables alike. Unit: frame-steps.
 */
export const cleanToFree: Measure = {
  id: 'clean-to-free',
  family: 'C4',
  title: 'Clean, not yet free',
  unit: 'frame-steps',
  what: 'Steps in which an unmapped frame waits to be freed though no cached entry and no walk under way names it, added up over frames.',
  absent: () => null,
  by: 'state',
  total: 'sum',
  of: ({ setup }, m) => {
    let clean = 0
    for (const pfn of framesThatWait(setup, m)) if (holderOf(setup, m, pfn) === '') clean++
    return clean
  },
}
