import { type Column, get, type Machine } from '../machine/cells.ts'
import { gupHeldAt } from '../machine/gup-fast.ts'
import { hugePmdAt, pmdPfn } from '../machine/huge-page.ts'
import type { Setup } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'

/* What huge pages and GUP-fast add to the books (accounts.ts). */

const placesOf = (s: Setup): readonly TablePlace[] => s.shape.places.filter(p => p.level === 'PTE')
const named = (m: Machine, column: Column): number[] =>
  Array.from({ length: column.length }, (_, i) => get(m, column, i) - 1).filter(pfn => pfn >= 0)
const within = (pfn: number, first: number, { firstPage, endPage }: TablePlace): boolean =>
  pfn >= first && pfn < first + endPage - firstPage

/** Huge entries that map the frame, present or being split. */
export const hugeMappings = (s: Setup, m: Machine, pfn: number): number =>
  placesOf(s).filter(place => {
    const pmd = hugePmdAt(s.shape, m, place.id)
    return pmd !== 0 && within(pfn, pmdPfn(pmd), place)
  }).length

/** PTEs that a split has written into a table which nobody reaches yet: the huge entry still counts for them. */
export const writtenAhead = (s: Setup, m: Machine, page: number): boolean =>
  placesOf(s).some(p => page >= p.firstPage && page < p.endPage && hugePmdAt(s.shape, m, p.id) !== 0)

/** References of GUP-fast, and of those who have a huge page in hand that is not mapped yet, or not any more. */
export const hugeReferences = (s: Setup, m: Machine, pfn: number): number => {
  const grabbed = s.cpus.filter((_, cpu) => gupHeldAt(s.shape, m, cpu) === pfn).length
  const { hugeInHand } = s.shape
  const copying = s.cpus.filter((_, cpu) => {
    const first = hugeInHand.length === 0 ? 0 : get(m, hugeInHand, cpu)
    const place = placesOf(s).find(p => p.firstPage === get(m, s.shape.purpose, first) - 1)
    return first > 0 && place !== undefined && within(pfn, first, place)
  }).length
  return grabbed + copying
}

/** Page tables that are kept for a split, or out of the tree with their PTEs in them. */
export const tablesAside = ({ shape }: Setup, m: Machine): number[] => [
  ...named(m, shape.deposit),
  ...named(m, shape.detached),
]
