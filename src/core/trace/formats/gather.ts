import { asPfn, asVpn, type Level, tableBase } from '../../units.ts'
import { decimal, frame, key, page, pointer, range, word } from '../fields.ts'
import { actorOf, type TraceRecord } from '../record.ts'
import { emit, missing, mmOf, type Scene, taskOf, type UnlinkedTable } from '../scene.ts'
import { type Format, format } from './format.ts'

const TLB = key('tlb')
const MM = key('mm')
const PFN = key('pfn')
const NR = key('nr')
const ADDR = key('addr')
const END = key('end')
const FLOOR = key('floor')
const CEILING = key('ceiling')

/** The mm of the gather a probe names, else of the one its task has open. */
function gatherMm(r: TraceRecord, s: Scene): string | null {
  const tlb = pointer(r.args, TLB)
  return (tlb === null ? undefined : s.gatherMm.get(tlb)) ?? mmOf(s, r)
}

function gatherStarted(r: TraceRecord, s: Scene): void {
  const tlb = pointer(r.args, TLB)
  const mm = pointer(r.args, MM)
  if (tlb === null || mm === null) {
    missing(s, r, 'tlb= and mm=')
    return
  }
  s.gatherMm.set(tlb, mm)
  const t = taskOf(s, r)
  // On one stack a later gather takes the place of an earlier one that was not seen to end.
  if (!t.gathers.includes(tlb)) t.gathers.push(tlb)
  emit(s, r, mm, { type: 'gather-started' })
}

/** Pages of one folio dealt with at once: no more than one page table maps. */
const countOf = (args: string): number => Math.max(1, Math.min(512, decimal(args, NR) ?? 1))

/** page_remove_rmap() takes one page, folio_remove_rmap_ptes() several of one folio: mm/rmap.c */
function rmapRemoved(r: TraceRecord, s: Scene): void {
  const pfn = frame(r.args, PFN)
  if (pfn === null) {
    missing(s, r, 'pfn=')
    return
  }
  const count = countOf(r.args)
  const mm = mmOf(s, r)
  owned(s, mm, pfn, count)
  emit(s, r, mm, { type: 'rmap-removed', pfn: asPfn(pfn), count })
}

/** __tlb_remove_page_size(), __tlb_remove_folio_pages(): mm/mmu_gather.c. Page tables are queued with the pages. */
function queued(r: TraceRecord, s: Scene): void {
  const pfn = frame(r.args, PFN)
  if (pfn === null) {
    missing(s, r, 'pfn=')
    return
  }
  const t = taskOf(s, r)
  const mm = gatherMm(r, s)
  if (t.unlinked !== null) {
    settleUnlinked(s, t.unlinked, pfn)
    t.unlinked = null
    emit(s, r, mm, { type: 'table-gathered', pfn: asPfn(pfn) })
    return
  }
  const count = countOf(r.args)
  owned(s, mm, pfn, count)
  emit(s, r, mm, { type: 'page-gathered', pfn: asPfn(pfn), count })
}

function owned(s: Scene, mm: string | null, pfn: number, count: number): void {
  if (mm === null || !s.cast.followed.has(mm)) return
  for (let i = 0; i < count; i++) s.pages.set(pfn + i, mm)
}

const unlinked = (name: string, level: Level, field: string): Format => {
  const table = key(field)
  return format(name, (r, s) => {
    const mm = gatherMm(r, s)
    const t = taskOf(s, r)
    const text = word(r.args, table)
    const address = text !== null && /^0x[0-9a-f]{12,16}$/.test(text) ? BigInt(text) : null
    const pfn = frame(r.args, PFN) ?? (address === null ? null : tableFrame(s, address))
    if (pfn === null) return missing(s, r, `pfn= or ${field}=`)
    const known = s.tables.get(pfn)
    const vpn = tableBase(level, known?.vpn ?? t.tablesFrom ?? asVpn(0))
    // Also of an mm nobody follows: a fork makes tables for a child, and their end belongs to the story.
    const frameOf = { mm: known?.mm ?? mm ?? '', level, vpn, inUse: true }
    s.tables.set(pfn, frameOf)
    const before = s.events.length
    emit(s, r, mm, { type: 'table-unlinked', level, vpn, pfn: asPfn(pfn) })
    t.unlinked = { at: s.events.length > before ? before : -1, pfn, frame: frameOf, address }
  })
}

