import { known } from '../base/assert.ts'
import { commandDevice, hasAtc, requestFrom, setCommandDevice, takeTimedOut, timedOutFor } from '../machine/ats.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import type { Emit } from '../machine/event.ts'
import { hugeLeaf } from '../machine/huge-page.ts'
import { hasPasids } from '../machine/pasids.ts'
import { rangeOf, type Setup } from '../machine/setup.ts'
import { LEAF_READ } from '../machine/shape.ts'
import { invalidate } from '../machine/tlb.ts'
import { forgetDropped } from '../machine/tlb-denials.ts'
import { coverPages } from '../machine/uncovered.ts'
import type { Target } from './commands/dialect.ts'
import { type Command, commandOf, dialectOf, reachOfCommand, waitsBetween } from './commands/encode.ts'

/*
 * Queued invalidation. A driver submits a command, the hardware executes it, the driver waits for completion: three moments.
 * VT-d: qi_submit_sync() with a wait descriptor. AMD: COMPLETION_WAIT. SMMUv3: CMD_SYNC. One queue, executed in order unless
 * policy.queueOrder says otherwise. Simplified: the wait is executed in the same step as the last command before it.
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

/** Pages [start, end), all that is cached under the PASID of an mm, or everything there can be: a scenario names only some pages of an address space. */
export type Named = readonly [number, number] | { readonly mm: number } | 'all'

/** What a driver names when it is told of these pages for one mm. Where there is one PASID, that is all there is. */
export function namedFor(s: Setup, mm: number, pages: Named): Named {
  if (!hasPasids(s)) return pages
  const { first, end } = known(s.mms[mm], 'mm')
  if (pages === 'all') return { mm }
  if ('mm' in pages) return pages
  if (pages[0] === 0 && pages[1] === s.vpns.length) return { mm }
  return [Math.max(pages[0], first), Math.min(pages[1], end)]
}

/** A flush takes two rounds: the driver sends the second part of its commands when it has seen the first to be done. */
export const twoRounds = (s: Setup): boolean =>
  waitsBetween(s.policy) && s.shape.ats.some((_, device) => hasAtc(s, device))

/**
 * qi_submit_sync(), iommu_queue_command(): puts one flush into the queue, a command for the IOTLB and one for each ATC; where the driver
 * waits in between, those of the first round. `by` is a CPU, or one past the last for the fault worker.
 */
export function submit(s: Setup, m: Machine, by: number, pages: Named, leafOnly: boolean, emit?: Emit): void {
  const commands = commandsOf(s)
  send(s, m, by, twoRounds(s) ? round(commands, 'first') : commands, pages, leafOnly, emit)
}

/** The same with all commands in one go, whatever the driver waits for otherwise: intel_iommu_drain_pasid_prq(). */
export function submitAtOnce(s: Setup, m: Machine, by: number, pages: Named, leafOnly: boolean, emit?: Emit): void {
  send(s, m, by, commandsOf(s), pages, leafOnly, emit)
}

function send(
  s: Setup,
  m: Machine,
  by: number,
  sent: readonly number[],
  pages: Named,
  leafOnly: boolean,
  emit?: Emit,
): void {
  for (const device of sent) put(s, m, by, device, pages, leafOnly)
  const [start, end] = inPages(s, pages)
  noteCovered(s, m, start, end, leafOnly)
  const command = sent[0] === undefined ? undefined : commandText(s, sent[0], pages, leafOnly)
  emit?.({
    type: 'invalidation-queued',
    range: rangeNamed(s, pages),
    leafOnly,
    by: submitter(s, by),
    ...command,
  })
}

/** The second round of a flush: what submit() has left. */
export function submitRest(s: Setup, m: Machine, by: number, pages: Named, leafOnly: boolean, emit?: Emit): void {
  for (const device of round(commandsOf(s), 'second')) {
    put(s, m, by, device, pages, leafOnly)
    emit?.({
      type: 'rest-queued',
      device: device - 1,
      range: rangeNamed(s, pages),
      by: submitter(s, by),
      ...commandText(s, device, pages, leafOnly),
    })
  }
}

/** What timed out for this CPU can be sent again: there is room for it. */
export const roomToRetry = (s: Setup, m: Machine, cpu: number): boolean =>
  get(m, s.shape.iommu.queueCount, 0) + timedOutFor(s, m, cpu).length <= s.shape.iommu.queueStart.length

