import { FREED_AFTER, IN_ORDER, MAPPED, UNMAPPED } from '../promises.ts'
import { advises } from './advice.ts'
import { type Kind, ofCall } from './kind.ts'

/** madvise(2) with MADV_DONTNEED: mm/madvise.c */
export const dontneed: Kind = {
  name: 'madvise',
  title: 'madvise(MADV_DONTNEED)',
  is: advises('DONTNEED'),
  range: ofCall,
  promises: [MAPPED, UNMAPPED, FREED_AFTER, IN_ORDER],
}
