import type { Problem } from '../base/problem.ts'
import type { SimEvent } from '../machine/event.ts'
import type { Level, PageRange, Vpn } from '../units.ts'
import { type Cast, homeOf } from './cast.ts'
import { actorOf, placeOf, type TraceRecord } from './record.ts'
import type { RecordedCall, RecordedCallback, TableBounds, TimedEvent } from './timed.ts'

/** What a task is in the middle of, as far as its earlier records tell. */
export interface TaskState {
  /** Start/end pairs it has open, innermost last. */
  readonly pairs: { readonly mm: string; readonly range: PageRange; readonly seq: number }[]
  /** Its gathers not yet finished: pointers of struct mmu_gather. */
  readonly gathers: string[]
  /** Which of the kernel's two callers of invalidate_range it entered last; null before either. */
  caller: 'end' | 'direct' | null
  /** mm of the flush_tlb_mm_range() it is in, and since when no other event came between. */
  flushing: string | null
  /** mm of its last start/end pair: a kernel thread has none of its own. */
  worked: string | null
  /** Inside free_pages_and_swap_cache() or what follows it: a page freed now is one of the gather's. */
  freeing: boolean
  /** A table-page allocation announced by a probe; mm_page_alloc brings its frame. */
  tablePending: { readonly level: Level; readonly vpn: Vpn; readonly record: TraceRecord } | null
  /** The table page it has just unlinked: the next page it queues is that one. */
  unlinked: UnlinkedTable | null
  /** mm_structs whose mmap_lock it holds. */
  readonly locks: Map<string, 'read' | 'write'>
  /** Address of its last fault. */
  fault: Vpn | null
  /** The system call it is in. */
  call: RecordedCall | null
  /** Where free_pgd_range() is. */
  tablesFrom: Vpn | null
}

/** Everything concluded so far while the records are gone through once, in order. */
export interface Scene {
  readonly cast: Cast
  readonly events: TimedEvent[]
  readonly callbacks: RecordedCallback[]
  readonly problems: Problem[]
  moreProblems: number
  /** Records that could not be read for want of a field, by name. */
  readonly unreadable: Map<string, number>
  readonly tasks: Map<number, TaskState>
  /** mm_struct by struct mmu_gather. */
  readonly gatherMm: Map<string, string>
  /** Frames known to hold pages of a followed mm, by pfn; the mm is the value. */
  readonly pages: Map<number, string>
  /** Frames known to be page tables of a followed mm (or made by one of its tasks), by pfn. */
  readonly tables: Map<number, TableFrame>
  /** Pages the gather itself lives in, by pfn: freed with the others, and none of them. */
  readonly batchPages: Set<number>
  /** Virtual address of pfn 0 in the direct map: without KASLR at first, then learnt from tables unlinked and queued. */
  directMap: bigint
  /** Table pages that wait for a grace period, by pfn; the mm is the value. */
  readonly rcuPending: Map<number, string>
  /** The notifier that speaks for an mm: two notifiers would tell everything twice. */
  readonly speaker: Map<string, string>
  /** mm_structs that nobody subscribes to any more, where the kernel's own calls are all there is. */
  readonly released: Set<string>
  /** Range of the last start() it told of, by mm and task. */
  readonly told: Map<string, string>
  /** Numbers of events before which another run of a workload begins: nothing known earlier is of use then. */
  readonly restarts: number[]
  /** Of the record before. */
  time: number
  readonly calls: RecordedCall[]
  readonly bounds: TableBounds[]
  /** Which flush of its mm a flush on a CPU is part of (tlb_gen), by index of the event. */
  readonly generations: Map<number, number>
  /** Events with which a flush of reclaim begins that it had put off for many pages: arch_tlbbatch_flush() */
  readonly batchFlushes: Set<number>
  /** The last of these, by the CPU that began it. */
  readonly batchFlushing: Map<number, BatchFlush>
  /** CPUs that were interrupted to do something, or flushed as they were asked to. */
  readonly answers: Answer[]
  /** The last of these, by who answered. */
  readonly answering: Map<number, Answer>
  /** The callback whose measurements follow, by task. */
  readonly measuring: Map<number, RecordedCallback>
}

