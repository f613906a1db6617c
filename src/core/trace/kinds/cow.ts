import { atEnd, EMPTY_AND_REFERENCED, IN_ORDER_BY_PAGE, MAPPED, PAIRED } from '../promises.ts'
import { type Kind, ofPairs } from './kind.ts'

const COPIED = atEnd('At end() another frame is mapped there.', p =>
  p.present && p.pfn !== p.was ? null : p.present ? 'still has its old frame' : 'is not mapped',
)

/**
 * A write to a page that is mapped read-only because it is shared, with the zero page or after a fork: wp_page_copy(),
 * mm/memory.c. What needs no copy tells nobody and is no operation here.
 */
export const cow: Kind = {
  name: 'cow',
  title: 'copy on write',
  is: s =>
    (s.by === 'fault' || s.by === 'part') &&
    s.did.has('invalidate-range-started') &&
    !s.did.has('__split_huge_pmd') &&
    (s.did.has('do_wp_page') || s.did.has('wp_page_copy') || s.did.has('fault-taken')),
  range: ofPairs,
  promises: [MAPPED, EMPTY_AND_REFERENCED, COPIED, IN_ORDER_BY_PAGE, PAIRED],
}
