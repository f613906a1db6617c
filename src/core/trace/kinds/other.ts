import { MAPPED, PAIRED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

/** Something that tells notifiers, and of which no more is known: so that nothing they are told goes unmentioned. */
export const other: Kind = {
  name: 'other',
  title: 'an operation of another kind',
  is: did('invalidate-range-started', 'secondary-tlb-invalidate-called'),
  range: ofPairs,
  promises: [MAPPED, PAIRED],
}
