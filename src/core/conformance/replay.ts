import type { SimEvent } from '../machine/event.ts'
import type { PageAt } from '../trace/evidence.ts'
import type { RecordedOperation } from '../trace/operation.ts'
import type { SimulatedStep } from './simulated.ts'

/** What stands in the page table of a simulated operation at one moment, told from its events so far. */
export interface Replayed {
  /** The pages that were mapped when it began, as far as they lie in `range`. */
  pagesIn(range: { readonly start: number; readonly end: number } | 'all'): PageAt[]
}

interface Known {
  readonly vpn: number
  huge: boolean
  /** Its entry is of no use to hardware: a split is under way. */
  invalid: boolean
  /** The frame of the simulation, known once its entry is cleared or changed; before that a number of its own. */
  was: number
  pfn: number | null
  writable: boolean | null
}

/** Goes through the events of a simulation, showing at each what had become of the operation's pages just before it. */
export function replay(
  operation: RecordedOperation,
  steps: readonly SimulatedStep[],
  see: (event: SimEvent, state: Replayed) => void,
): void {
  const pages = operation.pages.map((p, i): Known => {
    const own = -1 - i
    return { vpn: p.vpn, huge: p.order === 9, invalid: false, was: own, pfn: own, writable: null }
  })
  const byVpn = new Map(pages.map(p => [p.vpn, p]))
  const freed = new Set<number>()
  const state: Replayed = {
    pagesIn: range =>
      pages.filter(p => range === 'all' || (p.vpn >= range.start && p.vpn < range.end)).map(p => pageAt(p, freed)),
  }
  for (const { events } of steps) {
    for (const event of events) {
      see(event, state)
      if (event.type === 'pte-cleared') {
        const page = byVpn.get(event.vpn)
        if (page === undefined) continue
        if (page.was < 0) page.was = event.pfn
        page.pfn = null
      } else if (event.type === 'pte-set') {
        const page = byVpn.get(event.vpn)
        if (page === undefined) continue
        if (page.was < 0) page.was = event.pfn
        page.pfn = event.pfn
        page.writable = event.writable
      } else if (event.type === 'huge-pmd-invalidated' || event.type === 'table-populated') {
        const page = byVpn.get(event.vpn)
        if (page === undefined) continue
        page.invalid = event.type === 'huge-pmd-invalidated'
        page.huge &&= page.invalid
      } else if (event.type === 'page-freed') freed.add(event.pfn)
      else if (event.type === 'page-allocated') freed.delete(event.pfn)
    }
  }
}

function pageAt({ vpn, huge, invalid, was, pfn, writable }: Known, freed: ReadonlySet<number>): PageAt {
  const present = pfn !== null && !invalid
  return {
    vpn,
    was,
    pfn,
    present,
    state: present ? 'present' : 'none',
    huge,
    writable: present ? writable : null,
    accessed: null,
    dirty: null,
    softDirty: null,
    references: freed.has(was) ? 0 : 1,
    mappings: null,
  }
}
