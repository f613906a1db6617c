import { type Consumer, consumersOf } from '../consumers/consumer.ts'
import { ROOT } from '../device/device.ts'
import { commandsDone, fixedPages, type PagesAt, roomInQueue, submits } from '../device/footprints.ts'
import { commandRange, queueFull, submit } from '../device/invalidation-queue.ts'
import { add, get, type Machine, set } from '../machine/cells.ts'
import { DAMAGE, noteDamage } from '../machine/damage.ts'
import type { Emit, InvalidateSite, NotifierReason } from '../machine/event.ts'
import { rangeOf } from '../machine/setup.ts'
import type { Need, Part } from '../threads/footprint.ts'
import { type Label, type Omission, type OpSpec, omitting } from '../threads/program.ts'
import { concernsSub, itreeInvalidate, itreeInvEnd } from './interval-tree.ts'
import { holderName, subscribed, type Task } from './task.ts'

/*
 * The calls of mm/mmu_notifier.c and what an IOMMU driver does in them. Three drivers:
 *   naive        flushes its TLB in start and in end, as an SVA driver had to before 3.19
 *   empty-table  AMD IOMMUv2 before 3.19: start points the PASID at an empty page table, end points it back
 *   notifier     acts on invalidate_range, arch_invalidate_secondary_tlbs from 6.6
 * A driver's flush is submit, then wait; the hardware executes in between.
 */

const FILE = 'mm/mmu_notifier.c'

/** Name of the hook that catches pages unmapped but not yet freed. */
export const rangeHook = (t: Task): string =>
  t.s.policy.archFlushNotifies ? 'arch_invalidate_secondary_tlbs' : 'invalidate_range'

/** mmu_notifier_invalidate_range_start(): all pages are still mapped. */
export function invalidateRangeStart(t: Task, reason: NotifierReason, lo: number, hi: number): void {
  const { asm, s } = t
  const after = asm.label()
  const consumers = consumersOf(t)
  const begins = (m: Machine, emit?: Emit): void => {
    add(m, s.shape.openPairs, t.mm, 1)
    emit?.({ type: 'invalidate-range-started', range: rangeOf(s, lo, hi), reason })
  }
  const start = (m: Machine, part: DriverPart, emit?: Emit): boolean => {
    if (consumers.length === 0) begins(m, emit)
    return driverStart(t, m, lo, hi, part, emit)
  }
  asm.within('mmu_notifier_invalidate_range_start', () => {
    if (!subscribed(t) && consumers.length === 0) {
      asm.skipPhase(startPhase('empty'))
      return
    }
    asm.beginPhase(startPhase('call'))
    if (consumers.length > 0) callsConsumers(t, 'start', begins)
    asm.within('mn_itree_invalidate', () => {
      itreeInvalidate(t, consumers, lo, hi)
      for (const c of consumers) if (concernsSub(c, lo, hi)) c.start?.(t, { reason, lo, hi })
    })
    if (subscribed(t)) driver()
    for (const c of consumers) if (c.subscribed === 'list') c.start?.(t, { reason, lo, hi })
  })

  function driver(): void {
    asm.op({
      fn: '__mmu_notifier_invalidate_range_start',
      file: FILE,
      label: `call invalidate_range_start${driverNote(t)}`,
      why: 'Every page is still mapped here. Whatever a secondary TLB drops now, a hardware walk can bring back at once.',
      needs: driverNeeds(t),
      blocked: m => driverBlocked(t, m),
      run: (m, emit, next) => (start(m, 'whole', emit) ? next : after.at),
      touches: driverTouches(t, 'start', lo, hi),
      goes: ['next', after],
      without: [
        omitting(leftOutOf(t, 'start'), (m, emit) => {
          start(m, 'none', emit)
          return after.at
        }),
        ...withoutLock(t, start, after),
      ],
    })
    if (driverFlushes(t)) asm.op(completionSpec(t))
    asm.place(after)
  }
}

/** Opens or closes the pair, before the first subscriber of several hears of it. */
function callsConsumers(t: Task, call: 'start' | 'end', run: (m: Machine, emit?: Emit) => void): void {
  t.asm.op({
    fn: `__mmu_notifier_invalidate_range_${call}`,
    file: FILE,
    label: `call invalidate_range_${call} of every subscriber`,
    why:
      call === 'start'
        ? 'Subscribers in the interval tree hear of it first, then those in the list, one after the other.'
        : 'The interval tree is told first, then the list.',
    run: (m, emit, next) => {
      run(m, emit)
      return next
    },
    touches: [{ merges: [t.s.resources.openPairs] }],
  })
}

/**
 * mmu_notifier_invalidate_range_end(). From 3.19 to 6.5 it calls invalidate_range first; `only`: not where policy.onlyEnd has
 * mmu_notifier_invalidate_range_only_end(), because the caller has told already.
 */
