import { EACH_TOLD, IN_ORDER_BY_PAGE, MAPPED, PAIRED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

/** Pages taken for want of memory, by kswapd or by whoever needed some: try_to_unmap(), mm/rmap.c */
export const reclaim: Kind = {
  name: 'reclaim',
  title: 'reclaim',
  is: did('try_to_unmap', 'swap_writepage'),
  range: ofPairs,
  promises: [MAPPED, EACH_TOLD, IN_ORDER_BY_PAGE, PAIRED],
}
