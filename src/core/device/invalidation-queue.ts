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
  return get(m, queueCount, 0) >= queueStart.length
}

/** qi_submit_sync(), iommu_queue_command(): puts one command into the queue. `by` is a CPU, or one past the last for the fault worker. Covers pages [start, end). */
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
  const at = get(m, q.queueCount, 0)
  set(m, q.queueStart, at, start)
  set(m, q.queueEnd, at, end)
  set(m, q.queueLeaf, at, leafOnly ? 1 : 0)
  set(m, q.queueBy, at, by)
  set(m, q.queueCount, 0, at + 1)
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

/** The command at the head has been executed for `by` when none of its commands is left in the queue. */
export function completed(s: Setup, m: Machine, by: number): boolean {
  const q = s.shape.iommu
  const count = get(m, q.queueCount, 0)
  for (let i = 0; i < count; i++) if (get(m, q.queueBy, i) === by) return false
  return true
}

/** Device whose walk the head command must wait for, because the hardware drains walks; -1 when none. */
export function undrained(s: Setup, m: Machine): number {
  for (let device = 0; device < s.shape.devices.length; device++) if (mustDrain(s, m, device)) return device
  return -1
}

/** The head command must wait for a walk of this device. */
export function mustDrain(s: Setup, m: Machine, device: number): boolean {
  const d = s.shape.devices[device]
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
  const dropped = invalidate(s, m, q, start, end, leafOnly)
  forgetDropped(s, m, q)
  const count = get(m, q.queueCount, 0)
  for (const column of [q.queueStart, q.queueEnd, q.queueLeaf, q.queueBy]) {
    for (let i = 1; i < count; i++) set(m, column, i - 1, get(m, column, i))
    set(m, column, count - 1, 0)
  }
  set(m, q.queueCount, 0, count - 1)
  emit?.({ type: 'invalidation-executed', range: commandRange(s, start, end), leafOnly, dropped })
}

export const commandRange = (s: Setup, start: number, end: number) =>
  start === 0 && end === s.vpns.length ? ('all' as const) : rangeOf(s, start, end)
