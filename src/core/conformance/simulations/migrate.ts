import { asOneCall, asRmapUnmapping } from '../rmap-unmapping.ts'
import { BUF, mappedRegions, pageByPage, type Simulation, whyNotAtAll } from './simulation.ts'

/** move_pages(2) up to 6.1: each page is unmapped, copied and mapped again before the next. */
export const migrate: Simulation = {
  of: ['migrate'],
  whyNot: operation => {
    if (operation.kernel === '6.12')
      return 'from 6.3 on pages are migrated in batches, and the machine migrates one at a time'
    if (operation.pages.some(p => p.order === 9)) return 'it is about a huge page'
    if (pageByPage(operation).pages.some(p => p.dirtyFile)) return 'it is about pages of a file'
    return whyNotAtAll(pageByPage(operation))
  },
  regions: operation => mappedRegions(pageByPage(operation)),
  script: operation =>
    pageByPage(operation).pages.map(p => ({ do: 'migrate', page: `${BUF}0[${p.vpn - operation.range.start}]` })),
  after: steps => asOneCall(asRmapUnmapping(steps)),
}
