import { keepsAccessed, SCRIBBLED, scribble } from './accessed.ts'
import { atcHolds } from './ats.ts'
import { get, type Machine, set } from './cells.ts'
import { isTakenForClean } from './clean-pages.ts'
import { contentsTaken } from './contents.ts'
import type { Emit, Translator } from './event.ts'
import { FIRST_FURTHER_DAMAGE, FIRST_LATER_DAMAGE } from './further-damage.ts'
import { hugeLeaf } from './huge-page.ts'
import { isAway } from './loaded-mm.ts'
import { observe } from './observations.ts'
import { pteAt, pteDirty, ptePfn, ptePresent } from './page-table.ts'
import { hasPasids, mmOfPage } from './pasids.ts'
import { isRevoked } from './promises.ts'
import { isZeroFrame, pageLabel, pageVpn, type Setup, toPfn, USE } from './setup.ts'
import { LEAF_READ, type WalkColumns } from './shape.ts'
import { type Holds, holdsFrame, mixedSizes } from './tlb.ts'

/** Rules whose breach is an event: it is kept in the state, so that a property need look at one state only. */
export const DAMAGE = {
  usedAfterFree: 1,
  walkedAfterFree: 2,
  freedTooEarly: 4,
  rangeNotCovered: 8,
  pairingBroken: 16,
  usedAfterPromise: 32,
  lostWrite: 64,
  seenOutOfOrder: 128,
  sleptInAtomic: 256,
  unsoundEntry: 512,
  softwareWalk: 1024,
  mixedSizes: 2048,
  usedAfterItsEnd: 4096,
  generationSkipped: 8192,
} as const

/** Kinds that every machine has a bit for. */
const BASE = 2 ** FIRST_FURTHER_DAMAGE - 1

/** All damage of a state, as bits of DAMAGE. */
export function damageOf(s: Setup, m: Machine): number {
  const { damage, furtherDamage, laterDamage } = s.shape
  const base = get(m, damage, 0)
  const further = furtherDamage.length === 0 ? base : base | (get(m, furtherDamage, 0) << FIRST_FURTHER_DAMAGE)
  return laterDamage.length === 0 ? further : further | (get(m, laterDamage, 0) << FIRST_LATER_DAMAGE)
}

const setDamage = (s: Setup, m: Machine, bits: number): void => {
  set(m, s.shape.damage, 0, bits & BASE)
  if (s.shape.furtherDamage.length > 0) set(m, s.shape.furtherDamage, 0, bits >>> FIRST_FURTHER_DAMAGE)
  if (s.shape.laterDamage.length > 0) set(m, s.shape.laterDamage, 0, bits >>> FIRST_LATER_DAMAGE)
}

export const noteDamage = (s: Setup, m: Machine, bit: number): void => setDamage(s, m, damageOf(s, m) | bit)

/** Forgets all harm but these kinds. */
export function keepDamage(s: Setup, m: Machine, bits: number): void {
  const damage = damageOf(s, m)
  if ((damage & ~bits) !== 0) setDamage(s, m, damage & bits)
}

/** Who owns a frame, in words. */
export function ownerName(s: Setup, m: Machine, pfn: number): string {
  switch (get(m, s.shape.use, pfn)) {
    case USE.free:
      return 'nobody'
    case USE.other:
      return 'other'
    case USE.reserved:
      return 'the kernel'
    case USE.file:
      return 'the page cache'
    default:
      return 'app'
  }
}

/**
 * I1. An access through a leaf entry is lawful while the frame is still that page's: mapped, or unmapped and not yet freed. I6: and
 * as long as nobody was promised that it is over. I7: whoever knows of a write does not read what was there before it. I8: a write to bytes that were taken already is lost, and so is one that
 * leaves Dirty clear on a page that may be dropped while it is.
 */
