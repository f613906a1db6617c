import { EACH_TOLD, IN_ORDER_BY_PAGE, MAPPED, PAIRED } from '../promises.ts'
import { advises } from './advice.ts'
import { type Kind, ofCall } from './kind.ts'

/** madvise(2) with MADV_PAGEOUT: the accessed bits are cleared, then reclaim takes page after page. mm/madvise.c, mm/vmscan.c */
export const pageout: Kind = {
  name: 'madvise-pageout',
  title: 'madvise(MADV_PAGEOUT)',
  is: advises('PAGEOUT'),
  range: ofCall,
  promises: [MAPPED, EACH_TOLD, IN_ORDER_BY_PAGE, PAIRED],
}
