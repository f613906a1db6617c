import type { NotifierReason, SimEvent } from '../../machine/event.ts'
import { asPfn, type PageRange } from '../../units.ts'
import { homeOf } from '../cast.ts'
import { decimal, frame, hex, type Key, key, page, pointer, range, says, word } from '../fields.ts'
import { actorOf, type TraceRecord } from '../record.ts'
import { emit, missing, type Scene, taskOf } from '../scene.ts'
import { siteOf } from '../site.ts'
import type { CallbackKind, RecordedCallback } from '../timed.ts'
import { type Format, format } from './format.ts'

const MM = key('mm')
const MN = key('mn')
const EVENT = key('event')
const SEQ = key('seq')
const AT = key('at')
const VA = key('va')
const ADDR = key('addr')
const PFN = key('pfn')
const WAS = key('was')
const REF = key('ref')
const ONLY_END = key('only_end')
const OPEN_SEQ = key('open_seq')

/** enum mmu_notifier_event, as the kernel numbers it in the probes. include/linux/mmu_notifier.h */
const REASONS: readonly NotifierReason[] = [
  'UNMAP',
  'CLEAR',
  'PROTECTION_VMA',
  'PROTECTION_PAGE',
  'SOFT_DIRTY',
  'RELEASE',
  'MIGRATE',
  'EXCLUSIVE',
]

/** Events of a module that registers a notifier and reports each callback, with what it finds in the page table. */
export const notifierFormats: readonly Format[] = [
  format('mn_invalidate_range_start', (r, s) => started(r, s, reasonOf(word(r.args, EVENT)), true)),
  format('mn_invalidate_range_end', (r, s) => ended(r, s, reasonOf(word(r.args, EVENT)), true)),
  format('mn_invalidate_range', (r, s) => secondary(r, s)),
  format('mn_arch_invalidate_secondary_tlbs', (r, s) => secondary(r, s)),
  format('mn_release', (r, s) => callback(r, s, 'release', null, { type: 'notifier-released' })),
  format('mn_young', (r, s) => {
    const pages = range(r.args)
    if (pages === null) return missing(s, r, 'start= and end=')
    const mm = pointer(r.args, MM)
    if (mm !== null && heard(r, s, mm)) emit(s, r, mm, { type: 'young-cleared', range: pages })
  }),
  format('mn_change_pte', (r, s) => {
    const vpn = page(r.args, VA)
    if (vpn === null) return missing(s, r, 'va=')
    const mm = pointer(r.args, MM)
    if (mm !== null && heard(r, s, mm)) emit(s, r, mm, { type: 'pte-change-notified', vpn })
  }),
  format('mn_page', readPage),
  format('mn_table', readTable),
  format('mn_summary', readSummary),
  // The kernel's own calls: they tell from where invalidate_range comes, and stand in for the module when it is absent.
  format('__mmu_notifier_release', (r, s) => {
    if (s.cast.hasNotifier) return
    callback(r, s, 'release', null, { type: 'notifier-released' })
    const mm = pointer(r.args, MM)
    if (mm !== null) s.released.add(mm)
  }),
  format('__mmu_notifier_change_pte', (r, s) => {
    if (!standsIn(r, s)) return
    const vpn = page(r.args, ADDR)
    if (vpn === null) return missing(s, r, 'addr=')
    const mm = pointer(r.args, MM)
    if (mm !== null) emit(s, r, mm, { type: 'pte-change-notified', vpn })
  }),
  format('__mmu_notifier_invalidate_range_start', (r, s) => {
    if (standsIn(r, s)) started(r, s, REASONS[decimal(r.args, EVENT) ?? -1] ?? null, false)
  }),
  format('__mmu_notifier_invalidate_range_end', (r, s) => {
    taskOf(s, r).caller = 'end'
    if (!standsIn(r, s)) return
    // Up to 6.5, and where the probe's only_end says so, it calls invalidate_range of each notifier before its end.
    if (decimal(r.args, ONLY_END) === 0) secondary(r, s)
    ended(r, s, REASONS[decimal(r.args, EVENT) ?? -1] ?? null, false)
  }),
  ...['__mmu_notifier_invalidate_range', '__mmu_notifier_arch_invalidate_secondary_tlbs'].map(name =>
    format(name, (r, s) => {
      taskOf(s, r).caller = 'direct'
      if (standsIn(r, s)) secondary(r, s)
    }),
  ),
]

