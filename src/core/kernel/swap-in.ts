import { add, get, type Machine } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { folioLocked, swapUsers } from '../machine/folios.ts'
import { putPage } from '../machine/frames.ts'
import { pteAt, ptePresent } from '../machine/page-table.ts'
import type { Setup } from '../machine/setup.ts'
import { clearSoft, SOFT, softAt, softKind, softPfn } from '../machine/soft-pte.ts'

/*
 * Faults on entries that are not present and say why: do_swap_page(), migration_entry_wait() mm/memory.c, mm/migrate.c.
 * Simplified: who waits keeps the mmap lock, where the kernel drops it and comes back; a page in swap alone is read in one step.
 */

/** What a fault on the page waits for, in words; '' when nothing. */
export function waitsFor(s: Setup, m: Machine, page: number): string {
  const soft = softAt(s.shape, m, page)
  if (softKind(soft) === SOFT.migration) return 'the page is being migrated'
  const cached = s.fileFrame[page] ?? -1
  const locked = folioLocked(s, m, swapCacheFrame(s, m, page)) || folioLocked(s, m, cached)
  return locked && !ptePresent(pteAt(s.shape, m, page)) ? 'the page is locked: it is being reclaimed' : ''
}

/** The frame in which the swap cache still has the page, or -1. */
export function swapCacheFrame(s: Setup, m: Machine, page: number): number {
  const soft = softAt(s.shape, m, page)
  return softKind(soft) === SOFT.swap ? softPfn(soft) : -1
}

/** The mapping gets a reference; with the last swap entry the page leaves the swap cache, which had one. */
export function takeFromSwapCache(s: Setup, m: Machine, page: number, pfn: number): void {
  clearSoft(s.shape, m, page)
  if (swapUsers(s, m, pfn).length > 0) add(m, s.shape.refcount, pfn, 1)
}

/** Others map the anonymous page, or have a swap entry for it: it may not be written through this mapping. */
export const sharedInSwap = (s: Setup, m: Machine, page: number, pfn: number): boolean =>
  s.shape.sizes.features.folios &&
  (s.fileFrame[page] ?? -1) < 0 &&
  (get(m, s.shape.mapcount, pfn) > 0 || swapUsers(s, m, pfn).length > 0)

/**
 * A page's swap entry goes: free_swap_and_cache() mm/swapfile.c. With the last one, a folio that nobody has locked leaves the swap
 * cache; a locked one is left to whoever has locked it. Migration entries only name their folio.
 */
export function dropSoft(s: Setup, m: Machine, page: number, emit?: Emit): void {
  const soft = softAt(s.shape, m, page)
  const kind = softKind(soft)
  if (kind !== SOFT.swap && kind !== SOFT.migration) return
  clearSoft(s.shape, m, page)
  if (kind === SOFT.migration) return
  const pfn = softPfn(soft)
  if (pfn >= 0 && !folioLocked(s, m, pfn) && swapUsers(s, m, pfn).length === 0) putPage(s, m, pfn, emit)
}
