import { atEnd, CHANGED_BEFORE, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

const CLEARED = atEnd('At end() every page is still mapped, not soft-dirty, and none can be written.', p =>
  p.pfn !== p.was
    ? 'is not mapped'
    : p.softDirty === true
      ? 'is soft-dirty'
      : p.writable === true
        ? 'can be written'
        : null,
)

/** 4 written to /proc/PID/clear_refs: clear_refs_write(), fs/proc/task_mmu.c. Told by the reason its notifiers are given. */
export const clearRefs: Kind = {
  name: 'clear-refs',
  title: 'clear_refs (soft-dirty)',
  is: did('start(SOFT_DIRTY)'),
  range: ofPairs,
  promises: [MAPPED, CLEARED, CHANGED_BEFORE, KEPT, PAIRED],
}
