import type { Pfn } from '../../core/units.ts'
import type { GatherView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Mark } from '../shared/Mark.tsx'
import { Cell } from './Cell.tsx'

/** More than these have no room for a word each. */
const ROOMY = 6
/** More than these are counted. */
const MOST = 10

interface Item {
  readonly pfn: Pfn
  readonly freed: boolean
  readonly table: boolean
}

/**
 * struct mmu_gather: pages and tables that are unmapped and wait for the flush before they may be freed. `pages` is how
 * many there are in all: no gather needs more places. `narrow`: there is no room for a word each.
 */
export function Gather({
  gather,
  pages,
  narrow,
}: {
  readonly gather: GatherView
  readonly pages: number
  readonly narrow: boolean
}) {
  const items: readonly Item[] = [
    ...gather.pages.map(p => ({ ...p, table: false })),
    ...gather.tables.map(p => ({ ...p, table: true })),
  ]
  const places = Math.min(gather.batchSize, pages, 8)
  const empty = Math.max(0, places - items.length)
  const tight = narrow || Math.max(items.length, places) > ROOMY
  return (
    <section className={`gather${gather.active ? ' gather-active' : ''}`} data-place="gather">
      <h4 className="mono">
        mmu_gather
        <span className="gather-note">
          {gather.task} · {gather.active ? `${gather.pages.length} of ${gather.batchSize}` : 'idle'}
        </span>
      </h4>
      <Cells label={`mmu_gather of ${gather.task}`} className="gather-items">
        {items.slice(0, MOST).map(item => (
          <Waiting key={`${item.table ? 'table' : 'page'} ${item.pfn}`} item={item} tight={tight} />
        ))}
        {Array.from({ length: empty }, (_, i) => `free place ${i}`).map(key => (
          <span key={key} className="gather-item slot-empty" />
        ))}
        {items.length > MOST && <span className="gather-more">{items.length - MOST} more</span>}
      </Cells>
    </section>
  )
}

function Waiting({ item, tight }: { readonly item: Item; readonly tight: boolean }) {
  const { pfn, freed, table } = item
  const use = freed ? 'freed' : table ? 'table' : 'unmapped'
  return (
    <Cell
      use={use}
      className="gather-item"
      place={`gather:${pfn}`}
      pfn={pfn}
      label={`${table ? 'Page table' : 'Page'} in frame ${pfn}: ${freed ? 'freed' : 'waits for the flush'}`}
    >
      <b className="mono">{tight ? pfn : `pfn ${pfn}`}</b>
      {tight ? <Mark kind={use} /> : <span>{freed ? 'freed' : table ? 'table' : 'waiting'}</span>}
    </Cell>
  )
}
