import { assert, known } from '../base/assert.ts'
import { ROOT } from '../device/device.ts'
import { setYoung } from '../machine/accessed.ts'
import { add, type Machine, newMachine, set } from '../machine/cells.ts'
import { setLazyfree } from '../machine/folios.ts'
import { mkHugePmd, ptePlaceOf, setDeposit, setHugePmd } from '../machine/huge-page.ts'
import {
  mkPte,
  pteAt,
  pteDirty,
  ptePfn,
  ptePresent,
  pteWrite,
  setTableFrame,
  tableFrame,
} from '../machine/page-table.ts'
import { setLinked } from '../machine/reverse-map.ts'
import { type Setup, USE } from '../machine/setup.ts'
import type { TablePlace } from '../machine/shape.ts'
import { ownerPage, sharers } from '../machine/shared-tables.ts'
import { LEVELS, type Level, type Vpn } from '../units.ts'
import type { AddressSpace } from './address-space.ts'
import type { Region } from './scenario.ts'

/** What a recorded machine may have had besides, and a scenario cannot say. */
export interface Circumstances {
  /** Page tables that exist though nothing is mapped under them. */
  readonly emptyTables: readonly { readonly level: Level; readonly vpn: Vpn }[]
  /** Present entries that are not as those of a mapping just made. */
  readonly entries: readonly { readonly vpn: Vpn; readonly writable: boolean; readonly dirty: boolean }[]
  /** Pages that MADV_FREE has made free to drop. */
  readonly lazilyFreed: readonly Vpn[]
  /** Reclaim had put a flush of the first mm off, and nobody has come to its PTEs since: mm->tlb_flush_batched. */
  readonly flushPutOff: boolean
}

export const NOTHING_BESIDES: Circumstances = { emptyTables: [], entries: [], lazilyFreed: [], flushPutOff: false }

/** Frames the kernel keeps for itself; the first is the one that forged PTEs name. */
const RESERVED = 1

/** Deals frames out, lowest first, as the run is set up. */
export class FramePlan {
  private next = RESERVED
  private readonly frames: number

  constructor(frames: number) {
    this.frames = frames
  }

  take(): number {
    const pfn = this.next++
    assert(pfn < this.frames, `${this.frames} frames are too few`)
    return pfn
  }

  /** Frames not dealt out, highest first, so that the lowest is handed out first. */
  rest(): number[] {
    const rest: number[] = []
    for (let pfn = this.frames - 1; pfn >= this.next; pfn--) rest.push(pfn)
    return rest
  }
}

/** The state a run starts from: VMAs, page tables and pages as the scenario has them, everything else idle. */
export function initialMachine(s: Setup, space: AddressSpace, frames: FramePlan, besides: Circumstances): Machine {
  const { shape } = s
  const m = newMachine(shape.words)
  const claim = (pfn: number, use: number, purpose: number, references: number): void => {
    set(m, shape.use, pfn, use)
    set(m, shape.purpose, pfn, purpose)
    set(m, shape.refcount, pfn, references)
  }
  claim(0, USE.reserved, 0, 1)
  if (s.zeroFrame >= 0) claim(s.zeroFrame, USE.reserved, 0, 1)
  for (const [page, pfn] of s.fileFrame.entries()) if (pfn >= 0) claim(pfn, USE.file, page + 1, 1)

  for (const [i, region] of space.regions.entries()) {
    if (region.unmapped === true || region.kind === 'kernel') continue
    const { first, end } = known(space.facts[i], 'region')
    for (let page = first; page < end; page++) set(m, shape.vma, page, i + 1)
    setLinked(shape, m, first, end, true)
  }
  const mapped = space.regions.flatMap((region, i) =>
    (region.huge === true ? [] : presentPages(region)).map(page => known(space.facts[i], 'region').first + page),
  )
  const huge = space.regions.flatMap((region, i) =>
    region.huge === true ? [ptePlaceOf(shape, known(space.facts[i], 'region').first)] : [],
  )
  for (const place of placesToFill(s, mapped, huge, besides)) {
    const sharer = sharers(shape, place).find(other => tableFrame(shape, m, other) >= 0)
    if (sharer !== undefined) {
      setTableFrame(shape, m, place, tableFrame(shape, m, sharer))
      continue
    }
    const pfn = frames.take()
    claim(pfn, USE.table, place + 1, 1)
    set(m, shape.table, place, pfn + 1)
  }
  for (const page of mapped) {
    const region = known(space.regions[space.regionOf[page] ?? 0], 'region')
    const { first, writable } = known(space.facts[space.regionOf[page] ?? 0], 'region')
    if (ownerPage(shape, page) !== page) continue
    const cached = s.fileFrame[page] ?? -1
    const pin = region.pinned?.includes(page - first) === true ? 1 : 0
    const original = originOf(space, page)
    if (original !== undefined && ptePresent(pteAt(shape, m, original))) {
      share(s, m, page, original, pin)
      continue
    }
    const pfn = cached >= 0 ? cached : frames.take()
    const mapping = region.kind === 'pfnmap' ? 0 : 1
    claim(
      pfn,
      region.kind === 'kernel' ? USE.reserved : cached >= 0 ? USE.file : USE.anon,
      page + 1,
      mapping + (cached >= 0 ? 1 : 0) + pin,
    )
    set(m, shape.mapcount, pfn, mapping)
    set(m, shape.pte, page, mkPte(pfn, writable, writable))
  }
  for (const { vpn, writable, dirty } of besides.entries) {
    const page = s.vpns.indexOf(vpn)
    const pte = page < 0 ? 0 : pteAt(shape, m, page)
    if (ptePresent(pte)) set(m, shape.pte, page, mkPte(ptePfn(pte), writable, dirty))
  }
  if (besides.flushPutOff) set(m, shape.batchPending, 0, 1)
  for (const vpn of besides.lazilyFreed) setLazyfree(shape, m, ptePfn(pteAt(shape, m, s.vpns.indexOf(vpn))), true)
  for (const page of mapped) setYoung(shape, m, ownerPage(shape, page), true)
  for (const place of huge) mapHugeAtStart(s, m, place, frames)
  for (const [i, region] of space.regions.entries()) {
    if (region.uncounted !== true) continue
    const { first, end } = known(space.facts[i], 'region')
    for (const pfn of s.fileFrame.slice(first, end)) set(m, shape.refcount, pfn, 0)
  }
  const free = frames.rest()
  for (const [i, pfn] of free.entries()) set(m, shape.freeList, i, pfn)
  set(m, shape.freeCount, 0, free.length)
  set(m, shape.iommu.root, 0, s.bound ? ROOT.real : ROOT.none)
  return m
}

