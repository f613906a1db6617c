import type { Circumstances } from '../../scenarios/initial-state.ts'
import type { Region } from '../../scenarios/scenario.ts'
import type { RecordedOperation, TouchedPage } from '../../trace/operation.ts'
import { TABLE_SPAN } from '../../trace/tables.ts'
import { hexAddr, tableBase } from '../../units.ts'
import { withHugeFaults } from '../huge-faults.ts'
import type { Simulation } from './simulation.ts'

/** Faults that bring in pages: a program touches its memory. */
export const fault: Simulation = {
  of: ['fault'],
  whyNot: operation => {
    const { write, pages } = touched(operation)
    if (pages.some(p => p.order !== null && p.order !== 0 && p.order !== 9))
      return 'it brings in several pages at once, which are neither one page nor a huge one'
    if (pages.some(p => p.order === null))
      return `${write ? 'a write' : 'a read'} finds a page that is there already, of a file or the zero page, which the machine is run without`
    return null
  },
  // One region a page: which of them are parts of one mapping makes no difference to a fault.
  regions: operation => [...firsts(operation).values()],
  tlb: 1,
  script: operation => {
    const { write, pages } = touched(operation)
    const regions = firsts(operation)
    return pages.map(p => ({ do: write ? 'write' : 'read', page: `${regions.get(p.vpn)?.name}[0]` }))
  },
  tables: tablesThere,
  after: withHugeFaults,
}

const touched = ({
  argument,
}: RecordedOperation): { readonly write: boolean; readonly pages: readonly TouchedPage[] } =>
  argument?.type === 'touched' ? argument : { write: false, pages: [] }

function firsts(operation: RecordedOperation): Map<number, Region> {
  const pages = [...new Set(touched(operation).pages.map(p => p.vpn))].sort((a, b) => a - b)
  return new Map(
    pages.map((vpn, i) => [
      vpn,
      { name: `p${i}`, at: hexAddr(vpn), pages: 1, kind: 'anon', protection: 'rw', present: 'none' },
    ]),
  )
}

/** A table that a fault needs and did not make was there. */
function tablesThere(operation: RecordedOperation): Circumstances['emptyTables'] {
  const made = new Set(operation.tables.made.map(t => `${t.level} ${tableBase(t.level, t.vpn)}`))
  const needed = new Map<string, Circumstances['emptyTables'][number]>()
  for (const { vpn } of touched(operation).pages) {
    for (const level of Object.keys(TABLE_SPAN) as (keyof typeof TABLE_SPAN)[]) {
      const table = `${level} ${tableBase(level, vpn)}`
      if (!made.has(table) && !needed.has(table)) needed.set(table, { level, vpn })
    }
  }
  return [...needed.values()]
}
