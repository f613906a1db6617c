import type { Machine } from '../../machine/cells.ts'
import { pteAt, pteWrite } from '../../machine/page-table.ts'
import type { Setup } from '../../machine/setup.ts'
import type { WalkerColumns } from '../../machine/shape.ts'
import { entriesOf, tlbFirst } from '../../machine/tlb.ts'
import { tlbViews, walkCacheViews } from '../../view/entries.ts'
import type { EntryState } from '../../view/world.ts'

/** A translation that some translator has cached. */
export interface Cached {
  /** Of what page or table, and to which frame: the same in every translator that has it. */
  readonly translation: string
  /** How it stands beside the page table (view/entries.ts). Stale too: it allows writing where the page table does not any more. */
  readonly state: EntryState
}

/** What can hold translations of the process’s pages: the CPUs that use theirs, the IOMMU, and devices with ATCs. A new translator is a line here. */
export const translatorsOf = ({ shape, cpus }: Setup): readonly WalkerColumns[] => [
  // A CPU in lazy TLB mode does not use its user entries before it has flushed them (machine/damage.ts).
  ...shape.cpus.filter((_, i) => cpus[i]?.lazy === false),
  shape.iommu,
  ...shape.ats.filter(({ tlb }) => tlb.length > 0),
]

/** All that one translator has cached: leaf entries, then walk-cache entries. */
export function cachedIn(s: Setup, m: Machine, w: WalkerColumns): readonly Cached[] {
  const entries = entriesOf(m, w.tlb)
  const leaves = tlbViews(s, m, w).map((e, i): Cached => {
    const allowed = !e.writable || pteWrite(pteAt(s.shape, m, tlbFirst(s, entries[i] ?? 0)))
    return { translation: `${e.label} ${e.pfn}`, state: e.state === 'live' && !allowed ? 'stale' : e.state }
  })
  const tables = walkCacheViews(s, m, w).map(e => ({
    translation: `${e.level} ${e.index} ${e.table}`,
    state: e.state,
  }))
  return [...leaves, ...tables]
}

/** How many translations stand so in some translator; one that several have cached counts once. */
export function translationsThat(s: Setup, m: Machine, is: (state: EntryState) => boolean): number {
  const found = new Set<string>()
  for (const w of translatorsOf(s)) for (const c of cachedIn(s, m, w)) if (is(c.state)) found.add(c.translation)
  return found.size
}
