import { atEnd, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

const IN_PARTS = atEnd('At end() the same frames are mapped, by entries of a page table.', p =>
  p.pfn !== p.was ? 'has another frame' : p.huge ? 'is still huge' : null,
)

/** A huge page's one entry becomes a table of 512: __split_huge_pmd(), mm/huge_memory.c. Whatever call needs it. */
export const thpSplit: Kind = {
  name: 'thp-split',
  title: 'split of a huge page',
  is: did('__split_huge_pmd'),
  range: ofPairs,
  promises: [MAPPED, IN_PARTS, KEPT, PAIRED],
}
