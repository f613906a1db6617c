import { asBatch } from '../migrate-batch.ts'
import { asOneCall, asRmapUnmapping } from '../rmap-unmapping.ts'
import { BUF, mappedRegions, pageByPage, type Simulation, whyNotAtAll, whyNotUnmapped } from './simulation.ts'

/** Pages that get other frames: up to 6.2 each is unmapped, copied and mapped again before the next, from 6.3 on in batches. */
export const migrate: Simulation = {
  of: ['migrate'],
  whyNot: operation => {
    if (operation.pages.some(p => p.order === 9)) return 'it is about a huge page'
    if (operation.hinted) return 'its entries let nobody in, for a NUMA hint, and nothing need be flushed'
    const pages = pageByPage(operation)
    if (pages.pages.some(p => p.dirtyFile || p.ofFile)) return 'it is about pages of a file'
    if (pages.pages.length > MOST_AT_ONCE && operation.kernel === '6.12')
      return `it is about more than ${MOST_AT_ONCE} pages, which is more than one batch`
    return whyNotUnmapped(operation) ?? whyNotAtAll(pages)
  },
  regions: operation => mappedRegions(pageByPage(operation)),
  script: operation =>
    pageByPage(operation).pages.map(p => ({ do: 'migrate', page: `${BUF}0[${p.vpn - operation.range.start}]` })),
  after: (steps, _, policy) => {
    const all = asRmapUnmapping(steps)
    return asOneCall(policy.migrationDefersFlush ? asBatch(all) : all)
  },
}

/** NR_MAX_BATCHED_MIGRATION, mm/migrate.c */
const MOST_AT_ONCE = 512
