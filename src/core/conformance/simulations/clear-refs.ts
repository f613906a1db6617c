import type { Region } from '../../scenarios/scenario.ts'
import type { RecordedOperation } from '../../trace/operation.ts'
import { hexAddr } from '../../units.ts'
import { BUF, entriesOf, type Simulation } from './simulation.ts'

/** 4 written to /proc/PID/clear_refs: all pages of the process that the recording tells of. */
export const clearRefs: Simulation = {
  of: ['clear-refs'],
  whyNot: ({ pages }) => {
    if (pages.length === 0) return 'no page of the process is known, and it is about all of them'
    return pages.some(p => p.order === 9) ? 'it is about a huge page' : null
  },
  regions: operation => regions(operation),
  entries: operation => entriesOf(operation, true),
  script: () => [{ do: 'clear-refs' }],
}

/** One region a page: which of them are parts of one mapping makes no difference. */
const regions = ({ pages }: RecordedOperation): Region[] =>
  pages.map(({ vpn }, i) => ({
    name: `${BUF}${i}`,
    at: hexAddr(vpn),
    pages: 1,
    kind: 'anon',
    protection: 'rw',
    present: 'all',
  }))
