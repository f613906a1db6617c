import { APP_MM } from '../kernel/mmap-lock.ts'
import { holderName } from '../kernel/task.ts'
import { keepsAccessed, pteYoung } from '../machine/accessed.ts'
import { get, type Machine } from '../machine/cells.ts'
import {
  depositAt,
  detachedAt,
  hugePmdAt,
  pmdDirty,
  pmdPfn,
  pmdPresent,
  pmdWrite,
  ptePlaceOf,
} from '../machine/huge-page.ts'
import { pteAt, pteDirty, pteInTable, ptePfn, ptePresent, pteWrite, tableFrame } from '../machine/page-table.ts'
import { pageLabel, pageVpn, rangeOf, type Setup, toPfn, USE } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { sharers } from '../machine/shared-tables.ts'
import { softAt, softKind } from '../machine/soft-pte.ts'
import { batchPending } from '../machine/tlb-batch.ts'
import { asVpn, indexAt, LEVELS } from '../units.ts'
import { hugeLabel } from './entries.ts'
import type { MmView, PageView, TableEntryView, TableView, VmaView } from './world.ts'

/** The address space: VMAs, pages, page tables and who holds its locks. */
export function mmView(s: Setup, m: Machine): MmView {
  return {
    name: 'mm_struct of app',
    mmapLock: mmapLock(s, m),
    vmas: vmas(s, m),
    pages: pages(s, m),
    tables: tables(s, m),
    ...(s.shape.sizes.features.batchedFlush ? { flushesPutOff: batchPending(s, m, APP_MM) } : {}),
  }
}

function mmapLock(s: Setup, m: Machine): string {
  const writer = get(m, s.shape.mmapWriter, 0)
  if (writer !== 0) return `writer ${holderName(s, writer)}`
  const readers = get(m, s.shape.mmapReaders, 0)
  return readers === 0 ? 'free' : `${readers} ${readers === 1 ? 'reader' : 'readers'}`
}

function vmas(s: Setup, m: Machine): VmaView[] {
  return s.regions.map((region, id) => ({
    id,
    label: region.name,
    range: rangeOf(s, region.first, region.end),
    kind: region.kind,
    protection: region.writable ? 'rw-' : 'r--',
    mapped: Array.from({ length: region.end - region.first }, (_, i) => region.first + i).some(page =>
      region.kind === 'kernel' ? ptePresent(pteAt(s.shape, m, page)) : get(m, s.shape.vma, page) === id + 1,
    ),
  }))
}

/** By page: a frame that was this page's and is not freed yet. */
function unmappedFrames(s: Setup, m: Machine): Map<number, number> {
  const found = new Map<number, number>()
  for (let pfn = 0; pfn < s.shape.sizes.frames; pfn++) {
    const use = get(m, s.shape.use, pfn)
    if ((use === USE.anon || use === USE.file) && get(m, s.shape.mapcount, pfn) === 0)
      found.set(get(m, s.shape.purpose, pfn) - 1, pfn)
  }
  return found
}

/** The PTE of the page in a table that was taken out of the tree with its PTEs in it, or 0. */
function pteInDetached(s: Setup, m: Machine, page: number): number {
  const { id } = ptePlaceOf(s.shape, page)
  return detachedAt(s.shape, m, id) < 0 || hugePmdAt(s.shape, m, id) !== 0 ? 0 : pteInTable(s.shape, m, page)
}

const SOFT_NAMES = [undefined, 'swap entry', 'migration entry', 'PROT_NONE'] as const

function pages(s: Setup, m: Machine): PageView[] {
  const waiting = unmappedFrames(s, m)
  return s.vpns.map((vpn, page) => {
    const pte = pteAt(s.shape, m, page)
    const soft = SOFT_NAMES[softKind(softAt(s.shape, m, page))]
    const base = { vpn, label: pageLabel(s, page), ...ofMm(mmOfPage(s, page)), ...(soft === undefined ? {} : { soft }) }
    if (ptePresent(pte)) return { ...base, state: 'mapped', pfn: toPfn(ptePfn(pte)), writable: pteWrite(pte) }
    const pfn = waiting.get(page)
    const out = pteInDetached(s, m, page)
    if (ptePresent(out)) return { ...base, state: 'unmapped', pfn: toPfn(ptePfn(out)), writable: false }
    if (pfn !== undefined && s.fileFrame[page] !== pfn)
      return { ...base, state: 'unmapped', pfn: toPfn(pfn), writable: false }
    return { ...base, state: get(m, s.shape.vma, page) === 0 ? 'freed' : 'untouched', pfn: null, writable: false }
  })
}