export function noteAccess(
  s: Setup,
  m: Machine,
  by: Translator,
  page: number,
  pfn: number,
  write: boolean,
  writer: number,
  emit?: Emit,
): void {
  const use = get(m, s.shape.use, pfn)
  const lawful = isZeroFrame(s, pfn) ? !write : (use === USE.anon || use === USE.file) && isOf(s, m, pfn, page)
  if (!lawful) {
    noteDamage(s, m, DAMAGE.usedAfterFree)
    const others = pageOfAnother(s, m, page, pfn)
    emit?.({
      type: 'used-after-free',
      by,
      vpn: pageVpn(s, page),
      pfn: toPfn(pfn),
      write,
      owner: others === undefined ? ownerName(s, m, pfn) : (s.mms[mmOfPage(s, others)]?.name ?? ''),
      ...(others === undefined ? {} : { others: pageLabel(s, others) }),
    })
  }
  if (isRevoked(s.shape, m, page, write)) {
    noteDamage(s, m, DAMAGE.usedAfterPromise)
    emit?.({ type: 'used-after-promise', by, vpn: pageVpn(s, page), pfn: toPfn(pfn), write })
  }
  if (write && lawful && contentsTaken(s.shape, m, pfn)) {
    noteDamage(s, m, DAMAGE.lostWrite)
    emit?.({ type: 'write-lost', by, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
  }
  if (observe(s.shape, m, writer - 1, page, pfn, write)) {
    noteDamage(s, m, DAMAGE.seenOutOfOrder)
    emit?.({ type: 'seen-out-of-order', by, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
  }
  if (write && isUnrecorded(s, m, page, pfn)) {
    noteDamage(s, m, DAMAGE.lostWrite)
    emit?.({ type: 'write-unrecorded', by, vpn: pageVpn(s, page), pfn: toPfn(pfn) })
  }
  if (write) set(m, s.shape.writer, pfn, writer)
}

/** The page table does not know of a write to the frame, just now: reclaim would drop the page. */
function isUnrecorded(s: Setup, m: Machine, page: number, pfn: number): boolean {
  if (!isTakenForClean(s.shape, m, page)) return false
  const pte = pteAt(s.shape, m, page)
  return ptePresent(pte) && ptePfn(pte) === pfn && !pteDirty(pte)
}

/** Where there are PASIDs: the page of another address space that the frame is mapped for. */
function pageOfAnother(s: Setup, m: Machine, page: number, pfn: number): number | undefined {
  const use = get(m, s.shape.use, pfn)
  const other = get(m, s.shape.purpose, pfn) - 1
  const mapped = hasPasids(s) && (use === USE.anon || use === USE.file) && other >= 0
  return mapped && mmOfPage(s, other) !== mmOfPage(s, page) ? other : undefined
}

/** The frame holds what the page is about: it was allocated for it, or for a page that shares its contents, or is mapped there. */
function isOf(s: Setup, m: Machine, pfn: number, page: number): boolean {
  const origin = get(m, s.shape.purpose, pfn) - 1
  if (origin === page) return true
  if (s.objectOf[origin] === s.objectOf[page] && origin >= 0) return true
  const pte = pteAt(s.shape, m, page)
  return s.shape.sizes.features.sharers > 1 && ptePresent(pte) && ptePfn(pte) === pfn
}

/** I2. A walk read a frame that is not a page table of this address space any more. */
export function noteWalk(s: Setup, m: Machine, by: Translator, page: number, pfn: number, emit?: Emit): void {
  noteDamage(s, m, DAMAGE.walkedAfterFree)
  const others = tableOfAnother(s, m, page, pfn)
  emit?.({
    type: 'walked-after-free',
    by,
    vpn: pageVpn(s, page),
    pfn: toPfn(pfn),
    owner: others ?? ownerName(s, m, pfn),
    ...(others === undefined ? {} : { others }),
  })
}

/** Where there are PASIDs: the other address space of which the frame is a page table. */
function tableOfAnother(s: Setup, m: Machine, page: number, pfn: number): string | undefined {
  if (!hasPasids(s) || get(m, s.shape.use, pfn) !== USE.table) return undefined
  const place = s.shape.places[get(m, s.shape.purpose, pfn) - 1]
  const mm = mmOfPage(s, place?.firstPage ?? page)
  return mm === mmOfPage(s, page) ? undefined : s.mms[mm]?.name
}

/** … and it writes Accessed, and Dirty, into the bytes that it takes for an entry: a write after free, also when the access faults in the end. */
export function noteWalkWrite(
  s: Setup,
  m: Machine,
  by: Translator,
  page: number,
  pfn: number,
  dirty: boolean,
  emit?: Emit,
): void {
  if (!keepsAccessed(s.shape)) return
  scribble(s.shape, m, pfn, dirty ? SCRIBBLED.dirty : SCRIBBLED.accessed)
  const owner = ownerName(s, m, pfn)
  emit?.({ type: 'walk-wrote-after-free', by, vpn: pageVpn(s, page), pfn: toPfn(pfn), dirty, owner })
}

/** I8. A walker has set Dirty between the look at a PTE and its clear: nobody knows of the write, and the page counts as clean. */
export function noteDirtyLost(s: Setup, m: Machine, page: number, pfn: number, emit?: Emit): void {
  noteDamage(s, m, DAMAGE.lostWrite)
  emit?.({ type: 'dirty-lost', vpn: pageVpn(s, page), pfn: toPfn(pfn) })
}

/** I3. Software uses a frame that is no page table of this address space any more: it holds no lock, or one that is not enough. */
export function noteSoftwareWalk(s: Setup, m: Machine, cpu: number, pfn: number, emit?: Emit): void {
  noteDamage(s, m, DAMAGE.softwareWalk)
  emit?.({ type: 'software-walked-after-free', cpu, pfn: toPfn(pfn), owner: ownerName(s, m, pfn) })
}

/** I14. Called when a CPU has filled its TLB: no address may be in it in two sizes. */
export function noteFill(s: Setup, m: Machine, by: Translator, emit?: Emit): void {
  const cpu = by.kind === 'cpu' ? s.shape.cpus[by.index] : undefined
  if (cpu === undefined || by.kind !== 'cpu' || !s.shape.sizes.features.huge) return
  const page = mixedSizes(s, m, cpu)
  if (page < 0) return
  noteDamage(s, m, DAMAGE.mixedSizes)
  emit?.({ type: 'sizes-mixed', cpu: by.index, vpn: pageVpn(s, page) })
}

/** I4. Called as a frame is freed: no translator may still hold an entry for it, or have read it in a walk under way. */
export function noteFreedTooEarly(s: Setup, m: Machine, pfn: number, emit?: Emit): void {
  const holder = holderOf(s, m, pfn)
  if (holder === '') return
  noteDamage(s, m, DAMAGE.freedTooEarly)
  emit?.({ type: 'freed-too-early', pfn: toPfn(pfn), holder })
}

/** Who still could reach the frame, or ''. A CPU in lazy TLB mode does not use its user entries before it has flushed. */
export function holderOf(s: Setup, m: Machine, pfn: number, what: Holds = 'either'): string {
  const { cpus, devices, iommu } = s.shape
  for (let i = 0; i < cpus.length; i++) {
    const cpu = cpus[i]
    const facts = s.cpus[i]
    if (cpu === undefined || facts === undefined || isAway(s, m, i)) continue
    if (holdsFrame(s, m, cpu, pfn, what)) return facts.name
    if (walkHolds(s, m, cpu, pfn, what)) return facts.name
  }
  if (holdsFrame(s, m, iommu, pfn, what)) return 'the IOMMU'
  for (const device of devices) {
    if (walkHolds(s, m, device, pfn, what)) return 'a walk of the IOMMU'
  }
  for (const device of devices.keys()) {
    if (what !== 'table' && atcHolds(s, m, device, pfn)) return `the ATC of ${s.devices[device]?.name ?? 'a device'}`
  }
  if (what !== 'table') {
    for (const consumer of s.consumers) {
      const holder = consumer.holds(m, pfn)
      if (holder !== '') return holder
    }
  }
  return ''
}

/** A walk under way has read the frame's number: of a page once the leaf is read, of a table before. */
function walkHolds(s: Setup, m: Machine, walk: WalkColumns, pfn: number, what: Holds): boolean {
  const stage = get(m, walk.stage, 0)
  if (stage < 1 || stage > LEAF_READ) return false
  const first = get(m, walk.frame, 0)
  const huge = s.shape.places[hugeLeaf(m, walk)]
  if (pfn < first || pfn >= first + (huge === undefined ? 1 : huge.endPage - huge.firstPage)) return false
  return what === 'either' || (what === 'page') === (stage === LEAF_READ)
}
