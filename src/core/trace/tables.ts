import { type Level, type PageRange, type Pfn, tableBase, type Vpn } from '../units.ts'
import type { Faulting } from './presence.ts'
import type { RecordedCallback, TimedEvent } from './timed.ts'

/** A page table that a recording told of. */
export interface KnownTable {
  readonly level: Exclude<Level, 'PGD'>
  /** First page it translates. */
  readonly vpn: Vpn
  readonly pfn: Pfn | null
}

/** Page tables known to be linked, by mm and then by level and first page. */
export type LinkedTables = Map<string, Map<string, KnownTable>>

const BELOW_ROOT = ['PTE', 'PMD', 'PUD'] as const
/** Pages that a table translates. */
export const TABLE_SPAN = { PTE: 512, PMD: 512 ** 2, PUD: 512 ** 3 } as const
const idOf = (level: string, vpn: Vpn): string => `${level} ${vpn}`

/**
 * Keeps `linked` up to date with one event. A fault brings in all tables above its page; those taken out are gone. Tables from
 * before the recording, and those that a mremap makes, are known only once a callback reports them.
 */
export function observeTables(linked: LinkedTables, { event, mm, who }: TimedEvent, faulting: Faulting): void {
  if (mm === null) return
  switch (event.type) {
    case 'fault-taken':
      linkAll(linked, mm, event.vpn)
      break
    case 'page-allocated': {
      // A huge page needs no PTE table: its fault has only put one by.
      const vpn = faulting.get(who)
      if (event.order === 9 && vpn !== undefined) linked.get(mm)?.delete(idOf('PTE', tableBase('PTE', vpn)))
      break
    }
    case 'table-unlinked':
      if (event.level !== 'PGD') unlink(linked, mm, event.level, event.vpn, event.pfn)
      break
    case 'notifier-released':
      linked.delete(mm)
      break
  }
}

/** The tables that a callback found, or found missing. */
export function observeReport(linked: LinkedTables, report: RecordedCallback): void {
  for (const t of report.tables) {
    if (t.linked) link(linked, report.mm, { level: t.level, vpn: t.vpn, pfn: t.was })
    else linked.get(report.mm)?.delete(idOf(t.level, t.vpn))
  }
}

/** Tables that translate some page of `range`. */
export function tablesOver(linked: LinkedTables, mm: string, range: PageRange): KnownTable[] {
  const own = linked.get(mm)
  if (own === undefined) return []
  return [...own.values()].filter(t => t.vpn < range.end && t.vpn + TABLE_SPAN[t.level] > range.start)
}

function linkAll(linked: LinkedTables, mm: string, vpn: Vpn): void {
  for (const level of BELOW_ROOT) {
    const base = tableBase(level, vpn)
    if (linked.get(mm)?.has(idOf(level, base)) !== true) link(linked, mm, { level, vpn: base, pfn: null })
  }
}

function link(linked: LinkedTables, mm: string, table: KnownTable): void {
  const own = linked.get(mm) ?? new Map<string, KnownTable>()
  linked.set(mm, own)
  own.set(idOf(table.level, table.vpn), table)
}

/** By its frame if that is known: where a table was is only inferred when it is unlinked. */
function unlink(linked: LinkedTables, mm: string, level: KnownTable['level'], vpn: Vpn, pfn: Pfn): void {
  const own = linked.get(mm)
  if (own === undefined) return
  const id = idOf(level, tableBase(level, vpn))
  const named = own.get(id)
  if (named !== undefined && (named.pfn === null || named.pfn === pfn)) {
    own.delete(id)
    return
  }
  const byFrame = [...own].find(([, t]) => t.level === level && t.pfn === pfn)
  own.delete(byFrame === undefined ? id : byFrame[0])
}
