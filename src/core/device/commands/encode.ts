import { known } from '../../base/assert.ts'
import { hasPasids } from '../../machine/pasids.ts'
import type { Setup } from '../../machine/setup.ts'
import type { Policy } from '../../policy/policy.ts'
import { AMD } from './amd.ts'
import type { Block } from './block.ts'
import type { Dialect, Target } from './dialect.ts'
import { SMMUV3 } from './smmuv3.ts'
import { VTD } from './vtd.ts'

/** Pages [start, end), all under the PASID of an mm, or everything. */
type Pages = readonly [number, number] | { readonly mm: number } | 'all'

/** A driver's dialect is a file and a line here. */
const DIALECTS: Readonly<Record<Exclude<Policy['commands'], 'plain'>, Dialect>> = {
  vtd: VTD,
  amd: AMD,
  smmuv3: SMMUV3,
}

/** The dialect of a policy; undefined where commands are nobody's. */
export const dialectOf = ({ commands }: Policy): Dialect | undefined =>
  commands === 'plain' ? undefined : DIALECTS[commands]

/** The driver waits for the IOTLB before it sends the ATCs their commands. */
export const waitsBetween = (policy: Policy): boolean =>
  policy.waitBetween === 'as-driver'
    ? dialectOf(policy)?.waitsBetween(policy) === true
    : policy.waitBetween === 'always'

/** The driver sends an ATC’s command again that timed out; else it goes on as if the device had answered. */
export const retriesAtc = (policy: Policy): boolean =>
  policy.atcTimeout === 'as-driver' ? dialectOf(policy)?.retries === true : policy.atcTimeout === 'retry'

/** A command as its driver writes it. */
export interface Command {
  /** `INVALIDATE_IOMMU_PAGES` */
  readonly name: string
  /** `S=1, 4 pages, PDE=1` */
  readonly fields: string
  /** How many of the kind it takes. */
  readonly count: number
}

/** The command for these pages; undefined where commands are nobody's. */
export function commandOf(s: Setup, target: Target, pages: Pages, leafOnly: boolean): Command | undefined {
  const dialect = dialectOf(s.policy)
  if (dialect === undefined) return undefined
  const block = blockOf(s, dialect, target, pages)
  return {
    name: dialect.name(target, block),
    fields: dialect.fields(target, block, leafOnly),
    count: block === 'all' ? 1 : block.commands,
  }
}

/** What the command drops that is sent for these pages: more than them, where it must name an aligned block. Entries of other PASIDs stay. */
export function reachOfCommand(s: Setup, target: Target, pages: Pages): Pages {
  const dialect = dialectOf(s.policy)
  if (dialect === undefined || pages === 'all' || 'mm' in pages) return pages
  const block = blockOf(s, dialect, target, pages)
  const at = s.mms.findIndex(({ end }) => pages[0] < end)
  if (block === 'all') return hasPasids(s) ? { mm: at } : block
  const mm = known(s.mms[at], 'mm')
  const before = (vpn: number): number => s.vpns.slice(mm.first, mm.end).filter(v => v < vpn).length
  return [mm.first + before(block.first), mm.first + before(block.first + block.pages)]
}

function blockOf(s: Setup, dialect: Dialect, target: Target, pages: Pages): Block | 'all' {
  if (pages === 'all' || 'mm' in pages) return 'all'
  const [start, end] = pages
  return dialect.covers(s.policy, target, { first: known(s.vpns[start], 'page'), last: known(s.vpns[end - 1], 'page') })
}
