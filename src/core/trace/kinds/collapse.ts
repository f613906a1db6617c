import { MAPPED, PAIRED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

/** Small pages become a huge one: collapse_huge_page(), mm/khugepaged.c */
export const collapse: Kind = {
  name: 'collapse',
  title: 'collapse to a huge page',
  is: did('pmdp_collapse_flush'),
  range: ofPairs,
  promises: [MAPPED, PAIRED],
}
