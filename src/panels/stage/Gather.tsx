import type { Pfn } from '../../core/units.ts'
import type { GatherView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Mark } from '../shared/Mark.tsx'
import { Cell } from './Cell.tsx'

/** More than these have no room for a word each. */
const ROOMY = 4
/** More than these are counted. */
const MOST = 10

interface Item {
  readonly pfn: Pfn
  readonly freed: boolean
  readonly table: boolean
}

/** struct mmu_gather: pages and tables that are unmapped and wait for the flush before they may be freed. */
export function Gather({ gather }: { readonly gather: GatherView }) {
  const items: readonly Item[] = [
    ...gather.pages.map(p => ({ ...p, table: false })),
    ...gather.tables.map(p => ({ ...p, table: true })),
  ]
  const empty = Math.max(0, Math.min(gather.batchSize, 8) - items.length)
  const tight = items.length + empty > ROOMY
  return (
    <section className={`gather${gather.active ? ' gather-active' : ''}`} data-place="gather">
      <h4 className="mono">
        mmu_gather
        <span className="gather-note">
          {gather.task} · {gather.active ? `batch of ${gather.batchSize}` : 'not in use'}
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