export function invalidateRangeEnd(
  t: Task,
  reason: NotifierReason,
  lo: number,
  hi: number,
  how: { readonly only?: true } = {},
): void {
  const { asm, s } = t
  const after = asm.label()
  const consumers = consumersOf(t)
  const ends = (m: Machine, emit?: Emit): void => {
    add(m, s.shape.openPairs, t.mm, -1)
    emit?.({ type: 'invalidate-range-ended', range: rangeOf(s, lo, hi), reason })
  }
  const end = (m: Machine, part: DriverPart, emit?: Emit): boolean => {
    if (consumers.length === 0) ends(m, emit)
    return driverEnd(t, m, lo, hi, part, emit)
  }
  const only = how.only === true && s.policy.onlyEnd
  asm.within(only ? 'mmu_notifier_invalidate_range_only_end' : 'mmu_notifier_invalidate_range_end', () => {
    if (s.policy.endImpliesInvalidate && !only) {
      const phase = {
        id: 'by-end',
        title: 'invalidate_range',
        note: 'from end(), CPUs not flushed yet',
        amber: true,
      } as const
      if (rangeCallbackActs(t)) {
        asm.beginPhase({ ...phase, kind: 'call' })
        callSecondary(t, 'by_end', fixedPages(lo, hi))
      } else {
        asm.skipPhase({ ...phase, kind: 'empty' })
      }
    }
    if (!subscribed(t) && consumers.length === 0) {
      asm.skipPhase(endPhase('empty', 'empty function'))
      return
    }
    asm.beginPhase(endPhase('call', 'pair closed'))
    if (consumers.length > 0) callsConsumers(t, 'end', ends)
    itreeInvEnd(t, consumers, lo, hi)
    if (subscribed(t)) driver()
    for (const c of consumers) if (c.subscribed === 'list') c.end?.(t, { reason, lo, hi })
  })

  function driver(): void {
    asm.op({
      fn: '__mmu_notifier_invalidate_range_end',
      file: FILE,
      label: `call invalidate_range_end${driverNote(t)}`,
      why: 'The pair is over. For a munmap the pages are unmapped but, unless a flush was forced, not freed yet.',
      needs: driverNeeds(t),
      blocked: m => driverBlocked(t, m),
      run: (m, emit, next) => (end(m, 'whole', emit) ? next : after.at),
      touches: driverTouches(t, 'end', lo, hi),
      goes: ['next', after],
      without: [
        omitting(leftOutOf(t, 'end'), (m, emit) => {
          end(m, 'none', emit)
          return after.at
        }),
        ...withoutLock(t, end, after),
      ],
    })
    if (driverFlushes(t)) asm.op(completionSpec(t))
    asm.place(after)
  }
}

/** Whether the call site of the range hook leads to a driver or to another subscriber. When not, nothing runs there. */
export const rangeCallbackActs = (t: Task): boolean => driverActs(t) || rangeConsumers(t).length > 0

const driverActs = (t: Task): boolean => subscribed(t) && t.s.policy.rangeCallback && t.s.policy.driver === 'notifier'

/** Other subscribers that act on some call of the range hook. */
function rangeConsumers(t: Task): readonly Consumer[] {
  const any = { site: 'inside', range: fixedPages(0, t.s.vpns.length) } as const
  return t.s.policy.rangeCallback ? consumersOf(t).filter(c => (c.range?.(t, any) ?? []).length > 0) : []
}

/** The driver's invalidate_range: submit, wait. The range is asked for when the call is made; an empty one tells the driver nothing. */
export function callSecondary(t: Task, site: InvalidateSite, range: PagesAt, tables = false): void {
  for (const spec of secondarySpecs(t, site, range, () => tables)) t.asm.op(spec)
}

/** What the call sites of the range hook run: the driver's part, then that of other subscribers. */
export function secondarySpecs(
  t: Task,
  site: InvalidateSite,
  range: PagesAt,
  tables: (m: Machine) => boolean,
): OpSpec[] {
  const others = rangeConsumers(t).flatMap(c => c.range?.(t, { site, range }) ?? [])
  return [...(driverActs(t) ? driverRangeSpecs(t, site, range, tables) : []), ...others]
}

function driverRangeSpecs(t: Task, site: InvalidateSite, range: PagesAt, tables: (m: Machine) => boolean): OpSpec[] {
  const { s } = t
  const leafOnly = (m: Machine): boolean =>
    s.policy.invalidateKind === 'leaf' || (tables(m) && !s.policy.tableFreeNotifies)
  return [
    {
      fn: s.policy.archFlushNotifies
        ? 'mmu_notifier_arch_invalidate_secondary_tlbs'
        : '__mmu_notifier_invalidate_range',
      file: FILE,
      label: `call ${rangeHook(t)}: the driver queues an invalidate`,
      why: 'Unmapped and not yet freed: a secondary TLB that drops its entries now can never get them back.',
      needs: [roomInQueue(s)],
      blocked: () => 'the invalidation queue is full',
      run: (m, emit, next) => {
        const [start, end] = range.at(m)
        emit?.({ type: 'secondary-tlb-invalidate-called', range: commandRange(s, start, end), site, tables: tables(m) })
        if (end > start) submit(s, m, t.cpu, start, end, leafOnly(m), emit)
        return next
      },
      without: [omitting(`the call of ${rangeHook(t)}`)],
      touches: submits(s, t.cpu, range, leafOnly),
    },
    completionSpec(t),
  ]
}

