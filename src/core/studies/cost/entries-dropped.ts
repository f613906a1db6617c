import type { EventType } from '../../machine/event.ts'
import type { Lab } from '../../scenarios/build.ts'
import type { EntryState } from '../../view/world.ts'
import { cachedIn, translatorsOf } from './cached.ts'
import type { CostStep, Measure } from './measure.ts'

/** Steps that drop entries because somebody asked for it; an entry that gives way to another is no invalidation. A new kind is a line. */
const DROPPING: ReadonlySet<EventType> = new Set<EventType>([
  'cpu-tlb-flushed',
  'invalidation-executed',
  'atc-invalidated',
])

/** C6. Entries that flushes and invalidates dropped, in all translators, leaf and walk-cache entries alike. Unit: entries. */
export const entriesDropped: Measure = {
  id: 'entries-dropped',
  family: 'C6',
  title: 'Entries dropped',
  unit: 'entries',
  what: 'Entries that flushes and invalidates drop from the TLBs and walk caches of the CPUs and the IOMMU, and from the ATCs of devices. Entries that give way to others do not count.',
  absent: () => null,
  by: 'step',
  of: (lab, step) => dropped(lab, step, () => true),
}

/** C6. Of these, the ones that agreed with the page table at that moment: they will have to be walked for again. Unit: entries. */
export const needlessDrops: Measure = {
  id: 'needless-drops',
  family: 'C6',
  title: 'Entries dropped needlessly',
  unit: 'entries',
  what: 'Of the entries dropped, those that agreed with the page table at that moment: nothing had to go, and the next access walks again.',
  absent: () => null,
  by: 'step',
  of: (lab, step) => dropped(lab, step, state => state === 'live'),
}

function dropped({ setup }: Lab, { before, events, after }: CostStep, counts: (state: EntryState) => boolean): number {
  if (!events.some(e => DROPPING.has(e.type))) return 0
  let entries = 0
  for (const w of translatorsOf(setup)) {
    const kept = new Set(cachedIn(setup, after, w).map(c => c.translation))
    for (const c of cachedIn(setup, before, w)) if (!kept.has(c.translation) && counts(c.state)) entries++
  }
  return entries
}
