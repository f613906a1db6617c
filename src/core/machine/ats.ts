import { bitsFor, type Column, get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'
import type { WalkerColumns } from './shape.ts'
import { holdsFrame } from './tlb.ts'

/*
 * Address Translation Services (PCIe): a device keeps translations in a cache of its own, the ATC (Dev-TLB), and uses them without
 * asking the IOMMU again.
 */

/** What a device with an ATC has besides. */
export interface AtsColumns extends WalkerColumns {
  /** 1 while a Translation Completion is on its way; what it says lies in the device's walk columns. */
  readonly completion: Column
  /** CPU + 1 for which an Invalidate Request waits to be answered, and its pages. 0 none. */
  readonly requestBy: Column
  readonly requestStart: Column
  readonly requestEnd: Column
}

export const atsColumns = (b: LayoutBuilder, { devices, features, pages, cpus, queue, pfnBits }: FeatureSizes) => {
  /** By device; nothing in a device without ATS. */
  const ats = devices.map(({ atc }, i): AtsColumns => {
    const one = atc > 0 ? 1 : 0
    // Words of its own: a search keeps each device apart from what it shares.
    if (one === 1) b.region()
    return {
      tlb: b.column(`device${i} atc`, atc, 2 ** (bitsFor(pages.length) + pfnBits + 1) - 1),
      walkCache: b.column(`device${i} no walk cache`, 0, 1),
      completion: b.column(`device${i} completion`, one, 1),
      requestBy: b.column(`device${i} requestBy`, one, cpus.length + 1),
      requestStart: b.column(`device${i} requestStart`, one, pages.length),
      requestEnd: b.column(`device${i} requestEnd`, one, pages.length),
    }
  })
  if (features.ats) b.region()
  /** By slot of the invalidation queue: device + 1 of a Dev-TLB command, 0 for the IOTLB. */
  const queueDevice = b.column('queueDevice', features.ats ? queue : 0, devices.length)
  return { ats, queueDevice }
}

export const hasAtc = (s: Setup, device: number): boolean => (s.shape.ats[device]?.tlb.length ?? 0) > 0

/** A Translation Completion for the device is under way. */
export function completionUnderWay(s: Setup, m: Machine, device: number): boolean {
  const a = s.shape.ats[device]
  return a !== undefined && a.completion.length > 0 && get(m, a.completion, 0) === 1
}

/** CPU for which the device has an Invalidate Request to answer; -1 when none. */
export function requestFrom(s: Setup, m: Machine, device: number): number {
  const a = s.shape.ats[device]
  return a === undefined || a.requestBy.length === 0 ? -1 : get(m, a.requestBy, 0) - 1
}

/** Device + 1 that the command in a slot of the queue is for; 0: the IOTLB. */
export const commandDevice = (s: Setup, m: Machine, slot: number): number =>
  s.shape.queueDevice.length === 0 ? 0 : get(m, s.shape.queueDevice, slot)

export function setCommandDevice(s: Setup, m: Machine, slot: number, device: number): void {
  if (s.shape.queueDevice.length > 0) set(m, s.shape.queueDevice, slot, device)
}

/** The ATC names the frame, or a completion on its way does. */
export function atcHolds(s: Setup, m: Machine, device: number, pfn: number): boolean {
  const a = s.shape.ats[device]
  const d = s.shape.devices[device]
  if (a === undefined || d === undefined || a.tlb.length === 0) return false
  return holdsFrame(s, m, a, pfn, 'page') || (get(m, a.completion, 0) === 1 && get(m, d.frame, 0) === pfn)
}
