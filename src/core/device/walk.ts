import { setYoung } from '../machine/accessed.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { noteFill, noteWalk, noteWalkWrite } from '../machine/damage.ts'
import type { Emit, Translator } from '../machine/event.ts'
import { hugeLeaf, hugePmdAt, pmdMkdirty, ptePlaceOf, setHugePmd } from '../machine/huge-page.ts'
import {
  pteInTable,
  pteMkdirty,
  ptePresent,
  readEntry,
  setPte,
  type TableRead,
  tableFrame,
} from '../machine/page-table.ts'
import { isKernelPage, pageVpn, type Setup, toPfn, USE } from '../machine/setup.ts'
import { LEAF_READ, type WalkColumns, type WalkerColumns } from '../machine/shape.ts'
import { tlbFill, tlbFillHuge, walkCacheFill, walkCacheLookup } from '../machine/tlb.ts'
import { leafCached, leafRead } from '../machine/tlb-denials.ts'
import { LEVELS, type Level } from '../units.ts'

/*
 * A hardware page walk, one level a step, by a CPU or by the IOMMU for a device. It reads what memory holds at that moment
 * and takes no lock. What it uses it marks Accessed, and for a write Dirty, with the read in one locked operation: also in a frame that is no
 * page table any more. Accessed is kept where it is among the accounts (machine/accessed.ts).
 */

const LEAF_DEPTH = LEVELS.length - 1

/** Starts at the deepest table that the walk cache names, else at `root`. */
export function startWalk(
  s: Setup,
  m: Machine,
  by: Translator,
  w: WalkerColumns,
  walk: WalkColumns,
  page: number,
  root: number,
  emit?: Emit,
): void {
  const path = s.shape.path[page] as readonly number[]
  let depth = 0
  let frame = root
  for (let d = LEAF_DEPTH; d > 0; d--) {
    const cached = walkCacheLookup(s, m, w, path[d] as number)
    if (cached >= 0) {
      depth = d
      frame = cached
      break
    }
  }
  set(m, walk.stage, 0, depth + 1)
  set(m, walk.frame, 0, frame)
  emit?.({
    type: 'walk-started',
    by,
    vpn: pageVpn(s, page),
    level: LEVELS[depth] as Level,
    table: toPfn(frame),
    fromCache: depth > 0,
  })
}

/**
 * Reads one entry. Goes one level down, or stops at the leaf with the page found, or answers 'fault' when the entry is not
 * present or forbids the access; the walk is over then.
 */
export function walkStep(
  s: Setup,
  m: Machine,
  by: Translator,
  w: WalkerColumns,
  walk: WalkColumns,
  page: number,
  write: boolean,
  emit?: Emit,
): 'going' | 'fault' {
  const depth = get(m, walk.stage, 0) - 1
  const frame = get(m, walk.frame, 0)
  const entry = readTable(s, m, frame, page, depth)
  const level = LEVELS[depth] as Level
  const found = entry.frame
  const writable = entry.writable
  emit?.({
    type: 'walk-read',
    by,
    vpn: pageVpn(s, page),
    level,
    table: toPfn(frame),
    found: found < 0 ? null : toPfn(found),
  })
  if (!entry.lawful) noteWalk(s, m, by, page, frame, emit)
  const leaf = depth === LEAF_DEPTH || entry.huge
  const denied = leaf && entry.lawful && isKernelPage(s, page)
  if (found < 0 || denied || (leaf && write && !writable)) {
    endWalk(m, walk)
    return 'fault'
  }
  if (!entry.lawful) noteWalkWrite(s, m, by, page, frame, leaf && write, emit)
  if (leaf) {
    if (entry.lawful && !entry.huge) setYoung(s.shape, m, entry.page, true)
    if (write && entry.lawful) markDirty(s, m, entry.page, entry.huge)
    set(m, walk.stage, 0, LEAF_READ)
    set(m, walk.writable, 0, write && writable ? 1 : 0)
    leafRead(s, m, walk, writable)
    if (entry.huge) set(m, walk.huge, 0, ptePlaceOf(s.shape, page).id + 1)
  } else {
    const place = (s.shape.path[page] as readonly number[])[depth + 1] as number
    walkCacheFill(s, m, w, place, found)
    emit?.({
      type: 'walk-cache-filled',
      by,
      vpn: pageVpn(s, page),
      level: LEVELS[depth + 1] as Level,
      table: toPfn(found),
    })
    set(m, walk.stage, 0, depth + 2)
  }
  set(m, walk.frame, 0, found)
  return 'going'
}

/**
 * What the walker finds in `frame`. A walk cache that was not flushed when a PASID went to another may name a table of its last owner:
 * there the walker reads the entry of that one's page. Unlawful, whatever it is.
 */
function readTable(s: Setup, m: Machine, frame: number, page: number, depth: number): TableRead {
  const expected = (s.shape.path[page] as readonly number[])[depth] as number
  const found = get(m, s.shape.use, frame) === USE.table ? get(m, s.shape.purpose, frame) - 1 : expected
  if (found === expected || s.placeTagOf.length === 0 || s.placeTagOf[found] !== s.placeTagOf[expected])
    return readEntry(s.shape, m, frame, page, depth, s.forgedTarget)
  const theirs = s.tagOf.findIndex((tag, p) => tag === s.tagOf[page] && s.shape.path[p]?.[depth] === found)
  if (theirs < 0) return { lawful: false, frame: -1, writable: false, page, huge: false }
  return { ...readEntry(s.shape, m, frame, theirs, depth, s.forgedTarget), lawful: false }
}

/** The walker puts what it found into the TLB: a step of its own, because an invalidate can come before it. */
export function fillStep(
  s: Setup,
  m: Machine,
  by: Translator,
  w: WalkerColumns,
  walk: WalkColumns,
  page: number,
  emit?: Emit,
): void {
  const pfn = get(m, walk.frame, 0)
  const writable = get(m, walk.writable, 0) === 1
  const place = hugeLeaf(m, walk)
  if (place < 0) tlbFill(s, m, w, page, pfn, writable)
  else tlbFillHuge(s, m, w, place, pfn, writable)
  emit?.({ type: 'tlb-filled', by, vpn: pageVpn(s, page), pfn: toPfn(pfn), writable })
  leafCached(s, m, walk, page)
  noteFill(s, m, by, emit)
  endWalk(m, walk)
}

/** The walk is over: nothing of it is kept. */
export function endWalk(m: Machine, walk: WalkColumns): void {
  set(m, walk.stage, 0, 0)
  set(m, walk.frame, 0, 0)
  set(m, walk.writable, 0, 0)
  if (walk.huge.length > 0) set(m, walk.huge, 0, 0)
}

function markDirty(s: Setup, m: Machine, page: number, huge: boolean): void {
  const { shape } = s
  if (huge) {
    const { id } = ptePlaceOf(shape, page)
    setHugePmd(shape, m, id, pmdMkdirty(hugePmdAt(shape, m, id)))
    return
  }
  const pte = pteInTable(shape, m, page)
  if (ptePresent(pte)) setPte(shape, m, page, pteMkdirty(pte))
}

/** mm->pgd */
export const pgdFrame = (s: Setup, m: Machine, mm = 0): number => tableFrame(s.shape, m, s.mms[mm]?.root ?? 0)