/** qi_submit_sync() after ITE: commands of this CPU that timed out are queued again. Whether there were any. */
export function retryTimedOut(s: Setup, m: Machine, cpu: number, emit?: Emit): boolean {
  const devices = timedOutFor(s, m, cpu)
  for (const device of devices) {
    const pages = takeTimedOut(s, m, device, cpu)
    put(s, m, cpu, device + 1, pages, false)
    const range = rangeNamed(s, pages)
    const by = submitter(s, cpu)
    emit?.({ type: 'atc-invalidate-retried', device, range, by, ...commandText(s, device + 1, pages, false) })
  }
  return devices.length > 0
}

const submitter = (s: Setup, by: number): string => s.cpus[by]?.name ?? 'the fault worker'

/** Commands that go to the same kind of cache as the first, or the others. */
const round = (commands: readonly number[], which: 'first' | 'second'): readonly number[] =>
  commands.filter(device => ((device === 0) === (commands[0] === 0)) === (which === 'first'))

/** Where commands are a driver's own, a slot that names everything begins and ends past the last page, one that names a PASID with its first. */
function put(s: Setup, m: Machine, by: number, device: number, pages: Named, leafOnly: boolean): void {
  const q = s.shape.iommu
  const at = get(m, q.queueCount, 0)
  const [start, end] = dialectOf(s.policy) === undefined ? inPages(s, pages) : slotOf(s, pages)
  set(m, q.queueStart, at, start)
  set(m, q.queueEnd, at, end)
  set(m, q.queueLeaf, at, leafOnly ? 1 : 0)
  set(m, q.queueBy, at, by)
  setCommandDevice(s, m, at, device)
  set(m, q.queueCount, 0, at + 1)
}

function slotOf(s: Setup, pages: Named): readonly [number, number] {
  if (pages === 'all') return [s.vpns.length, s.vpns.length]
  if (!('mm' in pages)) return pages
  const { first } = known(s.mms[pages.mm], 'mm')
  return [first, first]
}

function inPages(s: Setup, pages: Named): readonly [number, number] {
  if (pages === 'all') return [0, s.vpns.length]
  if (!('mm' in pages)) return pages
  // Under one number lie the entries of both, whoever has it now.
  if (s.pasids.every(pasid => pasid === s.pasids[0])) return [0, s.vpns.length]
  const { first, end } = known(s.mms[pages.mm], 'mm')
  return [first, end]
}

/** What the command in a slot names. */
export function namedIn(s: Setup, m: Machine, slot: number): Named {
  const { queueStart, queueEnd } = s.shape.iommu
  const [start, end] = [get(m, queueStart, slot), get(m, queueEnd, slot)]
  if (start === s.vpns.length) return 'all'
  return start < end ? [start, end] : { mm: s.mms.findIndex(mm => mm.first === start && mm.end > start) }
}

/** Pages [start, end) of which the command in a slot drops what its target has. */
function reachOf(s: Setup, m: Machine, slot: number): readonly [number, number] {
  return inPages(s, reachOfCommand(s, targetOf(commandDevice(s, m, slot)), namedIn(s, m, slot)))
}

const targetOf = (device: number): Target => (device > 0 ? 'atc' : 'iotlb')

/** `INVALIDATE_IOMMU_PAGES (S=1, 2 pages, PDE=1)`; undefined where commands are nobody's. */
function commandText(
  s: Setup,
  device: number,
  pages: Named,
  leafOnly: boolean,
): { readonly command: string; readonly count: number } | undefined {
  const command = commandOf(s, targetOf(device), pages, leafOnly)
  return command === undefined ? undefined : { command: `${command.name} (${command.fields})`, count: command.count }
}

/** The command in a slot, as its driver writes it; undefined where commands are nobody's. */
export const commandIn = (s: Setup, m: Machine, slot: number): Command | undefined =>
  commandOf(s, targetOf(commandDevice(s, m, slot)), namedIn(s, m, slot), get(m, s.shape.iommu.queueLeaf, slot) === 1)

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

/**
 * I11. A device is asked to drop pages of which the same flush is still to clean the IOTLB: until then it can ask again, and be answered from
 * a stale entry. True from the Invalidate Request to its completion.
 */
