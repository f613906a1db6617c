import { hexAddr } from '../../units.ts'
import { BUF, neighbours, type Simulation, tablesNotMade, whyNotAtAll } from './simulation.ts'

/** A write to a page that is mapped read-only: the machine shares it with a child, as after a fork. */
export const cow: Simulation = {
  of: ['cow'],
  whyNot: operation => {
    const { pages } = operation
    if (pages.length !== 1) return `${pages.length} pages were reported at start(), and one is copied at a time`
    if (pages[0]?.order === 9) return 'it is about a huge page'
    return whyNotAtAll(operation)
  },
  regions: operation => {
    const own = operation.pages.map(p => ({
      name: `${BUF}0`,
      at: hexAddr(p.vpn),
      pages: 1,
      kind: 'anon' as const,
      protection: 'rw' as const,
      present: 'all' as const,
    }))
    const childs = own.map(r => ({ ...r, name: 'childs', mm: 'child' as const, sharesWith: r.name }))
    return [...own, ...childs, ...neighbours(operation)]
  },
  tlb: 1,
  script: () => [{ do: 'write', page: `${BUF}0[0]` }],
  tables: operation => tablesNotMade(operation, operation.range),
}
