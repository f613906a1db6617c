import { get, type Machine, set } from './cells.ts'
import type { Emit, Translator } from './event.ts'
import { pageVpn, type Setup, toPfn, USE } from './setup.ts'
import { LEAF_READ } from './shape.ts'
import { type Holds, holdsFrame } from './tlb.ts'

/** Rules whose breach is an event: it is kept in the state, so that a property need look at one state only. */
export const DAMAGE = {
  usedAfterFree: 1,
  walkedAfterFree: 2,
  freedTooEarly: 4,
  rangeNotCovered: 8,
  pairingBroken: 16,
} as const

export const damageOf = (s: Setup, m: Machine): number => get(m, s.shape.damage, 0)

export const noteDamage = (s: Setup, m: Machine, bit: number): void => set(m, s.shape.damage, 0, damageOf(s, m) | bit)

/** Forgets all harm but these kinds. */
export function keepDamage(s: Setup, m: Machine, bits: number): void {
  const damage = damageOf(s, m)
  if ((damage & ~bits) !== 0) set(m, s.shape.damage, 0, damage & bits)
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

/** I1. An access through a leaf entry is lawful while the frame is still that page's: mapped, or unmapped and not yet freed. */
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
  const lawful = (use === USE.anon || use === USE.file) && get(m, s.shape.purpose, pfn) === page + 1
  if (!lawful) {
    noteDamage(s, m, DAMAGE.usedAfterFree)
    emit?.({ type: 'used-after-free', by, vpn: pageVpn(s, page), pfn: toPfn(pfn), write, owner: ownerName(s, m, pfn) })
  }
  if (write) set(m, s.shape.writer, pfn, writer)
}

/** I2. A walk read a frame that is not a page table of this address space any more. */
export function noteWalk(s: Setup, m: Machine, by: Translator, page: number, pfn: number, emit?: Emit): void {
  noteDamage(s, m, DAMAGE.walkedAfterFree)
  emit?.({ type: 'walked-after-free', by, vpn: pageVpn(s, page), pfn: toPfn(pfn), owner: ownerName(s, m, pfn) })
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
    if (cpu === undefined || facts === undefined || facts.lazy) continue
    if (holdsFrame(s, m, cpu, pfn, what)) return facts.name
    if (walkHolds(get(m, cpu.stage, 0), get(m, cpu.frame, 0), pfn, what)) return facts.name
  }
  if (holdsFrame(s, m, iommu, pfn, what)) return 'the IOMMU'
  for (const device of devices) {
    if (walkHolds(get(m, device.stage, 0), get(m, device.frame, 0), pfn, what)) return 'a walk of the IOMMU'
  }
  return ''
}

/** A walk under way has read the frame's number: of a page once the leaf is read, of a table before. */
function walkHolds(stage: number, frame: number, pfn: number, what: Holds): boolean {
  if (stage < 1 || stage > LEAF_READ || frame !== pfn) return false
  return what === 'either' || (what === 'page') === (stage === LEAF_READ)
}
