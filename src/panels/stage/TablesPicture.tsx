import type { Level, Pfn } from '../../core/units.ts'
import type { MmView, PageState, TableEntryView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Cell } from './Cell.tsx'
import { type EntryRow, layOutTree, type TableSlot } from './tree-layout.ts'

interface Props {
  readonly mm: MmView
  readonly before: MmView | null
  readonly width: number
  /** Little height: entries stand side by side. */
  readonly low: boolean
}

/** The page table of the process, level by level, with the true 9-bit indices. */
export function TablesPicture({ mm, width, before, low }: Props) {
  const layout = layOutTree(mm, width, low)
  return (
    <div className="tree" style={{ height: layout.height }}>
      <svg className="tree-links" width={width} height={layout.height} aria-hidden="true">
        {layout.links.map(link => (
          <path key={link.key} d={link.d} className={link.linked ? 'link' : 'link link-cut'} />
        ))}
      </svg>
      {layout.slots.map(slot => (
        <TableBox key={`${slot.level} ${slot.base}`} slot={slot} mm={mm} before={before} />
      ))}
    </div>
  )
}

function TableBox({ slot, mm, before }: { slot: TableSlot; mm: MmView; before: MmView | null }) {
  const { table } = slot
  const state = table === null ? 'none' : table.state === 'linked' ? 'table' : 'unmapped'
  const words = table === null ? 'no table' : `frame ${table.pfn}, ${table.state}`
  return (
    <Cells
      label={`${slot.level} table: ${words}${table?.lockedBy ? `, locked by ${table.lockedBy}` : ''}`}
      className="table-box"
    >
      <TableFrame slot={slot} use={state} />
      {slot.rows.map(row => (
        <Entry key={row.index} row={row} slot={slot} mm={mm} before={before} />
      ))}
      {slot.more > 0 && <p className="table-more">{slot.more} more entries</p>}
    </Cells>
  )
}

function TableFrame({ slot, use }: { readonly slot: TableSlot; readonly use: string }) {
  const { table } = slot
  const box = { left: slot.x, top: slot.y, width: slot.width, height: slot.height }
  const note = table === null ? 'none' : table.state === 'unlinked' ? 'unlinked' : ''
  return (
    <div
      className={`table-frame use-${use}`}
      style={box}
      data-place={table === null ? undefined : `table:${table.pfn}`}
    >
      <span className="table-head mono">
        <b>{slot.level}</b>
        <span>{note || (table?.lockedBy ? 'locked' : '')}</span>
      </span>
    </div>
  )
}

interface EntryProps {
  readonly row: EntryRow
  readonly slot: TableSlot
  readonly mm: MmView
  readonly before: MmView | null
}

function Entry({ row, slot, mm, before }: EntryProps) {
  const { entry } = row
  const style = { left: slot.x + row.x, top: slot.y + row.y, width: row.width }
  const pfn = entry?.pfn ?? null
  const page = slot.level === 'PTE' ? mm.pages.find(p => p.vpn === slot.base + row.index) : undefined
  const fresh = changed(row, slot, before) ? ' fresh' : ''
  const name = entry?.label || page?.label || `${slot.level} entry`
  const what = pfn === null ? 'empty' : `frame ${pfn}${flags(entry)}`
  return (
    <Cell
      use={useOf(slot.level, pfn, page?.state)}
      className={`entry mono${fresh}`}
      place={page ? `pte:${page.vpn}` : `entry:${slot.level}:${slot.base + row.index}`}
      pfn={pfn ?? (page?.state === 'unmapped' ? page.pfn : null)}
      vpn={page?.vpn}
      style={style}
      label={`${slot.level}[${row.index}], ${name}: ${what}${page?.state === 'unmapped' ? ', cleared, its frame is not yet freed' : ''}`}
    >
      <span className="entry-index">{row.index}</span>
      <b>{entryText(pfn, row.width)}</b>
    </Cell>
  )
}

/** What an entry names, in as many letters as there is room for. */
function entryText(pfn: Pfn | null, width: number): string {
  if (pfn === null) return width < 58 ? '–' : 'none'
  return width < 72 ? String(pfn) : `pfn ${pfn}`
}

function useOf(level: Level, pfn: Pfn | null, state: PageState | undefined): string {
  if (pfn !== null) return level === 'PTE' ? 'mapped' : 'table'
  return state === 'unmapped' ? 'unmapped' : 'none'
}

const flags = (entry: TableEntryView | null): string =>
  entry === null ? '' : `${entry.writable ? ', writable' : ', read-only'}${entry.dirty ? ', dirty' : ''}`

function changed(row: EntryRow, slot: TableSlot, before: MmView | null): boolean {
  const old = before?.tables.find(t => t.level === slot.level && t.base === slot.base)
  if (before === null || old === undefined) return before !== null && slot.table !== null
  return (old.entries.find(e => e.index === row.index)?.pfn ?? null) !== (row.entry?.pfn ?? null)
}
