import type { NotifierCall } from '../consumers/consumer.ts'
import { ROOT } from '../device/device.ts'
import { everyPage, fixedPages, roomInQueue, submits } from '../device/footprints.ts'
import { namedFor, queueFull, submit } from '../device/invalidation-queue.ts'
import { get, type Machine, set } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit } from '../machine/event.ts'
import { hasPasids, isAttached, nestingOf, pasidRoot, setNesting, setPasidRoot } from '../machine/pasids.ts'
import { eventSentence } from '../policy/notifier-event.ts'
import type { Need, Part } from '../threads/footprint.ts'
import { type Label, type Omission, omitting } from '../threads/program.ts'
import { completionSpecs, driverLocks } from './completion-wait.ts'
import { holderName, type Task } from './task.ts'

/*
 * What an IOMMU driver does in start() and end(). Three drivers:
 *   naive        flushes its TLB in start and in end, as an SVA driver had to before 3.19
 *   empty-table  AMD IOMMUv2 before 3.19: start points the PASID at an empty page table, end points it back
 *   notifier     acts on invalidate_range, arch_invalidate_secondary_tlbs from 6.6 (mmu-notifier.ts)
 * A driver's flush is submit, then wait; the hardware executes in between.
 */

const FILE = 'mm/mmu_notifier.c'

/** The driver's start: `begins` opens the pair, where it is the only subscriber. */
export function driverStartOps(t: Task, call: NotifierCall, begins: Counts): void {
  const why =
    'Every page is still mapped here. Whatever a secondary TLB drops now, a hardware walk can bring back at once.'
  driverOps(t, 'start', call, `${why}${eventSentence(t.s.policy, call.reason)}`, begins, driverStart)
}

/** The driver's end, likewise. */
export function driverEndOps(t: Task, call: NotifierCall, ends: Counts): void {
  const why = 'The pair is over. For a munmap the pages are unmapped but, unless a flush was forced, not freed yet.'
  driverOps(t, 'end', call, why, ends, driverEnd)
}

type Counts = (m: Machine, emit?: Emit) => void

function driverOps(
  t: Task,
  when: 'start' | 'end',
  { lo, hi }: NotifierCall,
  why: string,
  counts: Counts,
  does: typeof driverStart,
): void {
  const { asm } = t
  const after = asm.label()
  const run = (m: Machine, part: DriverPart, emit?: Emit): boolean => {
    counts(m, emit)
    return does(t, m, lo, hi, part, emit)
  }
  asm.op({
    fn: `__mmu_notifier_invalidate_range_${when}`,
    file: FILE,
    label: `call invalidate_range_${when}${driverNote(t)}`,
    why,
    needs: driverNeeds(t),
    blocked: m => driverBlocked(t, m),
    run: (m, emit, next) => (run(m, 'whole', emit) ? next : after.at),
    touches: driverTouches(t, when, lo, hi),
    goes: ['next', after],
    without: [
      omitting(leftOutOf(t, when), (m, emit) => {
        run(m, 'none', emit)
        return after.at
      }),
      ...withoutLock(t, run, after),
    ],
  })
  waitForDriver(t, lo, hi)
  asm.place(after)
}

/** The wait after start or end of a driver that flushes in them. */
function waitForDriver(t: Task, lo: number, hi: number): void {
  if (!driverFlushes(t)) return
  const [range, leafOnly] = driverLocks(t) ? [everyPage(t.s), false] : [fixedPages(lo, hi), leavesOnly(t)]
  for (const spec of completionSpecs(t, range, () => leafOnly)) t.asm.op(spec)
}

const leavesOnly = (t: Task): boolean => t.s.policy.invalidateKind === 'leaf'

/** How much of its part the driver does. none: it only counts pairs and points the PASID back, so that end finds what it expects. */
type DriverPart = 'whole' | 'no-lock' | 'none'

function leftOutOf({ s }: Task, call: 'start' | 'end'): string {
  switch (s.policy.driver) {
    case 'naive':
      return `the driver’s flush in invalidate_range_${call}`
    case 'empty-table':
      return call === 'start' ? 'the empty page table and its flush' : 'the flush after the real page table is back'
    case 'notifier':
      return `the call of invalidate_range_${call}`
  }
}

/** The empty-table driver keeps a lock from the swap of the root until the flush after it is complete. */
function withoutLock(
  t: Task,
  call: (m: Machine, part: DriverPart, emit?: Emit) => boolean,
  after: Label,
): readonly Omission[] {
  if (t.s.policy.driver !== 'empty-table') return []
  const run: Omission['run'] = (m, emit, next) => (call(m, 'no-lock', emit) ? next : after.at)
  return [omitting('the driver’s lock on the PASID', run, { id: 'lock', ready: m => !queueFull(t.s, m) })]
}

