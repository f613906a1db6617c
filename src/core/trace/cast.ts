import { key, pointer, says } from './fields.ts'
import type { TraceRecords } from './records.ts'

/** Who is who in a recording: which address spaces are followed, and which task belongs to which. */
export interface Cast {
  /** mm_structs whose story is told. */
  readonly followed: ReadonlySet<string>
  /** The mm a task runs on, by pid. */
  readonly home: ReadonlyMap<number, string>
  /** The recording has events of the notifier module; otherwise the kernel's own calls stand in for them. */
  readonly hasNotifier: boolean
  /** Who wrote the markers: taken to belong to the only followed mm when nothing else tells. */
  readonly markers: ReadonlySet<number>
}

const MM = key('mm')

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
  const home = new Map<number, string>()
  const markers = new Set<number>()

  records.each(r => {
    if (r.name === 'tracing_mark_write') {
      markers.add(r.pid)
      return
    }
    const mm = pointer(r.args, MM)
    if (mm === null) return
    named.add(mm)
    if (isModule(r.name)) notified.add(mm)
    else if (r.name.startsWith('__mmu')) called.add(mm)
    if (HOME_EVENTS.has(r.name) && r.pid !== 0 && !home.has(r.pid) && !says(r.args, SUCCESS, 'false')) {
      home.set(r.pid, mm)
    }
  }, tellsMm)

  const ofMarkers = new Set([...markers].flatMap(pid => home.get(pid) ?? []))
  const followed = [notified, called, ofMarkers, named].find(set => set.size > 0) ?? named
  return { followed, home, hasNotifier: notified.size > 0, markers }
}

/** Events of the module that name an mm: its reports on single pages do not. */
const isModule = (name: string): boolean => name.startsWith('mn_') && !REPORTS.has(name)
const REPORTS = new Set(['mn_page', 'mn_table', 'mn_summary'])
const tellsMm = (name: string): boolean => name === 'tracing_mark_write' || isModule(name) || HOME_EVENTS.has(name)

const SUCCESS = key('success')

/** The mm of a task, or null. */
export function homeOf(cast: Cast, pid: number): string | null {
  const known = cast.home.get(pid)
  if (known !== undefined) return known
  if (!cast.markers.has(pid) || cast.followed.size !== 1) return null
  const [only] = cast.followed
  return only ?? null
}