/** The kernel's own call is heard in place of the module's; after release() nobody is subscribed any more whom it could reach. */
function standsIn(r: TraceRecord, s: Scene): boolean {
  if (s.cast.hasNotifier) return false
  const mm = pointer(r.args, MM)
  return mm === null || !s.released.has(mm)
}

const reasonOf = (name: string | null): NotifierReason | null => REASONS.find(reason => reason === name) ?? null

/** Of several notifiers on one mm the first one heard speaks, until another one tells of a start() that it has not told of. */
function heard(r: TraceRecord, s: Scene, mm: string, start: PageRange | null = null): boolean {
  const mn = word(r.args, MN) ?? ''
  const speaker = s.speaker.get(mm)
  if (start !== null) {
    const task = `${mm} ${actorOf(r)}`
    const pages = `${start.start} ${start.end}`
    if (speaker !== undefined && speaker !== mn && s.told.get(task) === pages) return false
    s.told.set(task, pages)
    s.speaker.set(mm, mn)
    return true
  }
  if (speaker === undefined) s.speaker.set(mm, mn)
  return speaker === undefined || speaker === mn
}

function started(r: TraceRecord, s: Scene, reason: NotifierReason | null, module: boolean): void {
  const mm = pointer(r.args, MM)
  const pages = range(r.args)
  if (mm === null || pages === null || reason === null) {
    missing(s, r, 'mm=, start=, end= and event=')
    return
  }
  if (module && !heard(r, s, mm, pages)) return
  callback(r, s, 'start', pages, { type: 'invalidate-range-started', range: pages, reason })
  const t = taskOf(s, r)
  t.pairs.push({ mm, range: pages, seq: decimal(r.args, SEQ) ?? 0 })
  t.worked = mm
}

function ended(r: TraceRecord, s: Scene, reason: NotifierReason | null, module: boolean): void {
  const mm = pointer(r.args, MM)
  const pages = range(r.args)
  if (mm === null || pages === null || reason === null) {
    missing(s, r, 'mm=, start=, end= and event=')
    return
  }
  if (module && !heard(r, s, mm)) return
  callback(r, s, 'end', pages, { type: 'invalidate-range-ended', range: pages, reason })
  const t = taskOf(s, r)
  const open = t.pairs.findLastIndex(p => p.mm === mm && p.range.start === pages.start && p.range.end === pages.end)
  if (open >= 0) t.pairs.splice(open, 1)
  if (module) t.caller = null
}

function secondary(r: TraceRecord, s: Scene): void {
  const pages = range(r.args)
  if (pages === null) {
    missing(s, r, 'start= and end=')
    return
  }
  const mm = pointer(r.args, MM)
  if (s.cast.hasNotifier && mm !== null && !heard(r, s, mm)) return
  callback(r, s, 'secondary', pages, {
    type: 'secondary-tlb-invalidate-called',
    range: pages,
    site: siteOf(r, taskOf(s, r)),
    tables: false,
  })
  const measured = s.measuring.get(actorOf(r))
  if (measured?.line === r.line && taskOf(s, r).pairs.length === 0 && (decimal(r.args, OPEN_SEQ) ?? 0) > 0)
    measured.ofAnother = true
}

function callback(r: TraceRecord, s: Scene, kind: CallbackKind, pages: PageRange | null, event: SimEvent): void {
  const mm = pointer(r.args, MM)
  if (mm === null) {
    missing(s, r, 'mm=')
    return
  }
  taskOf(s, r).flushing = null
  emit(s, r, mm, event)
  if (!s.cast.followed.has(mm)) return
  measure(r, s, kind, mm, pages, s.events.length - 1)
}