function driverNeeds(t: Task): Need[] {
  const { s } = t
  if (!driverFlushes(t)) return []
  return [
    { on: [s.resources.pasidLock], holds: m => get(m, s.shape.iommu.pasidLock, 0) === 0, as: 'reads' },
    roomInQueue(s),
  ]
}

/** What the driver touches in start or end, and the count of open pairs. */
function driverTouches(t: Task, call: 'start' | 'end', lo: number, hi: number): Part[] {
  const { s } = t
  const { resources: r, policy } = s
  const counts: Part = { merges: [r.openPairs] }
  if (policy.driver === 'notifier') return [counts]
  if (policy.driver === 'naive') return [counts, ...submits(s, t.cpu, fixedPages(lo, hi), () => leavesOnly(t))]
  const nesting = (m: Machine): number => get(m, s.shape.iommu.nesting, 0)
  const swaps = (m: Machine): boolean =>
    policy.emptyTableNesting === 'boolean' || nesting(m) <= (call === 'start' ? 0 : 1)
  return [
    counts,
    { writes: [r.nesting] },
    ...(call === 'end' ? [{ reads: [r.openPairs], now: swaps }] : []),
    { writes: [r.root, r.pasidLock], now: swaps },
    ...submits(s, t.cpu, everyPage(s), () => false, swaps),
  ]
}

function driverBlocked(t: Task, m: Machine): string {
  const holder = get(m, t.s.shape.iommu.pasidLock, 0)
  return holder === 0
    ? 'the invalidation queue is full'
    : `the driver’s lock on the PASID is held by ${holderName(t.s, holder)}`
}

const driverFlushes = (t: Task): boolean => t.s.policy.driver !== 'notifier'

function driverNote(t: Task): string {
  switch (t.s.policy.driver) {
    case 'naive':
      return ': the driver queues a flush'
    case 'empty-table':
      return ': the driver swaps the page table'
    case 'notifier':
      return ': this driver has none'
  }
}

/** The driver's part of start. True when it queued a command and must wait for it. */
function driverStart(t: Task, m: Machine, lo: number, hi: number, part: DriverPart, emit?: Emit): boolean {
  const { s } = t
  if (s.policy.driver === 'notifier' || !isAttached(s, m, t.mm)) return false
  if (s.policy.driver === 'naive') {
    if (part === 'none') return false
    submit(s, m, t.cpu, [lo, hi], leavesOnly(t), emit)
    return true
  }
  if (hasPasids(s) && pasidRoot(s, m, t.mm) === ROOT.none) return false
  const before = nestingOf(s, m, t.mm)
  setNesting(s, m, t.mm, s.policy.emptyTableNesting === 'boolean' ? 1 : before + 1)
  if (part === 'none' || (s.policy.emptyTableNesting === 'counter' && before > 0)) return false
  setRoot(t, m, ROOT.empty, part, emit)
  return true
}

/** The driver's part of end, likewise. */
function driverEnd(t: Task, m: Machine, lo: number, hi: number, part: DriverPart, emit?: Emit): boolean {
  const { s } = t
  if (s.policy.driver === 'notifier' || !isAttached(s, m, t.mm)) return false
  if (s.policy.driver === 'naive') {
    if (part === 'none') return false
    submit(s, m, t.cpu, [lo, hi], leavesOnly(t), emit)
    return true
  }
  const before = nestingOf(s, m, t.mm)
  // A pair that was open when the PASID was bound, or outlives it, is not counted.
  if (before === 0 && hasPasids(s)) return false
  const left = s.policy.emptyTableNesting === 'boolean' ? 0 : before - 1
  setNesting(s, m, t.mm, left)
  if (left > 0) return false
  setRoot(t, m, ROOT.real, part, emit)
  if (get(m, s.shape.openPairs, t.mm) > 0) {
    noteDamage(s, m, DAMAGE.pairingBroken)
    emit?.({ type: 'pairing-broken', why: 'the driver put the real page table back while another pair is open' })
  }
  return part !== 'none'
}

/** amd_iommu_domain_set_gcr3(): writes the PASID's root, queues a flush of the PASID, and keeps the lock until that is done. */
function setRoot(t: Task, m: Machine, root: number, part: DriverPart, emit?: Emit): void {
  const { s } = t
  setPasidRoot(s, m, t.mm, root)
  if (part === 'whole') set(m, s.shape.iommu.pasidLock, 0, t.holder)
  emit?.({ type: 'pasid-root-set', root: root === ROOT.real ? 'real' : 'empty' })
  if (part !== 'none') submit(s, m, t.cpu, namedFor(s, t.mm, 'all'), false, emit)
}
