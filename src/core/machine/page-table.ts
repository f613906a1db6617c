import { LEVELS } from '../units.ts'
import { keepsAccessed, setYoung } from './accessed.ts'
import { get, type Machine, set } from './cells.ts'
import { dirtyAgain } from './clean-pages.ts'
import { giveContents } from './contents.ts'
import { detachedAt, hugePmdAt, pmdDirty, pmdPfn, pmdPresent, pmdWrite, ptePlaceOf } from './huge-page.ts'
import { wasMoved } from './moved-table.ts'
import { grantAnew } from './promises.ts'
import { USE } from './setup.ts'
import type { Shape } from './shape.ts'
import { hasSharedTables, ownerPage, ownerPlace, sharers } from './shared-tables.ts'

/*
 * The words that the rest of the core is written in, for page tables. Names are those of arch/x86/include/asm/pgtable.h,
 * camelCased. Nothing else indexes these columns.
 */

export const mkPte = (pfn: number, writable: boolean, dirty: boolean): number =>
  ((pfn + 1) << 2) | (writable ? 2 : 0) | (dirty ? 1 : 0)
/** The PTE that translates the page; where a huge page does, what a PTE in its stead would be. */
export function pteAt(s: Shape, m: Machine, page: number): number {
  if (hasSharedTables(s)) return tableFrame(s, m, ptePlaceOf(s, page).id) < 0 ? 0 : get(m, s.pte, ownerPage(s, page))
  return s.hugePmd.length === 0 ? get(m, s.pte, page) : leafAt(s, m, page)
}
/** set_pte_at(), and pte_clear() with 0. An entry that was not present is young: mk_pte() with the protection of a VMA. */
export function setPte(s: Shape, m: Machine, page: number, pte: number): void {
  const owner = ownerPage(s, page)
  if (keepsAccessed(s) && (pte === 0) !== (get(m, s.pte, owner) === 0)) setYoung(s, m, owner, pte !== 0)
  set(m, s.pte, owner, pte)
  if (pte === 0) return
  grantAnew(s, m, page, pteWrite(pte))
  if (pteWrite(pte)) giveContents(s, m, ptePfn(pte))
  if (pteDirty(pte)) dirtyAgain(s, m, page)
}

function leafAt(s: Shape, m: Machine, page: number): number {
  const { id, firstPage } = ptePlaceOf(s, page)
  const pmd = hugePmdAt(s, m, id)
  if (pmd !== 0) {
    return pmdPresent(pmd) ? mkPte(pmdPfn(pmd) + page - firstPage, pmdWrite(pmd), pmdDirty(pmd)) : 0
  }
  return tableFrame(s, m, id) < 0 ? 0 : get(m, s.pte, page)
}
/** The PTE in a table that may be out of the tree: what it says is nobody's mapping then. */
export const pteInTable = (s: Shape, m: Machine, page: number): number => get(m, s.pte, ownerPage(s, page))
/** Sets it there, and grants nobody anything. */
export const setPteInTable = (s: Shape, m: Machine, page: number, pte: number): void =>
  set(m, s.pte, ownerPage(s, page), pte)
export const ptePresent = (pte: number): boolean => pte !== 0
export const ptePfn = (pte: number): number => (pte >>> 2) - 1
export const pteWrite = (pte: number): boolean => (pte & 2) !== 0
export const pteDirty = (pte: number): boolean => (pte & 1) !== 0
export const pteMkdirty = (pte: number): number => pte | 1
export const pteMkclean = (pte: number): number => pte & ~1

/** Frame of the table that the parent's entry for `place` names, or -1. */
export const tableFrame = (s: Shape, m: Machine, place: number): number => get(m, s.table, place) - 1
export const setTableFrame = (s: Shape, m: Machine, place: number, pfn: number): void => set(m, s.table, place, pfn + 1)

/** First present page in [from, end), or -1. */
export function nextPresent(s: Shape, m: Machine, from: number, end: number): number {
  const shared = hasSharedTables(s)
  for (let page = from; page < end; page++) {
    if ((shared ? pteAt(s, m, page) : get(m, s.pte, page)) !== 0) return page
  }
  return -1
}

/** No VMA needs the table any more: what free_pgd_range() knows from floor and ceiling. mm/memory.c */
export function tableUnused(s: Shape, m: Machine, place: number): boolean {
  const p = s.places[place]
  if (p === undefined || tableFrame(s, m, place) < 0) return false
  for (let page = p.firstPage; page < p.endPage; page++) if (get(m, s.vma, page) !== 0) return false
  return true
}

/** What a hardware walker finds when it reads the entry for `page` in `frame`, taken for a table at `depth` of the path. */
export interface TableRead {
  /** The frame is a page table of this address space, for this very place. */
  lawful: boolean
  /** Next table or page, -1 when not present. */
  frame: number
  writable: boolean
  /** Page whose entry was read: another only where the table was moved to another address under the walk. */
  page: number
  /** The entry of a PMD table maps memory itself; `frame` is the first of the huge page. */
  huge: boolean
}

const read: TableRead = { lawful: true, frame: -1, writable: false, page: 0, huge: false }

/**
 * Reads one entry as the hardware would: whatever the frame holds now. A table that is unlinked but not yet reused reads as
 * empty, unless it was taken out with its PTEs in it. The answer is one object, written over by the next call.
 */
export function readEntry(
  s: Shape,
  m: Machine,
  frame: number,
  page: number,
  depth: number,
  forgedTarget: number,
): TableRead {
  const path = s.path[page] as readonly number[]
  const expected = path[depth] as number
  const use = get(m, s.use, frame)
  const found = get(m, s.purpose, frame) - 1
  const elsewhere = use === USE.table && (wasMoved(s, m, found, expected) || found === ownerPlace(s, expected))
  const place = elsewhere ? found : expected
  read.lawful = use === USE.table && found === place
  read.page = place === expected ? page : movedPage(s, page, expected, place)
  read.writable = false
  read.frame = -1
  read.huge = false
  if (read.lawful) {
    const leaf = depth === LEVELS.length - 1
    if (!namesTable(s, m, place, frame) && !(leaf && detachedAt(s, m, place) === frame)) return read
    if (leaf) {
      const pte = get(m, s.pte, read.page)
      read.frame = pte === 0 ? -1 : ptePfn(pte)
      read.writable = pteWrite(pte)
    } else {
      const child = path[depth + 1] as number
      const pmd = depth === LEVELS.length - 2 ? hugePmdAt(s, m, child) : 0
      read.huge = pmdPresent(pmd)
      read.frame = read.huge ? pmdPfn(pmd) : tableFrame(s, m, child)
      read.writable = read.huge ? pmdWrite(pmd) : true
    }
  } else if (get(m, s.forged, frame) === 1) {
    read.frame = forgedTarget
    read.writable = true
  }
  return read
}

/** Some entry above names the frame as the table of this place: its own parent's, or that of a place that shares it. */
const namesTable = (s: Shape, m: Machine, place: number, frame: number): boolean =>
  tableFrame(s, m, place) === frame ||
  (hasSharedTables(s) && sharers(s, place).some(p => tableFrame(s, m, p) === frame))

/** The page at place `to` that has the index which `page` had at place `from`. */
const movedPage = ({ places }: Shape, page: number, from: number, to: number): number =>
  page + (places[to]?.firstPage ?? 0) - (places[from]?.firstPage ?? 0)
