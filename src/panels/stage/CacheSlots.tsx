import { LEVELS, type Level } from '../../core/units.ts'
import type { TlbEntryView, WalkEntryView } from '../../core/view/world.ts'
import { Cells } from '../shared/Cells.tsx'
import { Mark } from '../shared/Mark.tsx'
import { entryWords } from '../shared/words.ts'
import { Cell } from './Cell.tsx'
import { inSlots, inSlotsAfter } from './slots.ts'

interface TlbProps {
  readonly title: string
  /** How motions find it: `iotlb`, `cpu:0:tlb`. */
  readonly place: string
  readonly entries: readonly TlbEntryView[]
  readonly before: readonly TlbEntryView[]
  readonly capacity: number
}

/** A TLB, slot by slot. What was dropped in this step is shown once more, as gone. */
export function TlbSlots({ title, place, entries, before, capacity }: TlbProps) {
  const home = (e: TlbEntryView): number => e.vpn
  const then = inSlots(before, capacity, home)
  const now = inSlotsAfter(then, entries, home, (a, b) => a.vpn === b.vpn && a.pfn === b.pfn)
  return (
    <section className="slots">
      <SlotsTitle title={title} used={entries.length} capacity={capacity} />
      <Cells label={`${title}, ${capacity} entries`} className="slots-list" place={place}>
        {now.map((entry, i) => {
          const key = `slot ${i}`
          if (entry !== null) return <TlbCell key={key} entry={entry} place={`${place}:${entry.vpn}`} title={title} />
          const gone = then[i]
          const dropped = gone && !entries.some(e => e.vpn === gone.vpn && e.pfn === gone.pfn) ? gone.label : null
          return <EmptySlot key={key} dropped={dropped} />
        })}
      </Cells>
    </section>
  )
}

function TlbCell({ entry, place, title }: { entry: TlbEntryView; place: string; title: string }) {
  return (
    <Cell
      use={entry.state}
      className="slot mono"
      place={place}
      pfn={entry.pfn}
      vpn={entry.vpn}
      label={`${title}: ${entry.label} leads to frame ${entry.pfn}, ${entry.writable ? 'writable' : 'read-only'}, ${entryWords[entry.state]}`}
    >
      <span className="slot-main">
        <span className="slot-label">{entry.label}</span>
        <EntryState state={entry.state} />
        <b>
          {entry.state === 'live' && <span className="roomy">pfn </span>}
          {entry.pfn}
        </b>
      </span>
      {entry.state === 'live' && <span className="slot-access">{entry.writable ? 'rw' : 'r'}</span>}
    </Cell>
  )
}

interface WalkProps {
  readonly title: string
  readonly place: string
  readonly entries: readonly WalkEntryView[]
  readonly before: readonly WalkEntryView[]
  readonly capacity: number
}

/** A paging-structure cache: entries that name page tables. */
export function WalkSlots({ title, place, entries, before, capacity }: WalkProps) {
  const home = (e: WalkEntryView): number => e.index + LEVELS.indexOf(e.level)
  const then = inSlots(before, capacity, home)
  const now = inSlotsAfter(then, entries, home, (a, b) => a.level === b.level && a.table === b.table)
  return (
    <section className="slots">
      <SlotsTitle title={title} used={entries.length} capacity={capacity} />
      <Cells label={`${title}, ${capacity} entries`} className="slots-list" place={place}>
        {now.map((entry, i) => {
          const key = `slot ${i}`
          if (entry !== null)
            return <WalkCell key={key} entry={entry} place={`${place}:${entry.table}`} title={title} />
          const gone = then[i]
          const dropped = gone && !entries.some(e => e.table === gone.table) ? walkName(gone) : null
          return <EmptySlot key={key} dropped={dropped} />
        })}
      </Cells>
    </section>
  )
}

function WalkCell({ entry, place, title }: { entry: WalkEntryView; place: string; title: string }) {
  return (
    <Cell
      use={entry.state === 'live' ? 'table' : entry.state}
      className="slot mono"
      place={place}
      pfn={entry.table}
      label={`${title}: ${walkName(entry)} leads to the ${entry.level} table in frame ${entry.table}, ${entryWords[entry.state]}`}
    >
      <span className="slot-label">{walkName(entry)}</span>
      <EntryState state={entry.state} />
      <b>
        <span className="roomy">{entry.level} pfn </span>
        {entry.table}
      </b>
    </Cell>
  )
}

/** Nothing while all is well; else a word and a sign, or the sign alone where it is narrow. */
export function EntryState({ state }: { readonly state: TlbEntryView['state'] }) {
  if (state === 'live') return null
  return (
    <span className="slot-word">
      <Mark kind={state === 'stale' ? 'unmapped' : 'damage'} />
      <span className="roomy">{state === 'stale' ? 'stale' : 'freed'}</span>
    </span>
  )
}

/** `PMD 18`: the entry that the cache stands in for is one level above the table it names. */
const walkName = (e: WalkEntryView): string => `${above(e.level)} ${e.index}`
const above = (level: Level): Level => LEVELS[LEVELS.indexOf(level) - 1] ?? level

function SlotsTitle({ title, used, capacity }: { title: string; used: number; capacity: number }) {
  return (
    <h4 className="slots-title">
      {title}
      <span className="slots-count">
        {used} of {capacity}
      </span>
    </h4>
  )
}

function EmptySlot({ dropped }: { readonly dropped: string | null }) {
  if (dropped === null) return <div className="slot slot-empty" />
  return (
    <div className="slot cell use-invalidated mono changed">
      <s className="slot-label">{dropped}</s>
      <span className="slot-right">
        <Mark kind="invalidated" />
        <span className="roomy">dropped</span>
      </span>
    </div>
  )
}
