import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'
import type { Shape } from './shape.ts'
import { SOFT, softAt, softKind, softPfn } from './soft-pte.ts'

/*
 * What reclaim and migration know of the pages they work on: the folio lock, the folio each CPU has isolated, and the list of those it
 * will free. mm/vmscan.c, mm/migrate.c. A folio is one page here.
 */

export const folioColumns = (b: LayoutBuilder, { features, cpus, frames, pages, pfnBits }: FeatureSizes) => {
  const has = features.folios
  return {
    /** By frame: CPU + 1 that holds the folio lock. */
    folioLock: b.column('folio lock', has ? frames : 0, cpus.length),
    /** By CPU: the folio that it has isolated and works on, as pfn + 1. */
    folio: b.column('folio', has ? cpus.length : 0, frames),
    /** By CPU: the folio that this one is to be copied to, as pfn + 1. */
    folioTarget: b.column('folio target', has ? cpus.length : 0, frames),
    /** By CPU: the folio is to be written out. */
    folioDirty: b.column('folio dirty', has ? cpus.length : 0, 1),
    /** By CPU: the PTE that it has cleared and not dealt with yet. */
    clearedPte: b.column('cleared pte', has ? cpus.length : 0, 2 ** (pfnBits + 2) - 1),
    /** By CPU × pages: folios that it will free, as pfn + 1. */
    toFree: b.column('folios to free', has ? cpus.length * pages.length : 0, frames),
    /** By frame: 1 when MADV_FREE has made it free to drop while it is clean: PG_swapbacked is not set. */
    lazyfree: b.column('lazyfree', has && features.cleanPages ? frames : 0, 1),
    /** By page: the migration entry of the page stands for a PTE that could be written. */
    migrationWrite: b.column('migration entry writable', has ? pages.length : 0, 1),
  }
}

export const folioOf = (s: Setup, m: Machine, cpu: number): number => get(m, s.shape.folio, cpu) - 1

/** Somebody holds the folio lock of the frame. False where nobody locks folios. */
export const folioLocked = (s: Setup, m: Machine, pfn: number): boolean =>
  s.shape.folioLock.length > 0 && pfn >= 0 && get(m, s.shape.folioLock, pfn) !== 0

/** folio_unlock(): the CPU is done with the folio; its reference stays to be dropped or kept. */
export function unlockFolio(s: Setup, m: Machine, cpu: number): void {
  set(m, s.shape.folioLock, folioOf(s, m, cpu), 0)
  set(m, s.shape.folio, cpu, 0)
  set(m, s.shape.folioDirty, cpu, 0)
}

/** Puts the folio on the CPU's list of those to be freed. */
export function listForFree(s: Setup, m: Machine, cpu: number, pfn: number): void {
  const pages = s.vpns.length
  for (let i = 0; i < pages; i++) {
    if (get(m, s.shape.toFree, cpu * pages + i) !== 0) continue
    set(m, s.shape.toFree, cpu * pages + i, pfn + 1)
    return
  }
}

/** Folios on the list, in the order in which they came. */
export function listedForFree(s: Setup, m: Machine, cpu: number): number[] {
  if (s.shape.toFree.length === 0) return []
  const pages = s.vpns.length
  return Array.from({ length: pages }, (_, i) => get(m, s.shape.toFree, cpu * pages + i) - 1).filter(pfn => pfn >= 0)
}

/** Empties the list of pages that reclaim is about to free on this CPU. */
export function clearListForFree(s: Setup, m: Machine, cpu: number): void {
  const pages = s.vpns.length
  for (let i = 0; i < pages; i++) set(m, s.shape.toFree, cpu * pages + i, 0)
}

/** Pages whose swap entry still finds the frame in the swap cache. */
export const swapUsers = (s: Setup, m: Machine, pfn: number): number[] =>
  s.vpns.flatMap((_, page) => {
    const soft = softAt(s.shape, m, page)
    return softKind(soft) === SOFT.swap && softPfn(soft) === pfn ? [page] : []
  })

/** The page has a swap or migration entry, or somebody who holds its page-table lock has just cleared its PTE to leave one. */
export function beingUnmapped(s: Setup, m: Machine, page: number): boolean {
  if (s.shape.clearedPte.length === 0) return false
  const kind = softKind(softAt(s.shape, m, page))
  if (kind === SOFT.swap || kind === SOFT.migration) return true
  const holder = get(m, s.shape.ptl, s.shape.path[page]?.at(-1) ?? 0)
  return holder > 0 && holder <= s.shape.clearedPte.length && get(m, s.shape.clearedPte, holder - 1) !== 0
}

/** folio_mark_lazyfree() mm/swap.c, and its reverse: folio_set_swapbacked(). */
export function setLazyfree(s: Shape, m: Machine, pfn: number, lazyfree: boolean): void {
  if (s.lazyfree.length > 0) set(m, s.lazyfree, pfn, lazyfree ? 1 : 0)
}

export const isLazyfree = (s: Shape, m: Machine, pfn: number): boolean =>
  s.lazyfree.length > 0 && get(m, s.lazyfree, pfn) === 1