/** The driver's wait for what it has queued. */
export function completionSpec(t: Task): OpSpec {
  const { s } = t
  const { pasidLock } = s.shape.iommu
  const unlock = (m: Machine): void => {
    if (get(m, pasidLock, 0) === t.holder) set(m, pasidLock, 0, 0)
  }
  return {
    fn: 'completion wait',
    file: 'drivers/iommu',
    label: 'see that the IOMMU has done it',
    why: 'A queued command is a wish. Only its completion says that the entries are gone.',
    needs: [commandsDone(s, t.cpu)],
    blocked: () => 'the IOMMU has not executed the invalidate yet',
    run: (m, emit, next) => {
      unlock(m)
      emit?.({ type: 'invalidation-completed' })
      return next
    },
    without: [
      omitting('the wait for the IOMMU', (m, _emit, next) => {
        unlock(m)
        return next
      }),
    ],
    touches: driverLocks(t)
      ? [
          { knows: [s.resources.pasidLock] },
          { writes: [s.resources.pasidLock], now: m => get(m, pasidLock, 0) === t.holder },
        ]
      : [{ knows: [s.resources.pasidLock] }],
  }
}

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
  if (policy.driver === 'naive')
    return [counts, ...submits(s, t.cpu, fixedPages(lo, hi), () => policy.invalidateKind === 'leaf')]
  const nesting = (m: Machine): number => get(m, s.shape.iommu.nesting, 0)
  const swaps = (m: Machine): boolean =>
    policy.emptyTableNesting === 'boolean' || nesting(m) <= (call === 'start' ? 0 : 1)
  return [
    counts,
    { writes: [r.nesting] },
    ...(call === 'end' ? [{ reads: [r.openPairs], now: swaps }] : []),
    { writes: [r.root, r.pasidLock], now: swaps },
    ...submits(s, t.cpu, fixedPages(0, s.vpns.length), () => false, swaps),
  ]
}

function driverBlocked(t: Task, m: Machine): string {
  const holder = get(m, t.s.shape.iommu.pasidLock, 0)
  return holder === 0
    ? 'the invalidation queue is full'
    : `the driver’s lock on the PASID is held by ${holderName(t.s, holder)}`
}

const driverFlushes = (t: Task): boolean => t.s.policy.driver !== 'notifier'
const driverLocks = (t: Task): boolean => t.s.policy.driver === 'empty-table'

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
  if (s.policy.driver === 'notifier') return false
  if (s.policy.driver === 'naive') {
    if (part === 'none') return false
    submit(s, m, t.cpu, lo, hi, s.policy.invalidateKind === 'leaf', emit)
    return true
  }
  const { nesting } = s.shape.iommu
  const before = get(m, nesting, 0)
  set(m, nesting, 0, s.policy.emptyTableNesting === 'boolean' ? 1 : before + 1)
  if (part === 'none' || (s.policy.emptyTableNesting === 'counter' && before > 0)) return false
  setRoot(t, m, ROOT.empty, part, emit)
  return true
}

/** The driver's part of end, likewise. */
function driverEnd(t: Task, m: Machine, lo: number, hi: number, part: DriverPart, emit?: Emit): boolean {
  const { s } = t
  if (s.policy.driver === 'notifier') return false
  if (s.policy.driver === 'naive') {
    if (part === 'none') return false
    submit(s, m, t.cpu, lo, hi, s.policy.invalidateKind === 'leaf', emit)
    return true
  }
  const { nesting } = s.shape.iommu
  const left = s.policy.emptyTableNesting === 'boolean' ? 0 : get(m, nesting, 0) - 1
  set(m, nesting, 0, left)
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
  set(m, s.shape.iommu.root, 0, root)
  if (part === 'whole') set(m, s.shape.iommu.pasidLock, 0, t.holder)
  emit?.({ type: 'pasid-root-set', root: root === ROOT.real ? 'real' : 'empty' })
  if (part !== 'none') submit(s, m, t.cpu, 0, s.vpns.length, false, emit)
}

function startPhase(kind: 'call' | 'empty') {
  const note = kind === 'empty' ? 'empty function' : 'all pages still mapped'
  return { id: 'start', title: 'invalidate_range_start', note, kind, amber: false }
}

const endPhase = (kind: 'call' | 'empty', note: string) => ({
  id: 'end',
  title: 'invalidate_range_end',
  note,
  kind,
  amber: true,
})
