import { FREED_AFTER, IN_ORDER, MAPPED, UNMAPPED } from '../promises.ts'
import { type Span, UNMAPS_TOO } from '../spans.ts'
import { did, isCall, type Kind, ofPairs } from './kind.ts'

const called = isCall('munmap')
/** Its call was not recorded. */
const unmaps = did('start(UNMAP)')
const zaps = did('zap-started')
/** do_munmap() of the old range once it is empty, or of what was in the way. */
const inAnother = (s: Span): boolean =>
  s.by === 'part' && UNMAPS_TOO.has(s.within?.call?.name ?? '') && s.did.has('zap-started')

/** munmap(2): mm/mmap.c, mm/vma.c. Also as mremap(2) and mmap(2) do it. */
export const munmap: Kind = {
  name: 'munmap',
  title: 'munmap()',
  is: s => called(s) || inAnother(s) || (s.by === 'itself' && unmaps(s) && zaps(s)),
  range: (s, seen) => s.call?.range ?? ofPairs(s, seen),
  promises: [MAPPED, UNMAPPED, FREED_AFTER, IN_ORDER],
}
