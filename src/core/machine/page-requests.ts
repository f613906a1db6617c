import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import type { Setup } from './setup.ts'

/*
 * The page request queue (PRQ; AMD: PPR log), and what the kernel has taken out of it. Devices put Page Requests in, one a page; a group
 * of them (PRG) is answered once, when its Last request has been taken out. Oldest first, no gaps.
 */

/** How many groups of one device can be on their way: an index is given again only when the answer has come. */
export const PRG_INDICES = 4

/** One Page Request. */
export interface PageRequest {
  readonly device: number
  readonly page: number
  readonly write: boolean
  /** PRG index. */
  readonly group: number
  /** The last one of its group (LPIG). */
  readonly last: boolean
}

/** A group whose Last has come: struct iopf_group, on its way through the workqueue. `pages`: where its faults are handled. */
export interface RequestGroup {
  readonly device: number
  readonly write: boolean
  readonly group: number
  readonly pages: readonly number[]
}

export const pageRequestColumns = (b: LayoutBuilder, { devices, features, pages }: FeatureSizes) => {
  const { prq } = features
  const has = prq > 0
  const widest = has ? Math.max(1, ...devices.map(d => d.group)) : 0
  const groups = has ? 2 * devices.length : 0
  const one = Math.max(1, devices.length) * 2 * 2 * PRG_INDICES
  return {
    /** By slot: 0 none, else a request. */
    prq: b.column('prq', prq, (pages.length + 1) * one - 1),
    prqCount: b.column('prqCount', has ? 1 : 0, prq),
    /** PRO: a request has found no room. Until software clears it, none is let in. */
    prqOverflow: b.column('prqOverflow', has ? 1 : 0, 1),
    /** By device × widest group: requests taken out whose Last has not come (iommu_fault_param.partial). */
    iopfPartial: b.column('iopfPartial', devices.length * widest, (pages.length + 1) * one - 1),
    iopfCount: b.column('iopfCount', has ? 1 : 0, groups),
    /** By group that is complete: device, access, index. */
    iopfHead: b.column('iopfHead', groups, one),
    /** By group × widest: page + 1. */
    iopfPages: b.column('iopfPages', groups * widest, pages.length),
    /** Page of the first group that the worker is at. */
    iopfCursor: b.column('iopfCursor', has ? 1 : 0, widest),
    /** By device: requests of its group sent; its index; a bit for each index that waits for an answer; it must not ask any more. */
    priSent: b.column('priSent', has ? devices.length : 0, widest),
    priIndex: b.column('priIndex', has ? devices.length : 0, PRG_INDICES - 1),
    priWaiting: b.column('priWaiting', has ? devices.length : 0, 2 ** PRG_INDICES - 1),
    priOff: b.column('priOff', has ? devices.length : 0, 1),
  }
}

export const hasPrq = (s: Setup): boolean => s.shape.prq.length > 0

const widestGroup = (s: Setup): number => s.shape.iopfPartial.length / s.shape.sizes.devices.length

const encode = (s: Setup, r: PageRequest): number =>
  ((((r.page + 1) * s.shape.sizes.devices.length + r.device) * 2 + (r.write ? 1 : 0)) * 2 + (r.last ? 1 : 0)) *
    PRG_INDICES +
  r.group

function decode(s: Setup, n: number): PageRequest {
  const devices = s.shape.sizes.devices.length
  const who = Math.floor(n / (PRG_INDICES * 4))
  return {
    device: who % devices,
    page: Math.floor(who / devices) - 1,
    write: (Math.floor(n / (PRG_INDICES * 2)) & 1) === 1,
    last: (Math.floor(n / PRG_INDICES) & 1) === 1,
    group: n % PRG_INDICES,
  }
}

export const requestsQueued = (s: Setup, m: Machine): number => (hasPrq(s) ? get(m, s.shape.prqCount, 0) : 0)
export const prqOverflowed = (s: Setup, m: Machine): boolean => hasPrq(s) && get(m, s.shape.prqOverflow, 0) === 1
export const setPrqOverflow = (s: Setup, m: Machine, on: boolean): void => set(m, s.shape.prqOverflow, 0, on ? 1 : 0)

/** Requests in the queue, oldest first. */
export const pageRequests = (s: Setup, m: Machine): PageRequest[] =>
  Array.from({ length: requestsQueued(s, m) }, (_, slot) => decode(s, get(m, s.shape.prq, slot)))

export const firstRequest = (s: Setup, m: Machine): PageRequest => decode(s, get(m, s.shape.prq, 0))

