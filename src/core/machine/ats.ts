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
  /** By CPU, in a device that may not answer: 1 while one of its requests has timed out and is not sent again, and the pages. */
  readonly timedOut: Column
  readonly timedOutStart: Column
  readonly timedOutEnd: Column
}

export const atsColumns = (b: LayoutBuilder, { devices, features, pages, cpus, queue, pfnBits }: FeatureSizes) => {
  /** By device; nothing in a device without ATS. */
  const ats = devices.map(({ atc, timesOut }, i): AtsColumns => {
    const one = atc > 0 ? 1 : 0
    const byCpu = timesOut === true ? cpus.length : 0
    // Words of its own: a search keeps each device apart from what it shares.
    if (one === 1) b.region()
    return {
      tlb: b.column(`device${i} atc`, atc, 2 ** (bitsFor(pages.length) + pfnBits + 1) - 1),
      walkCache: b.column(`device${i} no walk cache`, 0, 1),
      completion: b.column(`device${i} completion`, one, 1),
      requestBy: b.column(`device${i} requestBy`, one, cpus.length + 1),
      requestStart: b.column(`device${i} requestStart`, one, pages.length),
      requestEnd: b.column(`device${i} requestEnd`, one, pages.length),
      timedOut: b.column(`device${i} timedOut`, byCpu, 1),
      timedOutStart: b.column(`device${i} timedOutStart`, byCpu, pages.length),
      timedOutEnd: b.column(`device${i} timedOutEnd`, byCpu, pages.length),
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

/** The device may leave an Invalidate Request unanswered. Those of the fault worker it answers. */
export const mayTimeOut = (s: Setup, m: Machine, device: number): boolean =>
  (s.shape.ats[device]?.timedOut.length ?? 0) > requestFrom(s, m, device) && requestFrom(s, m, device) >= 0

/** Devices that have left a request of this CPU unanswered, which has not been sent again. */
export function timedOutFor(s: Setup, m: Machine, cpu: number): readonly number[] {
  if (!s.shape.sizes.features.atcTimeouts) return []
  return s.shape.ats.flatMap((a, device) => (a.timedOut.length > 0 && get(m, a.timedOut, cpu) === 1 ? [device] : []))
}

/** The request that waits to be answered is given up; `again`: its driver is to hear of that. */
export function timeOut(s: Setup, m: Machine, device: number, again: boolean): void {
  const a = s.shape.ats[device]
  const cpu = requestFrom(s, m, device)
  if (a === undefined || cpu < 0) return
  if (again) {
    set(m, a.timedOut, cpu, 1)
    set(m, a.timedOutStart, cpu, get(m, a.requestStart, 0))
    set(m, a.timedOutEnd, cpu, get(m, a.requestEnd, 0))
  }
  for (const column of [a.requestBy, a.requestStart, a.requestEnd]) set(m, column, 0, 0)
}

/** Its pages, which are forgotten with that. */
export function takeTimedOut(s: Setup, m: Machine, device: number, cpu: number): readonly [number, number] {
  const a = s.shape.ats[device]
  if (a === undefined) return [0, 0]
  const pages = [get(m, a.timedOutStart, cpu), get(m, a.timedOutEnd, cpu)] as const
  for (const column of [a.timedOut, a.timedOutStart, a.timedOutEnd]) set(m, column, cpu, 0)
  return pages
}

/** Device + 1 that the command in a slot of the queue is for; 0: the IOTLB. */
export const commandDevice = (s: Setup, m: Machine, slot: number): number =>
  s.shape.queueDevice.length === 0 ? 0 : get(m, s.shape.queueDevice, slot)

/** Says whom the command in a slot is for, as commandDevice() reads it. Without ATS all are for the IOTLB. */
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
