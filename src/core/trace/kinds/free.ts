import { atEnd, CHANGED_BEFORE, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { advises } from './advice.ts'
import { type Kind, ofCall } from './kind.ts'

const CLEAN = atEnd('At end() every page is still mapped by the same frame, neither accessed nor dirty.', p =>
  p.pfn !== p.was ? 'is not mapped' : p.accessed === true || p.dirty === true ? 'is accessed or dirty' : null,
)

/** madvise(2) with MADV_FREE: madvise_free_pte_range(), mm/madvise.c. Nothing is unmapped; reclaim may take the pages later. */
export const free: Kind = {
  name: 'madvise-free',
  title: 'madvise(MADV_FREE)',
  is: advises('FREE'),
  range: ofCall,
  promises: [MAPPED, CLEAN, CHANGED_BEFORE, KEPT, PAIRED],
}
