import { type Consumer, consumersOf } from '../consumers/consumer.ts'
import { fixedPages, named, type PagesAt, roomInQueue, submits } from '../device/footprints.ts'
import { namedFor, rangeNamed, submit } from '../device/invalidation-queue.ts'
import { add, type Machine } from '../machine/cells.ts'
import type { Emit, InvalidateSite, NotifierReason } from '../machine/event.ts'
import { isAttached } from '../machine/pasids.ts'
import { rangeOf } from '../machine/setup.ts'
import { holdPair } from '../machine/subscriptions.ts'
import { eventSentence } from '../policy/notifier-event.ts'
import { type Label, type OpSpec, omitting } from '../threads/program.ts'
import { completionSpecs } from './completion-wait.ts'
import { concernsSub, itreeInvalidate, itreeInvEnd } from './interval-tree.ts'
import { endOfList, releasePair, startOfList } from './notifier-list.ts'
import { startMayFail } from './start-may-fail.ts'
import { subscribed, type Task } from './task.ts'

/*
 * The calls of mm/mmu_notifier.c: start, end, and the range hook that tells secondary TLBs. What an IOMMU driver does in start and end:
 * iommu-driver.ts; the list of subscribers: notifier-list.ts; the tree of others: interval-tree.ts.
 */

const FILE = 'mm/mmu_notifier.c'

/** Name of the hook that catches pages unmapped but not yet freed. */
export const rangeHook = (t: Task): string =>
  t.s.policy.archFlushNotifies ? 'arch_invalidate_secondary_tlbs' : 'invalidate_range'

/**
 * mmu_notifier_invalidate_range_start(): all pages are still mapped. With `refused` it must not block, from 4.19 on: the program goes
 * there when a subscriber answers -EAGAIN, and no pair is open then.
 */
export function invalidateRangeStart(
  t: Task,
  reason: NotifierReason,
  lo: number,
  hi: number,
  how: { readonly refused?: Label } = {},
): void {
  const { asm, s } = t
  const consumers = consumersOf(t)
  const { refused } = how
  const nonblock = refused === undefined || !consumers.some(c => c.refuses) ? undefined : asm.label()
  const call = { reason, lo, hi, ...(nonblock === undefined ? {} : { nonblock }) }
  const begins = (m: Machine, emit?: Emit): void => {
    holdPair(s.shape, m, 1)
    add(m, s.shape.openPairs, t.mm, 1)
    emit?.({ type: 'invalidate-range-started', range: rangeOf(s, lo, hi), reason })
  }
  asm.within(`mmu_notifier_invalidate_range_start${nonblock === undefined ? '' : '_nonblock'}`, () => {
    if (!subscribed(t) && consumers.length === 0) {
      asm.skipPhase(startPhase('empty'))
      return
    }
    asm.beginPhase(startPhase('call'))
    if (consumers.length > 0) callsConsumers(t, 'start', begins, reason)
    asm.within('mn_itree_invalidate', () => {
      const none = asm.label()
      itreeInvalidate(t, consumers, lo, hi, none)
      for (const c of consumers) if (concernsSub(c, lo, hi)) c.start?.(t, call)
      asm.place(none)
    })
    startOfList(t, call, consumers.length === 0 ? begins : () => {})
    if (refused !== undefined && nonblock !== undefined) startMayFail(t, call, { tree: nonblock, refused })
  })
}

/** Opens or closes the pair, before the first subscriber of several hears of it. */
function callsConsumers(
  t: Task,
  call: 'start' | 'end',
  run: (m: Machine, emit?: Emit) => void,
  reason: NotifierReason,
): void {
  t.asm.op({
    fn: `__mmu_notifier_invalidate_range_${call}`,
    file: FILE,
    label: `call invalidate_range_${call} of every subscriber`,
    why: `${whoIsFirst(t, call)}${call === 'start' ? eventSentence(t.s.policy, reason) : ''}`,
    run: (m, emit, next) => {
      run(m, emit)
      return next
    },
    touches: [{ merges: [t.s.resources.openPairs] }],
  })
}

/** There is an interval tree from 5.5 on. */
function whoIsFirst({ s }: Task, call: 'start' | 'end'): string {
  if (!s.policy.intervalNotifiers) return 'Subscribers are in a list, and hear of it one after the other.'
  return call === 'start'
    ? 'Subscribers in the interval tree hear of it first, then those in the list, one after the other.'
    : 'The interval tree is told first, then the list.'
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
  how: {
    readonly only?: true
    /** The CPUs have been flushed by now. */
    readonly flushed?: boolean
  } = {},
): void {
  const { asm, s } = t
  const consumers = consumersOf(t)
  const ends = (m: Machine, emit?: Emit): void => {
    add(m, s.shape.openPairs, t.mm, -1)
    emit?.({ type: 'invalidate-range-ended', range: rangeOf(s, lo, hi), reason })
  }
  const only = how.only === true && s.policy.onlyEnd
  asm.within(only ? 'mmu_notifier_invalidate_range_only_end' : 'mmu_notifier_invalidate_range_end', () => {
    if (s.policy.endImpliesInvalidate && !only) {
      const phase = {
        id: 'by-end',
        title: 'invalidate_range',
        note: how.flushed === true ? 'from end(), CPUs flushed before' : 'from end(), CPUs not flushed yet',
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
    if (consumers.length > 0) callsConsumers(t, 'end', ends, reason)
    itreeInvEnd(t, consumers, lo, hi)
    endOfList(t, { reason, lo, hi }, consumers.length === 0 ? ends : () => {}, releasePair(t))
  })
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
      file: s.policy.archFlushNotifies ? 'include/linux/mmu_notifier.h' : FILE,
      label: `call ${rangeHook(t)}: the driver queues an invalidate`,
      why: 'The page table does not say any more what it said: what a secondary TLB drops now, no walk can bring back.',
      needs: [roomInQueue(s)],
      blocked: () => 'the invalidation queue is full',
      run: (m, emit, next) => {
        const [start, end] = range.at(m)
        const pages = namedFor(s, t.mm, named(range, m))
        const emptied = range.emptied?.(m) === true ? { emptied: true as const } : {}
        const told = { range: rangeNamed(s, pages), site, tables: tables(m), ...emptied }
        emit?.({ type: 'secondary-tlb-invalidate-called', ...told })
        if (end > start && isAttached(s, m, t.mm)) submit(s, m, t.cpu, pages, leafOnly(m), emit)
        return next
      },
      without: [omitting(`the call of ${rangeHook(t)}`)],
      touches: submits(s, t.cpu, range, leafOnly),
    },
    ...completionSpecs(t, range, leafOnly),
  ]
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
