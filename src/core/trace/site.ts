import type { InvalidateSite } from '../machine/event.ts'
import { decimal, key } from './fields.ts'
import type { TraceRecord } from './record.ts'
import type { TaskState } from './scene.ts'

const OPEN_SEQ = key('open_seq')

/**
 * From where a secondary-TLB invalidate was called. The module's `open_seq` tells outside from inside; that end() itself
 * called it, as up to 6.5 it does, shows in the probe of __mmu_notifier_invalidate_range_end() entered before it.
 *
 * Without those probes only the flush tells: the direct callers flush the CPUs first and call at once, end() does not.
 * (A kernel that calls arch_invalidate_secondary_tlbs never does so from end().)
 */
export function siteOf(r: TraceRecord, t: TaskState): InvalidateSite {
  // It may be another task's pair that is open over the range: this one tells outside of its own.
  const outside = decimal(r.args, OPEN_SEQ) === 0 || t.pairs.length === 0
  if (r.name.includes('arch_invalidate')) return outside ? 'outside' : 'inside'
  if (t.caller === 'end') return 'by_end'
  if (outside) return 'outside'
  if (t.caller === 'direct') return 'inside'
  return t.flushing === null ? 'by_end' : 'inside'
}
