import { FREED_AFTER, IN_ORDER, MAPPED, UNMAPPED } from '../promises.ts'
import { isCall, type Kind } from './kind.ts'

/** brk(2) that shrinks the heap: mm/mmap.c */
export const brk: Kind = {
  name: 'brk',
  title: 'brk() that shrinks the heap',
  is: isCall('brk'),
  range: ({ call }, { heap }) => (call === null ? null : (heap.get(call) ?? null)),
  promises: [MAPPED, UNMAPPED, FREED_AFTER, IN_ORDER],
}
