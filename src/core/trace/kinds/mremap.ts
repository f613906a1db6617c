import { EMPTY_AND_REFERENCED, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { did, isCall, type Kind, ofCall } from './kind.ts'

const moves = did('move_page_tables', 'invalidate-range-started', 'zap-started')
const called = isCall('mremap')

/** mremap(2) that moves or cuts a mapping: move_page_tables(), mm/mremap.c */
export const mremap: Kind = {
  name: 'mremap',
  title: 'mremap()',
  is: s => called(s) && moves(s),
  range: ofCall,
  promises: [MAPPED, EMPTY_AND_REFERENCED, KEPT, PAIRED],
}
