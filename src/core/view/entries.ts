import { get, type Machine } from '../machine/cells.ts'
import { pteAt, ptePfn, ptePresent, tableFrame } from '../machine/page-table.ts'
import { pageLabel, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import { LEAF_READ, type WalkColumns, type WalkerColumns } from '../machine/shape.ts'
import {
  entriesOf,
  tlbEnd,
  tlbFirst,
  tlbPfn,
  tlbPfnFor,
  tlbPlace,
  tlbWritable,
  walkEntryPfn,
  walkEntryPlace,
} from '../machine/tlb.ts'
import { indexAt, LEVELS, type Level } from '../units.ts'
import type { EntryState, TlbEntryView, WalkEntryView, WalkView } from './world.ts'

/** What a TLB holds, each entry held against the page table as it is now. */
export function tlbViews(s: Setup, m: Machine, w: WalkerColumns): TlbEntryView[] {
  return entriesOf(m, w.tlb).map(entry => {
    const page = tlbFirst(s, entry)
    const pfn = tlbPfn(s, entry)
    const huge = tlbPlace(s, entry) >= 0
    return {
      vpn: pageVpn(s, page),
      label: huge ? hugeLabel(s, page, tlbEnd(s, entry)) : pageLabel(s, page),
      pfn: toPfn(pfn),
      writable: tlbWritable(entry),
      state: worst(pagesFrom(page, tlbEnd(s, entry)).map(p => leafState(s, m, p, tlbPfnFor(s, entry, p)))),
    }
  })
}

const pagesFrom = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, i) => first + i)

const worst = (states: readonly EntryState[]): EntryState =>
  (['damaging', 'stale'] as const).find(state => states.includes(state)) ?? 'live'

/** `buf[0..3] 2M`: pages that one entry maps. */
export function hugeLabel(s: Setup, first: number, end: number): string {
  const name = pageLabel(s, first)
  return end - first === 1 ? `${name} 2M` : `${name.slice(0, -1)}..${pageLabel(s, end - 1).split('[')[1] ?? ''} 2M`
}

/** A translation of the page that names the frame, held against the page table and the owner of the frame. */
export function leafState(s: Setup, m: Machine, page: number, pfn: number): EntryState {
  const pte = pteAt(s.shape, m, page)
  if (ptePresent(pte) && ptePfn(pte) === pfn) return 'live'
  const use = get(m, s.shape.use, pfn)
  const ours = (use === USE.anon || use === USE.file) && get(m, s.shape.purpose, pfn) === page + 1
  return ours ? 'stale' : 'damaging'
}

/** What a walk cache holds, in words. */
export function walkCacheViews(s: Setup, m: Machine, w: WalkerColumns): WalkEntryView[] {
  return entriesOf(m, w.walkCache).map(entry => {
    const id = walkEntryPlace(s, entry)
    const pfn = walkEntryPfn(s, entry)
    const place = s.shape.places[id]
    const level = place?.level ?? 'PTE'
    const above = LEVELS[LEVELS.indexOf(level) - 1] ?? 'PGD'
    return {
      level,
      index: place === undefined ? 0 : indexAt(above, place.base),
      table: toPfn(pfn),
      state: tableState(s, m, id, pfn),
    }
  })
}

function tableState(s: Setup, m: Machine, place: number, pfn: number): EntryState {
  if (tableFrame(s.shape, m, place) === pfn) return 'live'
  return get(m, s.shape.use, pfn) === USE.table && get(m, s.shape.purpose, pfn) === place + 1 ? 'stale' : 'damaging'
}

/** A walk under way, in words; null when there is none. */
export function walkView(s: Setup, m: Machine, walk: WalkColumns, page: number, write: boolean): WalkView | null {
  const stage = get(m, walk.stage, 0)
  if (stage < 1 || stage > LEAF_READ) return null
  return {
    vpn: pageVpn(s, page),
    label: pageLabel(s, page),
    write,
    level: (LEVELS[Math.min(stage, LEVELS.length) - 1] ?? 'PTE') as Level,
    table: toPfn(get(m, walk.frame, 0)),
  }
}

/** Pages that a device still reaches though the page table no longer maps them so: open exposure. */
export const exposedPages = (s: Setup, m: Machine): number =>
  tlbViews(s, m, s.shape.iommu).filter(e => e.state !== 'live').length +
  walkCacheViews(s, m, s.shape.iommu).filter(e => e.state !== 'live').length
