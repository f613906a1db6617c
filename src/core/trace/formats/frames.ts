import { asPfn, asVpn, type Level, tableBase } from '../../units.ts'
import { homeOf } from '../cast.ts'
import { decimal, hex, key, page, word } from '../fields.ts'
import { actorOf, type TraceRecord } from '../record.ts'
import { emit, missing, type Scene, taskOf } from '../scene.ts'
import { type Format, format } from './format.ts'

const PFN = key('pfn')
const ORDER = key('order')
const TYPE = key('migratetype')
const GFP = key('gfp_flags')
const ADDR = key('addr')

/** __pud_alloc() makes a PUD table, and so on; the page comes with the next mm_page_alloc of the task. mm/memory.c */
const tableAlloc = (name: string, level: Level): Format =>
  format(name, (r, s) => {
    settleTable(r, s, null)
    const t = taskOf(s, r)
    const vpn = page(r.args, ADDR) ?? t.fault ?? asVpn(0)
    t.tablePending = { level, vpn: tableBase(level, vpn), record: r }
  })

/** Tables belong to the task that makes them, also those a fork makes for the child. */
export function settleTable(r: TraceRecord, s: Scene, pfn: number | null): void {
  const t = taskOf(s, r)
  const pending = t.tablePending
  if (pending === null) return
  t.tablePending = null
  const mm = homeOf(s.cast, actorOf(r), r.line)
  emit(s, pending.record, mm, { type: 'table-allocated', level: pending.level, pfn: asPfn(pfn ?? 0), vpn: pending.vpn })
  if (pfn !== null && mm !== null && s.cast.followed.has(mm)) {
    s.tables.set(pfn, { mm, level: pending.level, vpn: pending.vpn, inUse: false })
  }
}

function allocated(r: TraceRecord, s: Scene): void {
  const pfn = hex(r.args, PFN)
  if (pfn === null) {
    missing(s, r, 'pfn=')
    return
  }
  const t = taskOf(s, r)
  const gfp = word(r.args, GFP) ?? ''
  const order = decimal(r.args, ORDER) ?? 0
  s.pages.delete(pfn)
  s.tables.delete(pfn)
  s.batchPages.delete(pfn)
  if (t.tablePending !== null) {
    settleTable(r, s, pfn)
    return
  }
  // User memory is movable; kernel memory is not: a rough rule that needs no look at who called.
  const type = decimal(r.args, TYPE)
  if (type === null ? gfp.includes('MOVABLE') : type === 1) {
    const mm = homeOf(s.cast, actorOf(r), r.line)
    emit(s, r, mm, { type: 'page-allocated', pfn: asPfn(pfn), owner: r.task, order })
    if (mm !== null && s.cast.followed.has(mm)) s.pages.set(pfn, mm)
  } else if (t.gathers.length > 0 && gfp.startsWith('GFP_NOWAIT')) {
    // tlb_next_batch(): one more page of pointers for the gather.
    s.batchPages.add(pfn)
  }
}

/**
 * mm_page_free is a page's last reference gone. It is one of ours if its frame is known to be (seen mapped, allocated by
 * a fault, unmapped), whoever frees it; or if a gather of ours is just being emptied and it is no page of the gather.
 */
function freed(r: TraceRecord, s: Scene): void {
  const pfn = hex(r.args, PFN)
  if (pfn === null) {
    missing(s, r, 'pfn=')
    return
  }
  const order = decimal(r.args, ORDER) ?? 0
  const t = taskOf(s, r)
  const table = s.tables.get(pfn)
  const owner = s.pages.get(pfn)
  const gather = t.gathers.at(-1)
  const emptied = t.freeing && gather !== undefined ? (s.gatherMm.get(gather) ?? null) : null
  s.tables.delete(pfn)
  s.pages.delete(pfn)
  s.rcuPending.delete(pfn)
  if (s.batchPages.delete(pfn)) return
  if (table !== undefined && (table.inUse || emptied !== null)) {
    emit(s, r, table.mm, { type: 'table-freed', pfn: asPfn(pfn) })
  } else if (owner !== undefined || (emptied !== null && table === undefined)) {
    emit(s, r, owner ?? emptied, { type: 'page-freed', pfn: asPfn(pfn), order })
  }
}

/** The page allocator: include/trace/events/kmem.h */
export const frameFormats: readonly Format[] = [
  tableAlloc('__pud_alloc', 'PUD'),
  tableAlloc('__pmd_alloc', 'PMD'),
  tableAlloc('pte_alloc_one', 'PTE'),
  format('mm_page_alloc', allocated),
  format('mm_page_free', freed),
]
