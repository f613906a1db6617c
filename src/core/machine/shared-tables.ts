import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Shape } from './shape.ts'

/*
 * hugetlb: two processes that map the same huge pages may share the page table that maps them, mm/hugetlb.c. In the kernel it is a PMD table of
 * 512 huge pages, named by a PUD entry of each; here it is a PTE table, named by a PMD entry of each. Its PTEs are kept with the pages of the
 * app, who stands for the table.
 */

export const sharedTableColumns = (b: LayoutBuilder, { features, cpus, devices }: FeatureSizes) => ({
  /** Holder of mapping->i_mmap_rwsem for writing; 0 nobody. One file. */
  iMmapLock: b.column('iMmapLock', features.sharedTables.length > 0 ? 1 : 0, cpus.length + devices.length + 1),
})

export const hasSharedTables = (s: Shape): boolean => s.sizes.features.sharedTables.length > 0

/** The page whose PTE this page has: itself, or one of the app. */
export const ownerPage = (s: Shape, page: number): number => s.sizes.features.sharedTables[page] ?? page

/** The place that stands for the table, of a place of level PTE. */
export function ownerPlace(s: Shape, place: number): number {
  const facts = s.places[place]
  if (!hasSharedTables(s) || facts?.level !== 'PTE') return place
  return (s.path[ownerPage(s, facts.firstPage)] as readonly number[]).at(-1) ?? place
}

/** Other places that may have the same table. */
export function sharers(s: Shape, place: number): number[] {
  if (!hasSharedTables(s)) return []
  const owner = ownerPlace(s, place)
  return s.places.flatMap(({ id }) => (id !== place && ownerPlace(s, id) === owner ? [id] : []))
}

/** The place has a table, and somebody else names it too: page_count(virt_to_page(ptep)) > 1. */
export const isShared = (s: Shape, m: Machine, place: number): boolean =>
  get(m, s.table, place) !== 0 && sharers(s, place).some(other => get(m, s.table, other) === get(m, s.table, place))

/** huge_pmd_share(): takes the table that another has for the same pages. False: there is none. */
export function hugePmdShare(s: Shape, m: Machine, place: number): boolean {
  const other = sharers(s, place).find(id => get(m, s.table, id) !== 0)
  if (other !== undefined) set(m, s.table, place, get(m, s.table, other))
  return other !== undefined
}
