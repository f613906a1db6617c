import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { allocateFrame, hasFreeFrames } from '../machine/frames.ts'
import {
  mkPte,
  pteAt,
  pteMkdirty,
  ptePfn,
  ptePresent,
  pteWrite,
  setPte,
  setTableFrame,
  tableFrame,
} from '../machine/page-table.ts'
import { vmaReadable, vmaWritable } from '../machine/protection.ts'
import { isBeyondEnd } from '../machine/reverse-map.ts'
import { isPfnMapped, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import { hugePmdShare, ownerPlace } from '../machine/shared-tables.ts'
import { clearSoft, isHidden, SOFT, softAt, softPfn } from '../machine/soft-pte.ts'
import type { Condition, Footprint, Need, Part } from '../threads/footprint.ts'
import { LEVELS } from '../units.ts'
import { framesNeeded, takesFrames } from './frame-footprint.ts'
import { mapHugeFile, mapsHuge, pmdBlocks, writesHuge } from './huge-fault.ts'
import { ptlBlocked, ptlFree } from './mmap-lock.ts'
import { dropSoft, sharedInSwap, swapCacheFrame, takeFromSwapCache, waitsFor } from './swap-in.ts'

/*
 * handle_mm_fault(), mm/memory.c, for whoever faults: a CPU, or a device through the I/O page fault worker. Allocates what
 * tables are missing and a page, and sets the PTE; no notifier is told, for not-present entries are cached nowhere.
 *
 * Simplified: a read fault on anonymous memory gets the shared zero page only where the scenario has one; a write to a read-only VMA
 * is refused; one step under the page-table lock. A write to a page that is mapped read-only is that of cow.ts where pages may be shared.
 */

/** find_vma(): may this access be? Answers with the reason when not. */
export function refusal(s: Setup, m: Machine, page: number, write: boolean): string {
  if (get(m, s.shape.vma, page) === 0) return 'no VMA covers the address'
  if (isBeyondEnd(s.shape, m, page)) return 'the file ends before it'
  if (!vmaReadable(s, m, page)) return 'the VMA allows no access'
  if (write && !vmaWritable(s, m, page)) return 'the VMA is read-only'
  return ''
}

export const leafPlace = (s: Setup, page: number): number =>
  (s.shape.path[page] as readonly number[])[LEVELS.length - 1] as number

/** The page-table lock is free, and there are frames enough for the page and for the tables above it. */
export const faultReady = (s: Setup, m: Machine, page: number, write = true): boolean =>
  ptlFree(s, m, leafPlace(s, page)) &&
  waitsFor(s, m, page) === '' &&
  pmdBlocks(s, m, page) === '' &&
  hasFreeFrames(s, m, framesFor(s, m, page, write))

/** Why a fault on this page cannot be served now. */
export function faultBlocked(s: Setup, m: Machine, page: number): string {
  const place = leafPlace(s, page)
  if (!ptlFree(s, m, place)) return ptlBlocked(s, m, place)
  return waitsFor(s, m, page) || pmdBlocks(s, m, page) || 'no frame is free'
}

/** do_anonymous_page() of a read: the page was never written, nor is it in swap. */
const mapsZeroPage = (s: Setup, m: Machine, page: number, write: boolean): boolean =>
  s.zeroFrame >= 0 &&
  !write &&
  s.regions[s.regionOf[page] ?? 0]?.kind === 'anon' &&
  softAt(s.shape, m, page) === SOFT.none

/** How many frames a fault on this page takes: page tables that are missing, and the page itself unless it is there already. */
export function framesFor(s: Setup, m: Machine, page: number, write = true): number {
  if (ptePresent(pteAt(s.shape, m, page)) || isHidden(s.shape, m, page)) return 0
  const missing = (s.shape.path[page] as readonly number[]).filter(place => tableFrame(s.shape, m, place) < 0).length
  if (mapsHuge(s, m, page) !== undefined) return missing - 1
  if (mapsZeroPage(s, m, page, write)) return missing
  return missing + ((s.fileFrame[page] ?? -1) >= 0 || swapCacheFrame(s, m, page) >= 0 ? 0 : 1)
}

/**
 * do_anonymous_page(), or do_fault() for a page of the page cache. True when a page that was there may be written from here on:
 * ptep_set_access_flags() has raised its permission.
 */
export function handleMmFault(s: Setup, m: Machine, page: number, write: boolean, emit?: Emit): boolean {
  const pte = pteAt(s.shape, m, page)
  if (ptePresent(pte)) {
    return write && !writesHuge(s, m, page) && writeFault(s, m, page, emit)
  }
  if (isHidden(s.shape, m, page)) {
    doNumaPage(s, m, page, write, emit)
    return false
  }
  const huge = mapsHuge(s, m, page)
  allocateTables(s, m, page, emit, huge?.id)
  if (huge !== undefined) {
    mapHugeFile(s, m, huge, vmaWritable(s, m, page), emit)
    return false
  }
  if (mapsZeroPage(s, m, page, write)) {
    setPte(s.shape, m, page, mkPte(s.zeroFrame, false, false))
    emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(s.zeroFrame), writable: false })
    return false
  }
  const pfn = pageFrame(s, m, page, emit)
  const writable = vmaWritable(s, m, page) && !sharedInSwap(s, m, page, pfn)
  if (!isPfnMapped(s, page)) add(m, s.shape.mapcount, pfn, 1)
  setPte(s.shape, m, page, mkPte(pfn, writable, write))
  emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable })
  return false
}

