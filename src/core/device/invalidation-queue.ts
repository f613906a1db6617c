import { known } from '../base/assert.ts'
import { commandDevice, requestFrom, setCommandDevice } from '../machine/ats.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { hugeLeaf } from '../machine/huge-page.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import { LEAF_READ } from '../machine/shape.ts'
import { invalidate } from '../machine/tlb.ts'
import { forgetDropped } from '../machine/tlb-denials.ts'
import { coverPages } from '../machine/uncovered.ts'

/*
 * Queued invalidation. A driver submits a command, the hardware executes it, the driver waits for completion: three moments.
 * VT-d: qi_submit_sync() with a wait descriptor. AMD: COMPLETION_WAIT. SMMUv3: CMD_SYNC. One queue, executed in order.
 */

export const queueFull = (s: Setup, m: Machine): boolean => {
  const { queueCount, queueStart } = s.shape.iommu
  return get(m, queueCount, 0) + commandsOf(s).length > queueStart.length
}

/** Whom one flush goes to, in the order of its commands: 0 the IOTLB, device + 1 an ATC. */
export function commandsOf(s: Setup): readonly number[] {
  const atcs = s.shape.ats.flatMap((a, device) => (a.tlb.length > 0 ? [device + 1] : []))
  return s.policy.invalidateOrder === 'atc-first' ? [...atcs, 0] : [0, ...atcs]
}

/**
 * qi_submit_sync(), iommu_queue_command(): puts one flush into the queue, a command for the IOTLB and one for each ATC. `by` is a CPU,
 * or one past the last for the fault worker. Covers pages [start, end).
 */
export function submit(
  s: Setup,
  m: Machine,
  by: number,
  start: number,
  end: number,
  leafOnly: boolean,
  emit?: Emit,
): void {
  const q = s.shape.iommu
  for (const device of commandsOf(s)) {
    const at = get(m, q.queueCount, 0)
    set(m, q.queueStart, at, start)
    set(m, q.queueEnd, at, end)
    set(m, q.queueLeaf, at, leafOnly ? 1 : 0)
    set(m, q.queueBy, at, by)
    setCommandDevice(s, m, at, device)
    set(m, q.queueCount, 0, at + 1)
  }
  noteCovered(s, m, start, end, leafOnly)
  emit?.({
    type: 'invalidation-queued',
    range: commandRange(s, start, end),
    leafOnly,
    by: s.cpus[by]?.name ?? 'the fault worker',
  })
}

/** I5: from here on the translator has been told of these pages, and of the tables over them unless only leaves were named. */
function noteCovered(s: Setup, m: Machine, start: number, end: number, leafOnly: boolean): void {
  const { uncoveredTable, places } = s.shape
  coverPages(s, m, start, end)
  if (leafOnly) return
  for (const place of places) if (place.firstPage < end && place.endPage > start) set(m, uncoveredTable, place.id, 0)
}

/** All commands of `by` are executed, and the devices that had to answer have. */
export function completed(s: Setup, m: Machine, by: number): boolean {
  const q = s.shape.iommu
  const count = get(m, q.queueCount, 0)
  for (let i = 0; i < count; i++) if (get(m, q.queueBy, i) === by) return false
  return s.devices.every((_, device) => requestFrom(s, m, device) !== by)
}

/** Device that the head command must wait for: whose walk is drained, or whose ATC has a request to answer yet; -1 when none. */
export function undrained(s: Setup, m: Machine): number {
  for (let device = 0; device < s.shape.devices.length; device++) if (mustDrain(s, m, device)) return device
  return -1
}

/** The head command must wait for this device. */
export function mustDrain(s: Setup, m: Machine, device: number): boolean {
  const d = s.shape.devices[device]
  const target = commandDevice(s, m, 0)
  if (target > 0) return target === device + 1 && requestFrom(s, m, device) >= 0
  if (d === undefined || !s.policy.drainsWalks) return false
  const stage = get(m, d.stage, 0)
  if (stage < 1 || stage > LEAF_READ) return false
  const page = get(m, d.page, 0) - 1
  const q = s.shape.iommu
  const start = get(m, q.queueStart, 0)
  const end = get(m, q.queueEnd, 0)
  if (page >= start && page < end) return true
  const huge = s.shape.places[hugeLeaf(m, d)]
  if (huge !== undefined && huge.firstPage < end && huge.endPage > start) return true
  return get(m, q.queueLeaf, 0) === 0 && stage < LEAF_READ && readsTableOver(s, page, stage, start, end)
}

/** The table that the walk is about to read translates some of [start, end) too, so its place in the walk cache goes with them. */
function readsTableOver(s: Setup, page: number, stage: number, start: number, end: number): boolean {
  const place = s.shape.places[s.shape.path[page]?.[stage - 1] ?? -1]
  return place !== undefined && place.firstPage < end && place.endPage > start
}

/** The hardware takes the head command and drops what it names. */
export function execute(s: Setup, m: Machine, emit?: Emit): void {
  const q = s.shape.iommu
  const start = get(m, q.queueStart, 0)
  const end = get(m, q.queueEnd, 0)
  const leafOnly = get(m, q.queueLeaf, 0) === 1
  const device = commandDevice(s, m, 0) - 1
  const by = get(m, q.queueBy, 0)
  const dropped = device < 0 ? invalidate(s, m, q, start, end, leafOnly) : 0
  if (device < 0) forgetDropped(s, m, q)
  else requestOf(s, m, device, by, start, end)
  const count = get(m, q.queueCount, 0)
  for (const column of [q.queueStart, q.queueEnd, q.queueLeaf, q.queueBy, s.shape.queueDevice]) {
    if (column.length === 0) continue
    for (let i = 1; i < count; i++) set(m, column, i - 1, get(m, column, i))
    set(m, column, count - 1, 0)
  }
  set(m, q.queueCount, 0, count - 1)
  const range = commandRange(s, start, end)
  if (device >= 0) emit?.({ type: 'atc-invalidate-requested', device, range })
  else emit?.({ type: 'invalidation-executed', range, leafOnly, dropped })
}

/** Sends a device an Invalidate Request. */
function requestOf(s: Setup, m: Machine, device: number, by: number, start: number, end: number): void {
  const a = known(s.shape.ats[device], `ATC of device ${device}`)
  set(m, a.requestBy, 0, by + 1)
  set(m, a.requestStart, 0, start)
  set(m, a.requestEnd, 0, end)
}

export const commandRange = (s: Setup, start: number, end: number) =>
  start === 0 && end === s.vpns.length ? ('all' as const) : rangeOf(s, start, end)