/** A table page named by its address in the kernel's direct map; 0 when that lies elsewhere than thought so far. */
function tableFrame(s: Scene, address: bigint): number {
  const offset = address - s.directMap
  return offset < 0n || offset >= 1n << 46n ? 0 : Number(offset >> 12n)
}

/** The table is queued under its frame number: if that is another one, KASLR has moved the direct map. */
function settleUnlinked(s: Scene, table: UnlinkedTable, pfn: number): void {
  if (table.pfn === pfn) return
  if (table.address !== null) s.directMap = table.address - (BigInt(pfn) << 12n)
  s.tables.delete(table.pfn)
  s.tables.set(pfn, table.frame)
  const seen = s.events[table.at]
  if (seen?.event.type === 'table-unlinked') {
    s.events[table.at] = { ...seen, event: { ...seen.event, pfn: asPfn(pfn) } }
  }
}

/** The gather and what it holds. mm/mmu_gather.c, mm/memory.c; one probe a function. */
export const gatherFormats: readonly Format[] = [
  format('tlb_gather_mmu', gatherStarted),
  format('tlb_gather_mmu_fullmm', gatherStarted),
  format('unmap_page_range', (r, s) => {
    const pages = range(r.args)
    if (pages === null) return missing(s, r, 'start= and end=')
    emit(s, r, gatherMm(r, s), { type: 'zap-started', range: pages })
  }),
  ...['page_remove_rmap', 'folio_remove_rmap_ptes', 'folio_remove_rmap_pte', 'folio_remove_rmap_pmd'].map(name =>
    format(name, rmapRemoved),
  ),
  ...['__tlb_remove_page_size', '__tlb_remove_folio_pages', '__tlb_remove_folio_pages_size'].map(name =>
    format(name, queued),
  ),
  format('free_pgtables', (r, s) => emit(s, r, gatherMm(r, s), { type: 'free-pgtables-started' })),
  format('free_pgd_range', (r, s) => {
    const start = page(r.args, ADDR)
    const end = page(r.args, END)
    const floor = page(r.args, FLOOR)
    const ceiling = page(r.args, CEILING)
    taskOf(s, r).tablesFrom = start
    if (start === null || end === null || floor === null || ceiling === null) {
      return missing(s, r, 'addr=, end=, floor= and ceiling=')
    }
    s.bounds.push({ at: s.events.length, who: actorOf(r), range: { start, end }, floor, ceiling })
  }),
  unlinked('___pte_free_tlb', 'PTE', 'pte_table'),
  unlinked('___pmd_free_tlb', 'PMD', 'pmd_table'),
  unlinked('___pud_free_tlb', 'PUD', 'pud_table'),
  format('tlb_remove_table', (r, s) => {
    const mm = gatherMm(r, s)
    const pfn = frame(r.args, PFN)
    const t = taskOf(s, r)
    if (t.unlinked !== null && pfn !== null) settleUnlinked(s, t.unlinked, pfn)
    t.unlinked = null
    if (mm !== null && pfn !== null && s.cast.followed.has(mm)) s.rcuPending.set(pfn, mm)
    emit(s, r, mm, { type: 'tables-queued-for-rcu', count: 1 })
  }),
  // Runs in softirq, on any CPU. It does not say whose tables: those waiting longest.
  format('tlb_remove_table_rcu', (r, s) => {
    const [mm] = s.rcuPending.values()
    emit(s, r, mm ?? null, { type: 'rcu-callback-ran' })
  }),
  format('tlb_flush_mmu', (r, s) => emit(s, r, gatherMm(r, s), { type: 'gather-flushed' })),
  format('tlb_finish_mmu', (r, s) => {
    taskOf(s, r).freeing = false
    emit(s, r, gatherMm(r, s), { type: 'tlb-finish-started', nested: false })
  }),
  format('tlb_finish_mmu_ret', (r, s) => {
    const t = taskOf(s, r)
    t.gathers.pop()
    t.freeing = false
  }),
  // One call for each batch of the gather; the pages whose last reference this was are freed in it.
  format('free_pages_and_swap_cache', (r, s) => {
    taskOf(s, r).freeing = true
  }),
]
