import type { RecordedOperation } from '../../trace/operation.ts'
import { asVpn } from '../../units.ts'
import { BUF, entriesOf, MOST_PAGES, mappedRegions, type Simulation, whyNotAtAll, withPages } from './simulation.ts'

/** PROT_READ, PROT_WRITE, PROT_EXEC: include/uapi/asm-generic/mman-common.h */
const [READ, WRITE, EXEC] = [1, 2, 4]

/** What one entry of a PMD table maps. */
const HUGE = 512

/** mprotect() of one mapping, and the NUMA hints that the kernel sets in one. */
export const mprotect: Simulation = {
  of: ['mprotect'],
  whyNot: operation => {
    const { argument, range, vmas, pages } = operation
    if (argument?.type !== 'protection' && !operation.leavesHints)
      return 'what protection was asked for is told only by the call'
    if (argument?.type === 'protection' && (argument.bits & EXEC) !== 0)
      return 'it is about executing, which the machine does not do'
    if (vmas.length > 1) return `it changes ${vmas.length} mappings, and one is simulated`
    // Of a huge page that it covers in part, the split is an operation by itself.
    if (pages.some(p => p.order === 9 && (p.vpn < range.start || p.vpn + HUGE > range.end)))
      return 'it is about a part of a huge page'
    return whyNotAtAll(known(operation))
  },
  regions: operation => mappedRegions(known(operation)),
  // Without any report the call is taken to change something: PROT_WRITE found the entries read-only, anything else writable.
  entries: operation => {
    const { argument } = operation
    return entriesOf(known(operation), argument?.type !== 'protection' || (argument.bits & WRITE) === 0)
  },
  script: ({ argument, leavesHints }) => {
    // The kernel’s own: change_prot_numa(), mm/mempolicy.c. mprotect(PROT_NONE) does the same with the entries.
    if (argument === null && leavesHints) return [{ do: 'numa-hint', region: `${BUF}0` }]
    const bits = argument?.type === 'protection' ? argument.bits : 0
    return [
      {
        do: 'mprotect',
        region: `${BUF}0`,
        to: (bits & WRITE) !== 0 ? 'rw' : (bits & READ) !== 0 ? 'r' : 'none',
      },
    ]
  },
}

/**
 * Where nothing tells which pages were mapped, something was, for it was flushed: all pages then. How many makes no difference to the
 * order.
 */
function known(operation: RecordedOperation): RecordedOperation {
  const { range, pagesKnown } = operation
  const pages = range.end - range.start
  if (pagesKnown !== 'unknown' || pages > MOST_PAGES) return operation
  return withPages(
    operation,
    Array.from({ length: pages }, (_, i) => asVpn(range.start + i)),
  )
}