/** A table page taken out, whose event may still get a better frame number. */
export interface UnlinkedTable {
  /** Index of its event, -1 when nobody follows its mm. */
  readonly at: number
  readonly pfn: number
  readonly frame: TableFrame
  /** Its address in the direct map, where the probe printed that instead of a pfn. */
  readonly address: bigint | null
}

/** A CPU does what another asked of it. */
export interface Answer {
  /** Number of events before it. */
  readonly at: number
  readonly cpu: number
  /** The probe on flush_tlb_func() was hit in it. */
  probed: boolean
}

/** A flush of several address spaces at once names none of them: it is told by the task that asks for it. */
export interface BatchFlush {
  readonly mm: string
  /** In place of the generation, of which such a flush has none. */
  readonly number: number
  /** Its own CPU has flushed too. */
  done: boolean
}

export interface TableFrame {
  readonly mm: string
  readonly level: Level
  readonly vpn: Vpn
  /** Seen linked or unlinked, not only allocated: one made in reserve for a huge page never is. */
  inUse: boolean
}

const MAX_PROBLEMS = 100

/** Before the first line of a recording. */
export function newScene(cast: Cast): Scene {
  return {
    cast,
    events: [],
    callbacks: [],
    problems: [],
    moreProblems: 0,
    unreadable: new Map(),
    tasks: new Map(),
    gatherMm: new Map(),
    pages: new Map(),
    tables: new Map(),
    batchPages: new Set(),
    directMap: 0xffff888000000000n,
    rcuPending: new Map(),
    speaker: new Map(),
    told: new Map(),
    released: new Set(),
    restarts: [],
    time: 0,
    measuring: new Map(),
    calls: [],
    bounds: [],
    generations: new Map(),
    batchFlushes: new Set(),
    batchFlushing: new Map(),
    answers: [],
    answering: new Map(),
  }
}

/** Another run begins: frames, tasks and pointers are other ones from here on, though they may look the same. */
export function restart(s: Scene): void {
  for (const known of [
    s.tasks,
    s.gatherMm,
    s.pages,
    s.tables,
    s.batchPages,
    s.rcuPending,
    s.speaker,
    s.told,
    s.released,
  ])
    known.clear()
  s.measuring.clear()
  s.batchFlushing.clear()
  s.restarts.push(s.events.length)
}

export function taskOf(s: Scene, r: TraceRecord): TaskState {
  const who = actorOf(r)
  let state = s.tasks.get(who)
  if (state === undefined) {
    state = {
      pairs: [],
      gathers: [],
      caller: null,
      flushing: null,
      worked: null,
      freeing: false,
      tablePending: null,
      unlinked: null,
      locks: new Map(),
      fault: null,
      tablesFrom: null,
      call: null,
    }
    s.tasks.set(who, state)
  }
  return state
}

/** The mm a task is at work on: that of the pair or the gather it has open, else its own. */
export function mmOf(s: Scene, r: TraceRecord): string | null {
  const who = actorOf(r)
  const t = s.tasks.get(who)
  const pair = t?.pairs.at(-1)
  if (pair !== undefined) return pair.mm
  const gather = t?.gathers.at(-1)
  return (gather === undefined ? undefined : s.gatherMm.get(gather)) ?? homeOf(s.cast, who, r.line)
}

/** Adds an event about `mm`, unless nobody follows that mm. */
export function emit(s: Scene, r: TraceRecord, mm: string | null, event: SimEvent): void {
  if (mm === null || !s.cast.followed.has(mm)) return
  s.events.push({ event, cpu: r.cpu, who: actorOf(r), line: r.line, time: r.time, task: r.task, mm })
}

/** A field a format cannot do without is not there, or is no number. */
export function missing(s: Scene, r: TraceRecord, fields: string): void {
  s.unreadable.set(r.name, (s.unreadable.get(r.name) ?? 0) + 1)
  if (s.problems.length >= MAX_PROBLEMS) {
    s.moreProblems++
    return
  }
  s.problems.push({
    at: placeOf(r.line, r.column),
    message: `${r.name} has no readable ${fields}`,
    mend: 'The line may be cut short, or come from a kernel that prints this event differently; it was left out.',
  })
}
