import { known } from '../../base/assert.ts'
import { get, type Machine } from '../../machine/cells.ts'
import { pteAt, ptePfn, ptePresent, tableFrame } from '../../machine/page-table.ts'
import { type Setup, USE } from '../../machine/setup.ts'
import { LEAF_READ } from '../../machine/shape.ts'
import { holdsFrame } from '../../machine/tlb.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { PageRange } from '../../units.ts'

/** What has become of a frame that was mapped, or was a page table, when the run began. */
export type Life = 'mapped' | 'unmapped' | 'freed'

/** A page, or a page table by its place in the tree, and the frame that it had when the run began. */
export interface Followed {
  readonly what: 'page' | 'table'
  /** Page index, or id of the place. */
  readonly id: number
  readonly pfn: number
}

/** Page indices of a range of addresses. */
export const pagesIn = (s: Setup, range: PageRange | 'all'): number[] =>
  s.vpns.flatMap((vpn, page) => (range === 'all' || (vpn >= range.start && vpn < range.end) ? [page] : []))

/** The frame of a page as the run began; undefined when it was not mapped. */
export function pageAtStart({ setup, initial }: Lab, page: number): Followed | undefined {
  const pte = pteAt(setup.shape, initial, page)
  return ptePresent(pte) ? { what: 'page', id: page, pfn: ptePfn(pte) } : undefined
}

/** The page tables over these pages as the run began, the PGD not among them. */
export function tablesAtStart({ setup, initial }: Lab, pages: readonly number[]): Followed[] {
  const over = setup.shape.places.filter(
    place => place.parent >= 0 && pages.some(p => p >= place.firstPage && p < place.endPage),
  )
  return over.flatMap(({ id }): Followed[] => {
    const pfn = tableFrame(setup.shape, initial, id)
    return pfn < 0 ? [] : [{ what: 'table', id, pfn }]
  })
}

/** Whether the frame is still reached from the page table, is only waiting to be freed, or has been freed: perhaps somebody has it by now. */
export function lifeOf({ setup }: Lab, m: Machine, { what, id, pfn }: Followed): Life {
  const { shape } = setup
  const use = get(m, shape.use, pfn)
  const kept = what === 'table' ? use === USE.table : use === USE.anon || use === USE.file
  if (!kept || get(m, shape.purpose, pfn) !== id + 1) return 'freed'
  if (what === 'table') return tableFrame(shape, m, id) === pfn ? 'mapped' : 'unmapped'
  const pte = pteAt(shape, m, id)
  return ptePresent(pte) && ptePfn(pte) === pfn ? 'mapped' : 'unmapped'
}

/** A page is mapped, to a frame that is its own. */
export function mappedToItsOwn({ setup }: Lab, m: Machine, page: number): boolean {
  const pte = pteAt(setup.shape, m, page)
  if (!ptePresent(pte)) return false
  const use = get(m, setup.shape.use, ptePfn(pte))
  return (use === USE.anon || use === USE.file) && get(m, setup.shape.purpose, ptePfn(pte)) === page + 1
}

/** The IOMMU can still get at the frame: it is in its TLB or walk cache, or a walk of it has just read its number. */
export function iommuReaches({ setup }: Lab, m: Machine, { what, pfn }: Followed): boolean {
  const { shape } = setup
  if (holdsFrame(setup, m, shape.iommu, pfn, what)) return true
  return shape.devices.some((_, i) => {
    const d = known(shape.devices[i], 'device')
    const stage = get(m, d.stage, 0)
    if (stage < 1 || stage > LEAF_READ || get(m, d.frame, 0) !== pfn) return false
    return (what === 'page') === (stage === LEAF_READ)
  })
}
