import { FREED_AFTER, IN_ORDER, MAPPED, UNMAPPED } from '../promises.ts'
import { isCall, type Kind, ofCall } from './kind.ts'

/** munmap(2): mm/mmap.c, mm/vma.c */
export const munmap: Kind = {
  name: 'munmap',
  title: 'munmap()',
  is: isCall('munmap'),
  range: ofCall,
  promises: [MAPPED, UNMAPPED, FREED_AFTER, IN_ORDER],
}
