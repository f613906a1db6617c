import { add, get, type Machine, set } from '../machine/cells.ts'
import type { Emit, InvalidateSite } from '../machine/event.ts'
import { freeTable, putPage } from '../machine/frames.ts'
import { toPfn } from '../machine/setup.ts'
import type { Part } from '../threads/footprint.ts'
import type { Label, Op, OpSpec } from '../threads/program.ts'
import { freesFrames } from './frame-footprint.ts'
import { rangeCallbackActs, rangeHook, secondarySpecs } from './mmu-notifier.ts'
import { asTold } from './range-argument.ts'
import { freesTablesAtOnce } from './table-users.ts'
import type { Task } from './task.ts'
import {
  acknowledgeSpec,
  cpuFlushRange,
  cpuFlushSpecs,
  flushesAll,
  gatherRange,
  nothingGathered,
  pastCeiling,
} from './tlb-flush.ts'

/*
 * struct mmu_gather, mm/mmu_gather.c and include/asm-generic/tlb.h: pages wait here between zap_pte_range() and the flush,
 * because a page freed earlier could still be written through a translation that nobody has flushed.
 */

const FILE = 'mm/mmu_gather.c'
/** Pages in the bundle on the stack, and in each further batch. MMU_GATHER_BUNDLE, MAX_GATHER_BATCH */
const BUNDLE = 8
const BATCH = 510

/** tlb_gather_mmu(): resets the gather and counts it in mm->tlb_flush_pending. */
export function tlbGatherMmu(t: Task, m: Machine, emit?: Emit): void {
  add(m, t.s.shape.flushPending, t.mm, 1)
  emit?.({ type: 'gather-started' })
}

/** tlb_remove_tlb_entry(): the range to flush grows to take in this page. */
export function widenRange(t: Task, m: Machine, page: number): void {
  const { gatherStart, gatherEnd } = t.k
  const end = get(m, gatherEnd, 0)
  if (end === 0 || page < get(m, gatherStart, 0)) set(m, gatherStart, 0, page)
  if (page + 1 > end) set(m, gatherEnd, 0, page + 1)
}

/** __tlb_remove_page(): queues a page. True when the batch is full and the gather must be flushed. */
export function gatherPage(t: Task, m: Machine, pfn: number, emit?: Emit): boolean {
  queue(t, m, pfn << 1)
  add(m, t.k.gatherPages, 0, 1)
  emit?.({ type: 'page-gathered', pfn: toPfn(pfn), count: 1 })
  return get(m, t.k.gatherPages, 0) >= t.s.batchSize
}

/** pte_free_tlb() and its like: queues a page-table page. */
export function gatherTable(t: Task, m: Machine, pfn: number, page: number, emit?: Emit): void {
  set(m, t.k.freedTables, 0, 1)
  widenRange(t, m, page)
  if (freesTablesAtOnce(t)) {
    freeTable(t.s, m, pfn, emit)
    return
  }
  queue(t, m, (pfn << 1) | 1)
  if (t.s.policy.tableFree === 'rcu') emit?.({ type: 'tables-queued-for-rcu', count: 1 })
  else emit?.({ type: 'table-gathered', pfn: toPfn(pfn) })
}

function queue(t: Task, m: Machine, entry: number): void {
  const count = get(m, t.k.gatherCount, 0)
  set(m, t.k.gatherList, count, entry)
  set(m, t.k.gatherCount, 0, count + 1)
}

/**
 * tlb_flush_mmu_tlbonly(): CPUs first, then the secondary TLBs, then the range is forgotten; the pages stay queued. Does
 * nothing when nothing was recorded. `prepare` and `begin` (events) run at the head of the first step; `whenEmpty` says where to go when there is
 * nothing to flush.
 */
