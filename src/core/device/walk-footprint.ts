import { get, type Machine } from '../machine/cells.ts'
import { pteAt, ptePresent, pteWrite, readEntry, tableFrame } from '../machine/page-table.ts'
import type { Setup } from '../machine/setup.ts'
import { LEAF_READ, type WalkColumns, type WalkerColumns } from '../machine/shape.ts'
import { entriesOf, tlbKey, tlbPfn, walkCacheLookup } from '../machine/tlb.ts'
import { atOnce, type Condition, type Part, type Touches } from '../threads/footprint.ts'
import { LEVELS } from '../units.ts'

/*
 * What walks touch (threads/footprint.ts). Of frames a walk only knows: as long as none is freed that a translator still names
 * (rule I4), those that walks and caches name stay what they are.
 */

/** Walks of one walker for one page. */
export interface WalkOf {
  readonly s: Setup
  /** Its caches, and where its walk stands. */
  readonly w: WalkerColumns
  readonly walk: WalkColumns
  readonly page: number
  readonly write: boolean
}

/** What a walker touches of its own that others touch too. */
export interface WalkerTouches {
  /** Remembering the table of a place. */
  readonly table: (place: number) => Touches
  /** Filling the TLB with the page. */
  readonly page: Touches
  /** A walk goes on or ends. */
  readonly goes: Touches
}

const LEAF = LEVELS.length - 1

const pathOf = ({ s, page }: WalkOf): readonly number[] => s.shape.path[page] ?? []

/** walkStep(), at whichever level it stands. */
export function walkTouches(of: WalkOf, walker: WalkerTouches): Part[] {
  const { s, walk, page, write } = of
  const { resources: r } = s
  const path = pathOf(of)
  return path.flatMap((place, depth): Part[] => {
    const at = (m: Machine): boolean => get(m, walk.stage, 0) === depth + 1
    // A table that is out of the tree already may be freed as soon as this walk lets go of it.
    const unlinked = (m: Machine): boolean => at(m) && get(m, walk.frame, 0) !== tableFrame(s.shape, m, place)
    const parts: Part[] = [
      { ...walker.goes, now: at },
      { reads: [r.table(place)], knows: [r.frames], now: at },
      atOnce({ merges: [r.held] }, unlinked),
    ]
    const child = path[depth + 1]
    if (child === undefined) {
      const pte = [r.pte(page)]
      // Dirty: asked for only where a page of a file may have to be written back.
      const dirty = (s.fileFrame[page] ?? -1) >= 0 ? { writes: pte } : { marks: pte }
      return [...parts, { reads: pte, now: at }, ...(write ? [{ ...dirty, now: at }] : [])]
    }
    const found = (m: Machine): boolean => at(m) && !stepFaults(of, m)
    return [
      ...parts,
      { reads: [r.table(child)], now: at },
      { ...walker.table(child), now: found },
      atOnce({ merges: [r.held] }, m => found(m) && forgetsTable(of, m, child)),
    ]
  })
}

/** fillStep() */
export function fillTouches(of: WalkOf, walker: WalkerTouches): Part[] {
  const { s, walk } = of
  const filling = (m: Machine): boolean => get(m, walk.stage, 0) === LEAF_READ
  return [
    { ...walker.goes, now: filling },
    { ...walker.page, now: filling },
    atOnce({ merges: [s.resources.held] }, m => filling(m) && forgetsPage(of, m)),
  ]
}

/** The step that would be made now ends in a fault. */
export function stepFaults({ s, walk, page, write }: WalkOf, m: Machine): boolean {
  const depth = get(m, walk.stage, 0) - 1
  const entry = readEntry(s.shape, m, get(m, walk.frame, 0), page, depth, s.forgedTarget)
  return entry.frame < 0 || (depth === LEAF && write && !entry.writable)
}

/** A walk may end in a fault: the page is not mapped, or not for this, or the walker remembers a table that is there no more. */
export function mayFault(of: WalkOf): Condition {
  const { s, w, walk, page, write } = of
  const path = pathOf(of)
  return {
    on: [...path.map(s.resources.table), s.resources.pte(page)],
    holds: m => {
      for (const place of path) {
        const table = tableFrame(s.shape, m, place)
        const cached = walkCacheLookup(s, m, w, place)
        if (table < 0 || (cached >= 0 && cached !== table)) return true
      }
      const place = path[get(m, walk.stage, 0) - 1]
      if (place !== undefined && get(m, walk.frame, 0) !== tableFrame(s.shape, m, place)) return true
      const pte = pteAt(s.shape, m, page)
      return !ptePresent(pte) || (write && !pteWrite(pte))
    },
  }
}

/** Remembering the table that is found for `place` would push out the name of another frame. */
function forgetsTable({ s, w }: WalkOf, m: Machine, place: number): boolean {
  const cached = walkCacheLookup(s, m, w, place)
  if (cached >= 0) return cached !== tableFrame(s.shape, m, place)
  return entriesOf(m, w.walkCache).length === w.walkCache.length
}

/** Filling the TLB would push out the name of another frame. */
function forgetsPage({ s, w, walk, page }: WalkOf, m: Machine): boolean {
  const entries = entriesOf(m, w.tlb)
  const old = entries.find(entry => tlbKey(s, entry) === page)
  return old === undefined ? entries.length === w.tlb.length : tlbPfn(s, old) !== get(m, walk.frame, 0)
}