/** Puts a request into the queue. False: there is no room, or none since the overflow. */
export function queueRequest(s: Setup, m: Machine, request: PageRequest): boolean {
  const at = requestsQueued(s, m)
  if (at === s.shape.prq.length || prqOverflowed(s, m)) return false
  set(m, s.shape.prq, at, encode(s, request))
  set(m, s.shape.prqCount, 0, at + 1)
  return true
}

/** Takes the oldest request out of the queue. */
export function dropFirstRequest(s: Setup, m: Machine): void {
  const { prq, prqCount } = s.shape
  const count = get(m, prqCount, 0)
  for (let i = 1; i < count; i++) set(m, prq, i - 1, get(m, prq, i))
  set(m, prq, count - 1, 0)
  set(m, prqCount, 0, count - 1)
}

/** Requests of the device that wait for the Last of their group, oldest first. */
export function partialRequests(s: Setup, m: Machine, device: number): PageRequest[] {
  const widest = widestGroup(s)
  const found: PageRequest[] = []
  for (let i = 0; i < widest; i++) {
    const n = get(m, s.shape.iopfPartial, device * widest + i)
    if (n !== 0) found.push(decode(s, n))
  }
  return found
}

/** Keeps these requests of the device until the Last of their group comes, and no others. */
export function setPartial(s: Setup, m: Machine, device: number, requests: readonly PageRequest[]): void {
  const widest = widestGroup(s)
  for (let i = 0; i < widest; i++) {
    const r = requests[i]
    set(m, s.shape.iopfPartial, device * widest + i, r === undefined ? 0 : encode(s, r))
  }
}

export const groupCount = (s: Setup, m: Machine): number => (hasPrq(s) ? get(m, s.shape.iopfCount, 0) : 0)
export const hasRoomForGroup = (s: Setup, m: Machine): boolean => groupCount(s, m) < s.shape.iopfHead.length

/** A group in the workqueue; while the worker is at work, on the first. */
export function groupAt(s: Setup, m: Machine, slot: number): RequestGroup {
  const widest = widestGroup(s)
  const n = get(m, s.shape.iopfHead, slot) - 1
  const pages: number[] = []
  for (let i = 0; i < widest; i++) {
    const page = get(m, s.shape.iopfPages, slot * widest + i) - 1
    if (page >= 0) pages.push(page)
  }
  return {
    device: Math.floor(n / (2 * PRG_INDICES)),
    write: (Math.floor(n / PRG_INDICES) & 1) === 1,
    group: n % PRG_INDICES,
    pages,
  }
}

function setGroups(s: Setup, m: Machine, groups: readonly RequestGroup[]): void {
  const widest = widestGroup(s)
  for (let slot = 0; slot < s.shape.iopfHead.length; slot++) {
    const g = groups[slot]
    set(m, s.shape.iopfHead, slot, g === undefined ? 0 : (g.device * 2 + (g.write ? 1 : 0)) * PRG_INDICES + g.group + 1)
    for (let i = 0; i < widest; i++) set(m, s.shape.iopfPages, slot * widest + i, (g?.pages[i] ?? -1) + 1)
  }
  set(m, s.shape.iopfCount, 0, groups.length)
}

export const requestGroups = (s: Setup, m: Machine): RequestGroup[] =>
  Array.from({ length: groupCount(s, m) }, (_, slot) => groupAt(s, m, slot))

export const queueGroup = (s: Setup, m: Machine, group: RequestGroup): void =>
  setGroups(s, m, [...requestGroups(s, m), group])

/** The worker turns to one of the groups: it is the first from here on. */
export function takeGroup(s: Setup, m: Machine, slot: number): void {
  const groups = requestGroups(s, m)
  setGroups(s, m, [...groups.slice(slot, slot + 1), ...groups.slice(0, slot), ...groups.slice(slot + 1)])
}

export const dropFirstGroup = (s: Setup, m: Machine): void => setGroups(s, m, requestGroups(s, m).slice(1))

/** Response Failure: the device has been told not to ask any more. */
export const priIsOff = (s: Setup, m: Machine, device: number): boolean =>
  hasPrq(s) && get(m, s.shape.priOff, device) === 1

/** Pages that the device asks for when it misses one: it and those after it, as far as the region goes. */
export function askedFor(s: Setup, device: number, page: number): number {
  const end = s.regions[s.regionOf[page] ?? 0]?.end ?? page + 1
  return Math.min(s.shape.sizes.devices[device]?.group ?? 1, end - page)
}