export function tlbFlushMmuTlbonly(
  t: Task,
  site: InvalidateSite,
  notifies: 'gather' | 'end-vma',
  begin: (m: Machine, emit?: Emit) => void = () => {},
  whenEmpty?: { readonly goes: readonly Label[]; readonly to: (m: Machine) => number },
  prepare?: { readonly touches: readonly Part[]; readonly run: (m: Machine) => void },
): void {
  const { asm, s } = t
  const specs: { spec: OpSpec; phase: 'flush' | 'secondary' }[] = []
  const name =
    s.policy.arch === 'arm64'
      ? { fn: '__flush_tlb_range', file: 'arch/arm64/include/asm/tlbflush.h' }
      : { fn: 'flush_tlb_mm_range', file: 'arch/x86/mm/tlb.c' }
  const flush = t.fullmm && s.policy.arch === 'arm64' ? [noFlushSpec(begin)] : cpuFlushSpecs(t, name, begin)
  const acknowledge = t.fullmm && s.policy.arch === 'arm64' ? undefined : acknowledgeSpec(t)
  const tells = rangeCallbackActs(t) && hookCalled(t, notifies)
  const secondary = tells
    ? secondarySpecs(
        t,
        site,
        asTold(s, { bounds: mostNotified(t), at: m => notifierRange(t, m), all: m => notifiesAll(t, m) }),
        m => get(m, t.k.freedTables, 0) === 1,
      )
    : []
  const wait = acknowledge === undefined ? [] : [acknowledge]
  // arm64 from 6.6 on calls the notifier when TLBI is issued and before DSB has waited for it.
  const early = s.policy.arch === 'arm64' && s.policy.archFlushNotifies
  for (const spec of flush) specs.push({ spec, phase: 'flush' })
  const later = early
    ? ([
        ['secondary', secondary],
        ['flush', wait],
      ] as const)
    : ([
        ['flush', wait],
        ['secondary', secondary],
      ] as const)
  for (const [phase, list] of later) for (const spec of list) specs.push({ spec, phase })

  const end = asm.label()
  const last = specs.length - 1
  asm.within('tlb_flush_mmu_tlbonly', () =>
    specs.forEach(({ spec, phase }, i) => {
      asm.beginPhase(phase === 'flush' ? flushPhase(t, site) : secondaryPhase(t, site, 'call'))
      const framed =
        (run: Op['run']): Op['run'] =>
        (m, emit, next) => {
          if (i === 0) prepare?.run(m)
          if (i === 0 && nothingGathered(t, m)) {
            begin(m, emit)
            return whenEmpty?.to(m) ?? end.at
          }
          const to = run(m, emit, next)
          if (to !== next) return to
          if (i === last) forgetRange(t, m)
          return next
        }
      const without = (spec.without ?? []).map(omission => ({ ...omission, run: framed(omission.run) }))
      const touches: Part[] = [...(spec.touches ?? [])]
      if (i === 0) touches.push(...(prepare?.touches ?? []))
      if (i === last) touches.push({ merges: [s.resources.gatherRange(t.cpu)] })
      asm.op({
        ...spec,
        run: framed(spec.run),
        without,
        touches,
        goes: i === 0 ? ['next', ...(whenEmpty?.goes ?? [end])] : (spec.goes ?? ['next']),
      })
    }),
  )
  asm.place(end)
  if (!tells) asm.skipPhase(secondaryPhase(t, site, hookCalled(t, notifies) ? 'empty' : 'hole'))
}

/** tlb_flush() of arm64 with fullmm: the ASID of a dead mm is never used again, so nothing needs to be flushed. */
const noFlushSpec = (begin: (m: Machine, emit?: Emit) => void): OpSpec => ({
  fn: 'tlb_flush',
  file: 'arch/arm64/include/asm/tlb.h',
  label: 'see fullmm set, and flush nothing',
  why: 'Right if nobody runs in this mm any more. Whoever still does keeps his TLB.',
  run: (m, emit, next) => {
    begin(m, emit)
    return next
  },
})

function hookCalled(t: Task, notifies: 'gather' | 'end-vma'): boolean {
  const p = t.s.policy
  return notifies === 'end-vma' ? p.endVmaFlushNotifies : p.gatherFlushNotifies || p.tableFreeNotifies
}

/** What the notifier is told. A gather of pages alone is told of only if such flushes notify, likewise one with tables. */
function notifierRange(t: Task, m: Machine): readonly [number, number] {
  const p = t.s.policy
  if (get(m, t.k.nested, 0) === 1) return p.nestedRangeEncoding === 'full' ? [0, t.s.vpns.length] : [0, 0]
  const tables = get(m, t.k.freedTables, 0) === 1
  if (!p.gatherFlushNotifies && !(tables && p.tableFreeNotifies)) return [0, 0]
  // flush_tlb_mm_range() on x86 hands on what it flushed: everything, past its ceiling.
  return p.archFlushNotifies && p.arch === 'x86' ? cpuFlushRange(t.s, m, t.k) : gatherRange(t, m)
}

/** notifierRange() is everything, not just all that there is. */
const notifiesAll = ({ s, k }: Task, m: Machine): boolean =>
  s.policy.archFlushNotifies && s.policy.arch === 'x86' ? flushesAll(s, m, k) : get(m, k.nested, 0) === 1

/** All that notifierRange() can be: no more than the call is about, unless everything is flushed. */
function mostNotified({ s, range }: Task): readonly [number, number] {
  const { policy } = s
  const all = policy.nestedGatherForcesFlush || (policy.archFlushNotifies && pastCeiling(s, ...range))
  return all ? [0, s.vpns.length] : range
}

/** __tlb_reset_range() */
function forgetRange(t: Task, m: Machine): void {
  for (const column of [t.k.gatherStart, t.k.gatherEnd, t.k.freedTables, t.k.nested]) set(m, column, 0, 0)
}

/**
 * tlb_flush_mmu_free(): page-table pages go to RCU where the architecture frees them so, then pages return to the allocator one
 * by one. Falls through when the gather is empty.
 */