/** pgd_offset() to pte_alloc(): page tables that are missing on the way to the page, but for that of the place `but`. */
export function allocateTables(s: Setup, m: Machine, page: number, emit?: Emit, but = -1): void {
  for (const [depth, place] of (s.shape.path[page] as readonly number[]).entries()) {
    if (tableFrame(s.shape, m, place) >= 0 || place === but || hugePmdShare(s.shape, m, place)) continue
    const table = allocateFrame(s, m, USE.table, ownerPlace(s.shape, place) + 1)
    setTableFrame(s.shape, m, place, table)
    emit?.({ type: 'table-allocated', level: LEVELS[depth] ?? 'PTE', pfn: toPfn(table), vpn: pageVpn(s, page) })
  }
}

/**
 * A write to a page that is there: do_wp_page() where nobody else has it, wp_page_reuse(), which makes the PTE writable in place. Otherwise somebody
 * else was faster, and there is only the write to note.
 */
function writeFault(s: Setup, m: Machine, page: number, emit?: Emit): boolean {
  const pte = pteAt(s.shape, m, page)
  const pfn = ptePfn(pte)
  const alone = get(m, s.shape.mapcount, pfn) <= 1 || (s.fileFrame[page] ?? -1) >= 0
  if (pteWrite(pte) || !alone || !vmaWritable(s, m, page)) {
    setPte(s.shape, m, page, pteMkdirty(pte))
    return false
  }
  setPte(s.shape, m, page, mkPte(pfn, true, true))
  emit?.({ type: 'pte-protected', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable: true })
  return true
}

/** do_numa_page(): the entry of a page that was hidden to see who uses it is put back. It counts as written before. */
function doNumaPage(s: Setup, m: Machine, page: number, write: boolean, emit?: Emit): void {
  const pfn = softPfn(softAt(s.shape, m, page))
  const writable = vmaWritable(s, m, page) && (write || get(m, s.shape.mapcount, pfn) <= 1)
  clearSoft(s.shape, m, page)
  setPte(s.shape, m, page, mkPte(pfn, writable, true))
  emit?.({ type: 'pte-set', vpn: pageVpn(s, page), pfn: toPfn(pfn), writable })
}

function pageFrame(s: Setup, m: Machine, page: number, emit?: Emit): number {
  const swapped = swapCacheFrame(s, m, page)
  if (swapped >= 0) {
    takeFromSwapCache(s, m, page, swapped)
    return swapped
  }
  dropSoft(s, m, page)
  const cached = s.fileFrame[page] ?? -1
  if (cached >= 0) {
    if (!isPfnMapped(s, page)) add(m, s.shape.refcount, cached, 1)
    return cached
  }
  const pfn = allocateFrame(s, m, USE.anon, page + 1)
  set(m, s.shape.mapcount, pfn, 0)
  emit?.({ type: 'page-allocated', pfn: toPfn(pfn), owner: 'app', order: 0 })
  return pfn
}

/** refusal() finds a VMA that allows it. */
export const allowed = (s: Setup, page: number, write: boolean): Condition => ({
  on: [s.resources.vma(page)],
  holds: m => refusal(s, m, page, write) === '',
})

/** What handle_mm_fault() waits for and touches. A fault on a page that is there already may come again and again. */
export function faultFootprint(s: Setup, page: number, write: boolean): Footprint {
  const { resources: r, shape } = s
  const path = shape.path[page] ?? []
  const leaf = leafPlace(s, page)
  const pte = [r.pte(page)]
  const absent: Condition = { on: pte, holds: m => !ptePresent(pteAt(shape, m, page)) }
  const needs: Need[] = [
    { on: [r.ptl(leaf)], holds: m => ptlFree(s, m, leaf) && pmdBlocks(s, m, page) === '', as: 'reads' },
    ...(shape.sizes.features.folios
      ? [{ on: pte, holds: (m: Machine) => waitsFor(s, m, page) === '', as: 'reads' } as const]
      : []),
    ...framesNeeded(s, m => framesFor(s, m, page, write), [...pte, ...path.map(r.table)]),
  ]
  const missing = path.map((place): Part => {
    const only: Condition = { on: [r.table(place)], holds: m => tableFrame(shape, m, place) < 0 }
    return { only, writes: only.on, now: m => absent.holds(m) && only.holds(m) }
  })
  const ofFile = (s.fileFrame[page] ?? -1) >= 0
  const touches: Part[] = [
    { reads: [r.vma(page)] },
    { only: absent, writes: pte },
    { ...takesFrames(s), now: absent.holds },
    { reads: path.map(r.table), now: absent.holds },
    ...missing,
    ...(write ? [ofFile ? { writes: pte } : { marks: pte }] : []),
  ]
  return { needs, touches, only: [allowed(s, page, write)], circles: m => !absent.holds(m) }
}
