import { add, get, type Machine, set } from '../machine/cells.ts'
import { folioLocked } from '../machine/folios.ts'
import { pteAt, ptePfn, ptePresent } from '../machine/page-table.ts'
import { type Setup, USE } from '../machine/setup.ts'

/** folio_trylock() and folio_isolate_lru() of the page at this address. False when there is none to be had. */
export function isolate(s: Setup, m: Machine, cpu: number, page: number): boolean {
  const pte = pteAt(s.shape, m, page)
  if (!ptePresent(pte)) return false
  const pfn = ptePfn(pte)
  const use = get(m, s.shape.use, pfn)
  if ((use !== USE.anon && use !== USE.file) || folioLocked(s, m, pfn)) return false
  set(m, s.shape.folioLock, pfn, cpu + 1)
  set(m, s.shape.folio, cpu, pfn + 1)
  add(m, s.shape.refcount, pfn, 1)
  return true
}