export function tlbFlushMmuFree(t: Task, phaseId: string): void {
  const { asm, s, k } = t
  const end = asm.label()
  asm.beginPhase({
    id: `free ${phaseId}`,
    title: 'free',
    note: 'pages back to the allocator',
    kind: 'work',
    amber: false,
  })
  const left = (m: Machine): number => get(m, k.gatherCount, 0)
  const nextPfn = (m: Machine): string => (left(m) === 0 ? 'nothing' : `pfn ${freeFirst(t, m)}`)
  const loop = asm.here + 1
  const free = (m: Machine, emit: Emit | undefined): number => {
    if (s.policy.tableFree === 'rcu') moveTablesToRcu(t, m)
    if (left(m) > 0) freeNext(t, m, emit)
    if (left(m) > 0) return loop
    set(m, k.gatherPages, 0, 0)
    return end.at
  }
  asm.within('tlb_flush_mmu_free', () => {
    asm.op({
      fn: 'tlb_batch_pages_flush',
      file: FILE,
      label: m => (left(m) === 0 ? 'free nothing' : `free ${nextPfn(m)}`),
      why: 'From here on the frame can be anybody’s. Every translation of it must be gone.',
      run: (m, emit) => {
        if (phaseId === 'forced') emit?.({ type: 'gather-flushed' })
        arrange(t, m)
        return free(m, emit)
      },
      touches: freeTouches(t),
      goes: ['next', end],
    })
    asm.op({
      fn: 'tlb_batch_pages_flush',
      file: FILE,
      label: m => `free ${nextPfn(m)}`,
      why: 'From here on the frame can be anybody’s. Every translation of it must be gone.',
      run: (m, emit) => free(m, emit),
      touches: freeTouches(t),
      goes: [{ at: loop }, end],
    })
  })
  asm.place(end)
}

function freeTouches(t: Task): Part[] {
  const { s, k } = t
  const tables = (m: Machine): boolean => {
    for (let i = 0; i < get(m, k.gatherCount, 0); i++) if ((get(m, k.gatherList, i) & 1) === 1) return true
    return false
  }
  const rcu: Part[] = s.policy.tableFree === 'rcu' ? [{ writes: [s.resources.rcu], now: tables }] : []
  return [...freesFrames(s), ...rcu]
}

const freeFirst = (t: Task, m: Machine): number => get(m, t.k.gatherList, get(m, t.k.gatherCount, 0) - 1) >>> 1

/**
 * Puts the list into the order in which it is freed, last first. Batches go in the order they were filled; up to 6.8 a batch is
 * freed from its end (release_pages() builds a list head first), later from its start.
 */
function arrange(t: Task, m: Machine): void {
  const count = get(m, t.k.gatherCount, 0)
  const entries: number[] = []
  for (let i = 0; i < count; i++) entries.push(get(m, t.k.gatherList, i))
  const freed: number[] = []
  for (let from = 0, size = BUNDLE; from < count; from += size, size = BATCH) {
    const batch = entries.slice(from, from + size)
    freed.push(...(t.s.policy.batchFreeOrder === 'lifo' ? batch.reverse() : batch))
  }
  for (const [i, entry] of freed.reverse().entries()) set(m, t.k.gatherList, i, entry)
}

function freeNext(t: Task, m: Machine, emit?: Emit): void {
  const at = get(m, t.k.gatherCount, 0) - 1
  const entry = get(m, t.k.gatherList, at)
  set(m, t.k.gatherList, at, 0)
  set(m, t.k.gatherCount, 0, at)
  if ((entry & 1) === 1) freeTable(t.s, m, entry >>> 1, emit)
  else putPage(t.s, m, entry >>> 1, emit)
}

/** tlb_table_flush(): call_rcu() on the tables; a grace period later tlb_remove_table_rcu() frees them. */
export function moveTablesToRcu(t: Task, m: Machine): void {
  const { rcuList, rcuCount } = t.s.shape
  const count = get(m, t.k.gatherCount, 0)
  let kept = 0
  for (let i = 0; i < count; i++) {
    const entry = get(m, t.k.gatherList, i)
    set(m, t.k.gatherList, i, 0)
    if ((entry & 1) === 1) {
      set(m, rcuList, get(m, rcuCount, 0), entry >>> 1)
      add(m, rcuCount, 0, 1)
    } else {
      set(m, t.k.gatherList, kept++, entry)
    }
  }
  set(m, t.k.gatherCount, 0, kept)
}

const flushPhase = (t: Task, site: InvalidateSite) => ({
  id: `flush ${site}`,
  title: 'CPU flush',
  note: site === 'inside' ? 'forced, inside the pair' : t.s.policy.arch === 'arm64' ? 'TLBI, DSB' : 'TLBs of all CPUs',
  kind: 'work' as const,
  amber: true,
})

function secondaryPhase(t: Task, site: InvalidateSite, kind: 'call' | 'hole' | 'empty') {
  const title = kind === 'hole' ? 'no callback here' : rangeHook(t)
  const note = {
    call: t.inPlace === true ? 'entries changed, not unmapped' : 'unmapped, not yet freed',
    hole: `${t.s.policy.kernel} has none`,
    empty: 'called, nobody acts',
  }[kind]
  return { id: `secondary ${site}`, title, note, kind, amber: true }
}