function measure(
  r: TraceRecord,
  s: Scene,
  kind: CallbackKind,
  mm: string,
  pages: PageRange | null,
  at: number,
): RecordedCallback {
  const seen: RecordedCallback = {
    kind,
    at,
    line: r.line,
    time: r.time,
    cpu: r.cpu,
    who: actorOf(r),
    mm,
    range: pages,
    pages: [],
    tables: [],
    summary: null,
  }
  s.callbacks.push(seen)
  s.measuring.set(actorOf(r), seen)
  return seen
}

/** Reports follow their callback on the same task; a workload may also ask for them, between callbacks (`at=probe`). */
function reportedIn(r: TraceRecord, s: Scene): RecordedCallback {
  const open = s.measuring.get(actorOf(r))
  const asked = says(r.args, AT, 'probe')
  if (open !== undefined && (open.kind === 'probe') === asked && open.summary === null) return open
  const [only] = s.cast.followed
  return measure(r, s, asked ? 'probe' : (open?.kind ?? 'probe'), homeOf(s.cast, r.pid, r.line) ?? only ?? '', null, -1)
}

function readPage(r: TraceRecord, s: Scene): void {
  const vpn = page(r.args, VA)
  const was = hex(r.args, WAS)
  const references = decimal(r.args, REF)
  if (vpn === null || was === null || references === null) {
    missing(s, r, 'va=, was= and ref=')
    return
  }
  const into = reportedIn(r, s)
  const state = word(r.args, STATE) ?? ''
  const pfn = frame(r.args, PFN) ?? 0
  into.pages.push({
    vpn,
    level: word(r.args, LEVEL) ?? '',
    pte: word(r.args, PTE) ?? '',
    state,
    pfn: asPfn(pfn),
    was: asPfn(was),
    references,
    mappings: decimal(r.args, MAP) ?? 0,
    flags: word(r.args, FLAGS) ?? '',
  })
  // The zero page is everyone's: it has no owner and is never freed.
  if (state === 'present' && pfn === was && references > 0 && (decimal(r.args, MAP) ?? 0) > 0) s.pages.set(pfn, into.mm)
}

function readTable(r: TraceRecord, s: Scene): void {
  const vpn = page(r.args, VA)
  const was = hex(r.args, WAS)
  const references = decimal(r.args, REF)
  if (vpn === null || was === null || references === null) {
    missing(s, r, 'va=, was= and ref=')
    return
  }
  const into = reportedIn(r, s)
  const level = says(r.args, TABLE_OF, 'pmd') ? 'PMD' : 'PTE'
  const linked = says(r.args, LINKED, 'yes')
  into.tables.push({ level, vpn, was: asPfn(was), linked, references })
  if (linked) s.tables.set(was, { mm: into.mm, level, vpn, inUse: true })
}

function readSummary(r: TraceRecord, s: Scene): void {
  const into = reportedIn(r, s)
  const n = (k: Key): number => decimal(r.args, k) ?? 0
  into.summary = {
    remembered: n(COUNTS.remembered),
    present: n(COUNTS.present),
    samePfn: n(COUNTS.samePfn),
    freed: n(COUNTS.freed),
    mapped: n(COUNTS.mapped),
    tables: n(COUNTS.tables),
    tablesLinked: n(COUNTS.tablesLinked),
    tablesFreed: n(COUNTS.tablesFreed),
  }
}

const COUNTS = {
  remembered: key('remembered'),
  present: key('present_now'),
  samePfn: key('same_pfn'),
  freed: key('ref0'),
  mapped: key('mapped'),
  tables: key('tables'),
  tablesLinked: key('tables_linked'),
  tablesFreed: key('tables_freed'),
}
const STATE = key('state')
const LEVEL = key('lvl')
const PTE = key('pte')
const MAP = key('map')
const FLAGS = key('flags')
const TABLE_OF = key('table_of')
const LINKED = key('linked')
