import { translationsThat } from './cached.ts'
import type { Measure } from './measure.ts'

/**
 * C4. Steps from the clearing or write-protecting of a PTE, or the unlinking of a table, until no translator holds the old entry any more, added up over the
 * translations that anybody held. Goes on past the free where nobody flushes in time. Unit: translation-steps.
 */
export const exposure: Measure = {
  id: 'exposure',
  family: 'C4',
  title: 'Exposure',
  unit: 'translation-steps',
  what: 'Steps from the clearing or write-protecting of a PTE, or the unlinking of a table, until the last translator has dropped the old entry, added up over translations. One that several translators hold counts once; one that nobody holds is not exposed.',
  absent: () => null,
  by: 'state',
  total: 'sum',
  of: ({ setup }, m) => translationsThat(setup, m, state => state !== 'live'),
}