/** The page that shares its frame with this one, where a region was written to share another's pages. */
function originOf({ regions, facts, regionOf }: AddressSpace, page: number): number | undefined {
  const i = regionOf[page] ?? 0
  const shares = regions[i]?.sharesWith
  const theirs = facts[regions.findIndex(r => r.name === shares)]?.first
  return shares === undefined || theirs === undefined ? undefined : theirs + page - (facts[i]?.first ?? 0)
}

/** Maps the frame of `original` at `page` too. Anonymous pages are write-protected in both, as fork() leaves them. */
function share(s: Setup, m: Machine, page: number, original: number, pin: number): void {
  const { shape } = s
  const pte = pteAt(shape, m, original)
  const pfn = ptePfn(pte)
  const file = (s.fileFrame[page] ?? -1) >= 0
  const writable = file && pteWrite(pte)
  if (!file) set(m, shape.pte, original, mkPte(pfn, false, pteDirty(pte)))
  set(m, shape.pte, page, mkPte(pfn, writable, pteDirty(pte)))
  add(m, shape.mapcount, pfn, 1)
  add(m, shape.refcount, pfn, 1 + pin)
}

/** A huge page, mapped by one entry: frames in a row, and for anonymous memory the table that is kept for a split. */
function mapHugeAtStart(s: Setup, m: Machine, place: TablePlace, frames: FramePlan): void {
  const { shape } = s
  const { firstPage, endPage } = place
  const { writable } = known(s.regions[s.regionOf[firstPage] ?? 0], 'region')
  const claim = (pfn: number, use: number, purpose: number, references: number): void => {
    set(m, shape.use, pfn, use)
    set(m, shape.purpose, pfn, purpose)
    set(m, shape.refcount, pfn, references)
  }
  const file = (s.fileFrame[firstPage] ?? -1) >= 0
  const pfns = Array.from({ length: endPage - firstPage }, (_, i) =>
    file ? (s.fileFrame[firstPage + i] ?? 0) : frames.take(),
  )
  for (const [i, pfn] of pfns.entries()) {
    claim(pfn, file ? USE.file : USE.anon, firstPage + i + 1, file ? 2 : 1)
    set(m, shape.mapcount, pfn, 1)
  }
  setHugePmd(shape, m, place.id, mkHugePmd(pfns[0] ?? 0, writable, writable))
  if (file) return
  const kept = frames.take()
  claim(kept, USE.table, place.id + 1, 1)
  setDeposit(shape, m, place.id, kept)
}

/** Page tables there are at the start: the PGD, those over mapped pages, and those that are empty. Root first. */
function placesToFill(
  s: Setup,
  mapped: readonly number[],
  huge: readonly TablePlace[],
  besides: Circumstances,
): Set<number> {
  const { path } = s.shape
  const places = new Set<number>(s.mms.map(mm => mm.root))
  for (const page of mapped) for (const place of known(path[page], 'path')) places.add(place)
  for (const place of huge) for (const above of known(path[place.firstPage], 'path').slice(0, -1)) places.add(above)
  // Where a child has the same addresses, the app's are meant: they come first.
  const pageOf = new Map<number, number>()
  for (const [page, vpn] of s.vpns.entries()) if (!pageOf.has(vpn)) pageOf.set(vpn, page)
  for (const { level, vpn } of besides.emptyTables) {
    const page = pageOf.get(vpn)
    if (page === undefined) continue
    for (const place of known(path[page], 'path').slice(0, LEVELS.indexOf(level) + 1)) places.add(place)
  }
  return places
}

function presentPages(region: Region): readonly number[] {
  if (region.unmapped === true || region.present === 'none') return []
  if (region.present === 'all') return Array.from({ length: region.pages }, (_, i) => i)
  return [...region.present].sort((a, b) => a - b)
}
