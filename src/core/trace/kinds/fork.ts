import { atEnd, CHANGED_BEFORE, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { isCall, type Kind, ofPairs } from './kind.ts'

const PROTECTED = atEnd('At end() every page is still mapped by the same frame, and none can be written.', p =>
  p.pfn !== p.was ? 'is not mapped' : p.writable === true ? 'can be written' : null,
)

const called = isCall('clone', 'clone3', 'fork', 'vfork')

/** fork(2): dup_mmap() kernel/fork.c, copy_page_range() mm/memory.c. A clone that shares the memory copies nothing. */
export const fork: Kind = {
  name: 'fork',
  title: 'fork()',
  is: s =>
    (called(s) && (s.did.has('copy_page_range') || s.did.has('invalidate-range-started'))) ||
    s.did.has('copy_page_range'),
  range: ofPairs,
  promises: [MAPPED, PROTECTED, CHANGED_BEFORE, KEPT, PAIRED],
}
