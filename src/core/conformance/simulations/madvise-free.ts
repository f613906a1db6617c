import { BUF, entriesOf, mappedRegions, type Simulation, whyNotAtAll } from './simulation.ts'

/** madvise(MADV_FREE) of one mapping. The machine keeps no Accessed: an entry that has it counts for a dirty one (accessed). */
export const madviseFree: Simulation = {
  of: ['madvise-free'],
  whyNot: operation => {
    const { vmas, pages } = operation
    if (vmas.length > 1) return `it is about ${vmas.length} mappings, and one is simulated`
    if (pages.some(p => p.order === 9)) return 'it is about a huge page'
    return whyNotAtAll(operation)
  },
  regions: mappedRegions,
  entries: operation =>
    entriesOf(operation, true).map(({ vpn, writable, dirty, accessed }) => ({
      vpn,
      writable,
      dirty: dirty || accessed,
    })),
  script: () => [{ do: 'madvise-free', region: `${BUF}0` }],
}