const mmOfPage = (s: Setup, page: number): number => s.mms.findIndex(mm => page < mm.end)
/** The app's is not written down. */
const ofMm = (mm: number): { readonly mm?: number } => (mm > 0 ? { mm } : {})

function tables(s: Setup, m: Machine): TableView[] {
  const views = s.shape.places.flatMap(place => {
    const pfn = tableFrame(s.shape, m, place.id)
    return pfn < 0 ? [] : [tableView(s, m, place, pfn, 'linked')]
  })
  for (let pfn = 0; pfn < s.shape.sizes.frames; pfn++) {
    if (get(m, s.shape.use, pfn) !== USE.table) continue
    const place = s.shape.places[get(m, s.shape.purpose, pfn) - 1]
    if (place === undefined || sharers(s.shape, place.id).some(other => tableFrame(s.shape, m, other) === pfn)) continue
    if (tableFrame(s.shape, m, place.id) !== pfn)
      views.push(tableView(s, m, place, pfn, depositAt(s.shape, m, place.id) === pfn ? 'deposited' : 'unlinked'))
  }
  return views
}

function tableView(s: Setup, m: Machine, place: TablePlace, pfn: number, state: TableView['state']): TableView {
  const holder = get(m, s.shape.ptl, place.id)
  return {
    level: place.level,
    pfn: toPfn(pfn),
    base: place.base,
    ...ofMm(mmOfPage(s, place.firstPage)),
    state,
    lockedBy: holder === 0 ? '' : holderName(s, holder),
    entries: place.level === 'PTE' ? leafEntries(s, m, place, pfn, state) : childEntries(s, m, place, state),
  }
}

function leafEntries(
  s: Setup,
  m: Machine,
  place: TablePlace,
  pfn: number,
  state: TableView['state'],
): TableEntryView[] {
  const entries: TableEntryView[] = []
  for (let page = place.firstPage; page < place.endPage; page++) {
    const filled = state === 'linked' || detachedAt(s.shape, m, place.id) === pfn
    const pte = filled ? pteInTable(s.shape, m, page) : 0
    const vpn = pageVpn(s, page)
    entries.push({
      index: indexAt('PTE', vpn),
      label: pageLabel(s, page),
      vpn,
      pfn: ptePresent(pte) ? toPfn(ptePfn(pte)) : null,
      writable: pteWrite(pte),
      dirty: pteDirty(pte),
      ...(keepsAccessed(s.shape) && ptePresent(pte) ? { accessed: pteYoung(s.shape, m, page) } : {}),
    })
  }
  return entries
}

function childEntries(s: Setup, m: Machine, place: TablePlace, state: TableView['state']): TableEntryView[] {
  return s.shape.places
    .filter(child => child.parent === place.id)
    .map(child => {
      const pmd = state === 'linked' ? hugePmdAt(s.shape, m, child.id) : 0
      if (pmd !== 0) return hugeEntry(s, child, pmd)
      const pfn = state === 'linked' ? tableFrame(s.shape, m, child.id) : -1
      return {
        index: indexAt(place.level, child.base),
        label: `${LEVELS[LEVELS.indexOf(place.level) + 1] ?? ''} table`,
        vpn: asVpn(child.base),
        pfn: pfn < 0 ? null : toPfn(pfn),
        writable: true,
        dirty: false,
      }
    })
}

/** An entry of a PMD table that maps memory. While a split has it marked invalid it names nothing for hardware. */
const hugeEntry = (s: Setup, { base, firstPage, endPage }: TablePlace, pmd: number): TableEntryView => ({
  index: indexAt('PMD', base),
  label: `${hugeLabel(s, firstPage, endPage)}${pmdPresent(pmd) ? '' : ', not present'}`,
  vpn: asVpn(base),
  pfn: pmdPresent(pmd) ? toPfn(pmdPfn(pmd)) : null,
  writable: pmdWrite(pmd),
  dirty: pmdDirty(pmd),
  huge: true,
})
