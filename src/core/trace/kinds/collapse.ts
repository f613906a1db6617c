import { asVpn } from '../../units.ts'
import { atEnd, IN_ORDER_BY_PAGE, MAPPED, PAIRED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

const EMPTIED = atEnd('At end() nothing is mapped there: the page table is out.', p =>
  p.present ? 'is still mapped' : null,
)

/** Small pages become a huge one: collapse_huge_page(), mm/khugepaged.c */
export const collapse: Kind = {
  name: 'collapse',
  title: 'collapse to a huge page',
  is: did('pmdp_collapse_flush'),
  // Without a start() it is one all the same, and its promises say what is missing.
  range: (s, seen) => ofPairs(s, seen) ?? { start: asVpn(0), end: asVpn(0) },
  promises: [MAPPED, EMPTIED, IN_ORDER_BY_PAGE, PAIRED],
}
