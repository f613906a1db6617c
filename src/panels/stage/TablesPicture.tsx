import { useMemo } from 'react'
import { asVpn, type Level, type Pfn, type Vpn } from '../../core/units.ts'
import type { MmView, PageState, PageView, TableEntryView, TableView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Cell } from './Cell.tsx'
import { useChange } from './changes.ts'
import type { Type } from './fit.ts'
import { absentText } from './soft.ts'
import { type EntryPlace, entryIn, isLinked, type TablePlace, type TreeLayout, tableIn } from './tree-layout.ts'

interface Props {
  readonly mm: MmView
  readonly layout: TreeLayout
  readonly type: Type
}

/** The page table of the process, level by level, with the true 9-bit indices. */
export function TablesPicture({ mm, layout, type }: Props) {
  const pages = useMemo(() => new Map(mm.pages.map(p => [pageKey(p.mm ?? 0, p.vpn), p])), [mm])
  return (
    <div className="tree" style={{ height: layout.height }}>
      <svg className="tree-links" width="100%" height={layout.height} aria-hidden="true">
        {layout.links.map(link => {
          const linked = isLinked(mm, link)
          if (linked === null) return null
          const key = `${link.to.mm} ${link.to.level} ${link.to.base}`
          return <path key={key} d={link.d} className={linked ? 'link' : 'link link-cut'} />
        })}
      </svg>
      {layout.places.map(place => (
        <TableBox key={`${place.mm} ${place.level} ${place.base}`} place={place} mm={mm} pages={pages} type={type} />
      ))}
    </div>
  )
}

const pageKey = (mm: number, vpn: Vpn): string => `${mm} ${vpn}`

interface BoxProps {
  readonly place: TablePlace
  readonly mm: MmView
  readonly pages: ReadonlyMap<string, PageView>
  readonly type: Type
}

function TableBox({ place, mm, pages, type }: BoxProps) {
  const table = tableIn(mm, place)
  const words = table === null ? 'no table' : `frame ${table.pfn}, ${table.state}`
  return (
    <Cells
      label={`${place.level} table${place.mm === 0 ? '' : ' of the child'}: ${words}${table?.lockedBy ? `, locked by ${table.lockedBy}` : ''}`}
      className="table-box"
    >
      <TableFrame place={place} table={table} />
      {place.rows.map(row => (
        <Entry key={row.index} row={row} place={place} entry={entryIn(table, row.index)} pages={pages} type={type} />
      ))}
      {place.more > 0 && (
        <p className="table-more" style={{ left: place.x + 6, top: place.y + place.height - type.text - 8 }}>
          {place.more} more
        </p>
      )}
    </Cells>
  )
}

function TableFrame({ place, table }: { readonly place: TablePlace; readonly table: TableView | null }) {
  const name = table === null ? '' : `table:${table.pfn}`
  const change = useChange(name)
  const use = table === null ? 'none' : table.state === 'linked' ? 'table' : 'unmapped'
  const note = table === null ? 'none' : table.state !== 'linked' ? table.state : table.lockedBy ? 'locked' : ''
  return (
    <div
      className={`table-frame use-${use}${change.className}`}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
      data-place={name || undefined}
    >
      <span className="table-head mono">
        <b>{place.level}</b>
        <span>{[place.mm === 0 ? '' : 'child', note].filter(text => text !== '').join(' ')}</span>
      </span>
    </div>
  )
}

interface EntryProps extends Omit<BoxProps, 'mm'> {
  readonly row: EntryPlace
  readonly entry: TableEntryView | null
}

function Entry({ row, place, entry, pages, type }: EntryProps) {
  const style = { left: place.x + row.x, top: place.y + row.y, width: row.width, height: type.row - 2 }
  const pfn = entry?.pfn ?? null
  const page = place.level === 'PTE' ? pages.get(pageKey(place.mm, asVpn(place.base + row.index))) : undefined
  const name = entry?.label || page?.label || `${place.level} entry`
  const what = pfn === null ? (page?.soft ?? 'empty') : `frame ${pfn}${flags(entry)}`
  return (
    <Cell
      use={useOf(place.level === 'PTE' || entry?.huge === true, pfn, page?.state)}
      className="entry mono"
      place={page ? `pte:${page.vpn}` : `entry:${place.level}:${place.base + row.index}`}
      pfn={pfn ?? (page?.state === 'unmapped' ? page.pfn : null)}
      vpn={page?.vpn}
      style={style}
      label={`${place.level}[${row.index}], ${name}: ${what}${page?.state === 'unmapped' ? ', cleared, its frame is not yet freed' : ''}`}
    >
      <span className="entry-index">{row.index}</span>
      <b>{entryText(pfn, special(place.level, entry), String(row.index).length, row.width, type.text, page?.soft)}</b>
    </Cell>
  )
}

/** What an entry names, in as many letters as there is room for beside its index. */
export function entryText(
  pfn: Pfn | null,
  more: string,
  index: number,
  width: number,
  text: number,
  soft?: PageView['soft'],
): string {
  const letters = Math.floor((width - 14) / (text * 0.61)) - index - 1
  if (pfn === null) return absentText(soft, letters)
  return [`pfn ${pfn}${more}`, `${pfn}${more}`].find(words => words.length <= letters) ?? String(pfn)
}

/** In what an entry differs from the usual one, which maps one page to be read and written. */
export function special(level: Level, entry: TableEntryView | null): string {
  if (entry === null || (level !== 'PTE' && entry.huge !== true)) return ''
  return `${entry.huge === true ? ' 2M' : ''}${entry.writable ? '' : ' r'}${entry.accessed === true ? ' A' : ''}`
}

function useOf(leaf: boolean, pfn: Pfn | null, state: PageState | undefined): string {
  if (pfn !== null) return leaf ? 'mapped' : 'table'
  return state === 'unmapped' ? 'unmapped' : 'none'
}

const flags = (entry: TableEntryView | null): string =>
  entry === null
    ? ''
    : `${entry.writable ? ', writable' : ', read-only'}${entry.dirty ? ', dirty' : ''}${entry.accessed === undefined ? '' : entry.accessed ? ', accessed' : ', not accessed'}`
