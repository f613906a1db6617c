import { asRmapUnmapping } from '../rmap-unmapping.ts'
import { BUF, mappedRegions, type Simulation, whyNotAtAll } from './simulation.ts'

/** madvise(MADV_PAGEOUT): reclaim of the pages of one mapping. */
export const reclaim: Simulation = {
  of: ['madvise-pageout'],
  whyNot: operation => {
    if (operation.pages.some(p => p.order === 9)) return 'it is about a huge page'
    if (operation.lazilyFreed)
      return 'MADV_FREE had its pages before, and which of them were written since is told only by reports of single pages'
    if (operation.pages.some(p => p.dirtyFile)) return 'it is about pages of a file'
    return whyNotAtAll(operation)
  },
  // There is a pair for each page; the mapping is one. References are dropped before it begins: lru_add_drain().
  regions: operation =>
    mappedRegions({ ...operation, vmas: [operation.range] }).map(region => ({ ...region, pinned: [] })),
  script: () => [{ do: 'reclaim', region: `${BUF}0` }],
  after: asRmapUnmapping,
}