export function atcBeforeIotlb(s: Setup, m: Machine, device: number): boolean {
  const by = requestFrom(s, m, device)
  const a = s.shape.ats[device]
  if (by < 0 || a === undefined) return false
  // Held back until the ATCs have answered.
  if (s.policy.invalidateOrder === 'atc-first' && twoRounds(s)) return true
  const { queueCount, queueBy } = s.shape.iommu
  const count = get(m, queueCount, 0)
  for (let slot = 0; slot < count; slot++) {
    if (commandDevice(s, m, slot) > 0 || get(m, queueBy, slot) !== by) continue
    const [start, end] = reachOf(s, m, slot)
    if (start < get(m, a.requestEnd, 0) && end > get(m, a.requestStart, 0)) return true
  }
  return false
}

/** Slots whose commands the hardware may execute next: the oldest, or any where the order is free. */
export function executable(s: Setup, m: Machine): readonly number[] {
  const count = get(m, s.shape.iommu.queueCount, 0)
  const open = s.policy.queueOrder === 'in-order' ? Math.min(count, 1) : count
  return Array.from({ length: open }, (_, slot) => slot).filter(slot => undrained(s, m, slot) < 0)
}

/** Device that a command must wait for: whose walk is drained, or whose ATC has a request to answer yet; -1 when none. */
export function undrained(s: Setup, m: Machine, slot = 0): number {
  for (let device = 0; device < s.shape.devices.length; device++) if (mustDrain(s, m, device, slot)) return device
  return -1
}

/** The command in a slot must wait for this device. */
export function mustDrain(s: Setup, m: Machine, device: number, slot = 0): boolean {
  const d = s.shape.devices[device]
  const target = commandDevice(s, m, slot)
  if (target > 0) return target === device + 1 && requestFrom(s, m, device) >= 0
  if (d === undefined || !s.policy.drainsWalks) return false
  const stage = get(m, d.stage, 0)
  if (stage < 1 || stage > LEAF_READ) return false
  const page = get(m, d.page, 0) - 1
  const [start, end] = reachOf(s, m, slot)
  if (page >= start && page < end) return true
  const huge = s.shape.places[hugeLeaf(m, d)]
  if (huge !== undefined && huge.firstPage < end && huge.endPage > start) return true
  const leafOnly = get(m, s.shape.iommu.queueLeaf, slot) === 1
  return !leafOnly && stage < LEAF_READ && readsTableOver(s, page, stage, start, end)
}

/** The table that the walk is about to read translates some of [start, end) too, so its place in the walk cache goes with them. */
function readsTableOver(s: Setup, page: number, stage: number, start: number, end: number): boolean {
  const place = s.shape.places[s.shape.path[page]?.[stage - 1] ?? -1]
  return place !== undefined && place.firstPage < end && place.endPage > start
}

/** The hardware takes the command of a slot and drops what it names. */
export function execute(s: Setup, m: Machine, slot: number, emit?: Emit): void {
  const q = s.shape.iommu
  const pages = namedIn(s, m, slot)
  const [start, end] = reachOf(s, m, slot)
  const leafOnly = get(m, q.queueLeaf, slot) === 1
  const device = commandDevice(s, m, slot) - 1
  const by = get(m, q.queueBy, slot)
  const dropped = device < 0 ? invalidate(s, m, q, start, end, leafOnly) : 0
  if (device < 0) forgetDropped(s, m, q)
  else requestOf(s, m, device, by, start, end)
  const written = commandText(s, device + 1, pages, leafOnly)
  const count = get(m, q.queueCount, 0)
  for (const column of [q.queueStart, q.queueEnd, q.queueLeaf, q.queueBy, s.shape.queueDevice]) {
    if (column.length === 0) continue
    for (let i = slot + 1; i < count; i++) set(m, column, i - 1, get(m, column, i))
    set(m, column, count - 1, 0)
  }
  set(m, q.queueCount, 0, count - 1)
  const range = rangeNamed(s, pages)
  if (device >= 0) emit?.({ type: 'atc-invalidate-requested', device, range, ...written })
  else emit?.({ type: 'invalidation-executed', range, leafOnly, dropped, ...written })
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

/** For events and pictures. Plain commands that name all pages there are name everything. */
export function rangeNamed(s: Setup, pages: Named) {
  if (pages === 'all') return pages
  return dialectOf(s.policy) === undefined || 'mm' in pages
    ? commandRange(s, ...inPages(s, pages))
    : rangeOf(s, ...pages)
}
