/** The ratio of over-invalidation, from counts of entries-dropped.ts. It is none of the measures: ratios of runs do not add up, their sums do. */
export const OVER_INVALIDATION = {
  title: 'Over-invalidation ratio',
  unit: 'entries dropped for each that had to go',
  what: 'Entries dropped, divided by those of them that did not agree with the page table. 1: not one too many. Over all runs it is the ratio of the means.',
  dropped: 'entries-dropped',
  needless: 'needless-drops',
} as const

/** C6. Entries dropped for each that had to go; null where none had to go. */
export function overInvalidation(dropped: number, needless: number): number | null {
  const needed = dropped - needless
  return needed > 0 ? dropped / needed : null
}
