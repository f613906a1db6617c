import { FREED_AFTER, IN_ORDER, MAPPED, UNMAPPED } from '../promises.ts'
import { advises } from './advice.ts'
import { did, type Kind, ofCall, ofPairs } from './kind.ts'

const clears = did('start(CLEAR)')
const zaps = did('zap-started')

/** madvise(2) with MADV_DONTNEED: mm/madvise.c */
export const dontneed: Kind = {
  name: 'madvise',
  title: 'madvise(MADV_DONTNEED), or a zap like it',
  // Its call not recorded: the OOM reaper does the same, and is a kernel thread.
  // MADV_REMOVE zaps what it punches out of a file: unmap_mapping_range(), mm/memory.c.
  is: s => advises('DONTNEED')(s) || (advises('REMOVE')(s) && zaps(s)) || (s.by === 'itself' && clears(s) && zaps(s)),
  range: (s, seen) => ofCall(s, seen) ?? ofPairs(s, seen),
  promises: [MAPPED, UNMAPPED, FREED_AFTER, IN_ORDER],
}
