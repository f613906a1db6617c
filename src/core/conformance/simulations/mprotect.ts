import type { RecordedOperation } from '../../trace/operation.ts'
import { BUF, mappedRegions, type Simulation, whyNotAtAll } from './simulation.ts'

/** PROT_READ, PROT_WRITE, PROT_EXEC: include/uapi/asm-generic/mman-common.h */
const [READ, WRITE, EXEC] = [1, 2, 4]

/** mprotect() of one mapping. */
export const mprotect: Simulation = {
  of: ['mprotect'],
  whyNot: operation => {
    const { argument, vmas, pages } = operation
    if (argument?.type !== 'protection') return 'what protection was asked for is told only by the call'
    if ((argument.bits & EXEC) !== 0) return 'it is about executing, which the machine does not do'
    if (vmas.length > 1) return `it changes ${vmas.length} mappings, and one is simulated`
    // Of a huge page that it covers in part, the split is an operation by itself.
    if (pages.some(p => p.order === 9)) return 'it is about a huge page'
    return whyNotAtAll(operation)
  },
  regions: mappedRegions,
  entries,
  script: ({ argument }) => {
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
 * Entries as start() reports them; those not reported are taken to be dirty, and as writable as the first that is. Without any
 * report the call is taken to change something: PROT_WRITE found them read-only, anything else writable.
 */
function entries({ argument, pages }: RecordedOperation): ReturnType<NonNullable<Simulation['entries']>> {
  const bits = argument?.type === 'protection' ? argument.bits : 0
  const reported = pages.find(p => p.entry !== null)?.entry
  const otherwise = { writable: reported?.writable ?? (bits & WRITE) === 0, dirty: true }
  return pages.map(({ vpn, entry }) => {
    const { writable, dirty } = entry ?? otherwise
    return { vpn, writable, dirty }
  })
}
