import { decimal, key, pointer, says, word } from './fields.ts'
import type { TraceRecord } from './record.ts'
import type { TraceRecords } from './records.ts'

/** Who is who in a recording: which address spaces are followed, and which task belongs to which. */
export interface Cast {
  /** mm_structs whose story is told. */
  readonly followed: ReadonlySet<string>
  /** The mm a task runs on, by pid: in order of lines. A pid that has gone may come again with another. */
  readonly homes: ReadonlyMap<number, readonly Home[]>
  /** The recording has events of the notifier module; otherwise the kernel's own calls stand in for them. */
  readonly hasNotifier: boolean
  /** Lines in which CPUs are asked for a flush that was put off, for several address spaces at once. */
  readonly batchFlushes: ReadonlySet<number>
  /** Who wrote the markers: taken to belong to the only followed mm when nothing else tells. */
  readonly markers: ReadonlySet<number>
}

/** From this line on the pid runs on this mm. */
export interface Home {
  readonly line: number
  readonly mm: string
}

const MM = key('mm')
/** After these another mm is another process of the same number, or another program in the same one. */
const LEAVES = new Set(['exit_mmap', 'sys_exit', 'sys_exit_group', 'sys_execve', 'sys_execveat'])

/** Events in process context that name the mm their task runs on. Of a fork's two locks the first is its own. */
const HOME_EVENTS = new Set([
  'mmap_lock_acquire_returned',
  'mmap_lock_released',
  'tlb_gather_mmu',
  'tlb_gather_mmu_fullmm',
  'flush_tlb_mm_range',
  'exit_mmap',
  '__mmu_notifier_invalidate_range_start',
  'mn_invalidate_range_start',
])

/**
 * Goes through the records once before they are read, for what only later ones tell: the first event of a task, a fault
 * say, does not name its mm, and whether an mm has a notifier shows at its first callback.
 *
 * Followed is every mm with a notifier. Without the module's events: every mm for which the kernel called notifiers;
 * without those too: the mm of the tasks that wrote markers; and at last every mm that is named at all.
 */
export function castOf(records: TraceRecords): Cast {
  const notified = new Set<string>()
  const called = new Set<string>()
  const named = new Set<string>()
  const tasks = new Map<number, { readonly homes: Home[]; leaves: boolean; last: number }>()
  const markers = new Set<number>()
  /** By CPU: the line in which it asked others last. */
  const asked = new Map<number, number>()
  const batchFlushes = new Set<number>()

  records.each(r => {
    if (r.name === 'tracing_mark_write') {
      markers.add(r.pid)
      if (r.args.startsWith('BEGIN')) for (const task of tasks.values()) task.leaves = true
      return
    }
    if (r.name === 'native_flush_tlb_multi') asked.set(r.cpu, r.line)
    if (r.name === 'flush_tlb_func') {
      // struct flush_tlb_info of arch_tlbbatch_flush() names no mm.
      const line = word(r.args, MM) === null || pointer(r.args, MM) !== null ? undefined : asked.get(fromCpu(r))
      if (line !== undefined) batchFlushes.add(line)
      return
    }
    const known = tasks.get(r.pid)
    if (known !== undefined && LEAVES.has(r.name)) known.leaves = true
    const mm = pointer(r.args, MM)
    if (mm === null) return
    named.add(mm)
    if (isModule(r.name)) notified.add(mm)
    else if (r.name.startsWith('__mmu')) called.add(mm)
    if (!HOME_EVENTS.has(r.name) || r.pid === 0 || says(r.args, SUCCESS, 'false')) return
    if (known === undefined) {
      tasks.set(r.pid, { homes: [{ line: 0, mm }], leaves: false, last: r.line })
    } else if (mm === known.homes.at(-1)?.mm) {
      known.last = r.line
    } else if (known.leaves) {
      known.homes.push({ line: known.last + 1, mm })
      known.leaves = false
      known.last = r.line
    }
  }, tellsMm)

  const homes = new Map([...tasks].map(([pid, task]) => [pid, task.homes]))
  const ofMarkers = new Set([...markers].flatMap(pid => (homes.get(pid) ?? []).map(h => h.mm)))
  const followed = [notified, called, ofMarkers, named].find(set => set.size > 0) ?? named
  return { followed, homes, hasNotifier: notified.size > 0, batchFlushes, markers }
}

/** Events of the module that name an mm: its reports on single pages do not. */
const isModule = (name: string): boolean => name.startsWith('mn_') && !REPORTS.has(name)
const REPORTS = new Set(['mn_page', 'mn_table', 'mn_summary'])
const tellsMm = (name: string): boolean =>
  name === 'tracing_mark_write' ||
  name === 'native_flush_tlb_multi' ||
  name === 'flush_tlb_func' ||
  isModule(name) ||
  HOME_EVENTS.has(name) ||
  LEAVES.has(name)

const SUCCESS = key('success')
const FROM = key('from_cpu')
const fromCpu = (r: TraceRecord): number => decimal(r.args, FROM) ?? r.cpu

/** The mm of a task at a line, or null. */
export function homeOf(cast: Cast, pid: number, line: number): string | null {
  const known = cast.homes.get(pid)?.findLast(h => h.line <= line)
  if (known !== undefined) return known.mm
  if (!cast.markers.has(pid) || cast.followed.size !== 1) return null
  const [only] = cast.followed
  return only ?? null
}
