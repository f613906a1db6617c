import { translationsThat } from './cached.ts'
import type { Measure } from './measure.ts'

/** C4. The part of the exposure in which the frame is already free or somebody else’s: any use now is damage. Unit: translation-steps. */
export const exposurePastFree: Measure = {
  id: 'exposure-past-free',
  family: 'C4',
  title: 'Exposure past the free',
  unit: 'translation-steps',
  what: 'The part of the exposure in which the frame is free or somebody else’s already. More than none in a run breaks rule I4.',
  absent: () => null,
  by: 'state',
  total: 'sum',
  of: ({ setup }, m) => translationsThat(setup, m, state => state === 'damaging'),
}
