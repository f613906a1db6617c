import { asRmapUnmapping } from '../rmap-unmapping.ts'
import { BUF, mappedRegions, pageByPage, type Simulation, whyNotAtAll, whyNotUnmapped } from './simulation.ts'

/** madvise(MADV_PAGEOUT): reclaim of the pages of one mapping. */
export const reclaim: Simulation = {
  of: ['madvise-pageout', 'reclaim'],
  whyNot: operation => {
    if (operation.pages.some(p => p.order === 9)) return 'it is about a huge page'
    if (operation.lazilyFreed && pageByPage(operation).pages.some(p => p.entry === null))
      return 'MADV_FREE had its pages before, and which of them were written since is told only by reports of single pages'
    if (pageByPage(operation).pages.some(p => p.dirtyFile)) return 'it is about pages of a file'
    return whyNotUnmapped(operation) ?? whyNotAtAll(pageByPage(operation))
  },
  regions: operation => mappedRegions(pageByPage(operation)),
  entries: ({ pages }) =>
    pages.flatMap(({ vpn, entry, lazilyFreed }) => (lazilyFreed && entry !== null ? [{ vpn, ...entry }] : [])),
  script: () => [{ do: 'reclaim', region: `${BUF}0` }],
  after: asRmapUnmapping,
}
