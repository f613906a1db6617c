import { get, type LayoutBuilder, type Machine, set } from './cells.ts'
import type { FeatureSizes } from './feature-columns.ts'
import { gupHeldAt } from './gup-fast.ts'
import type { Shape } from './shape.ts'

/*
 * Pages that somebody has for DMA: FOLL_PIN, Documentation/core-api/pin_user_pages.rst. fork() must not write-protect such a page under its
 * owner, and mm->write_protect_seq tells GUP-fast that one is about to.
 */

export const pinColumns = (b: LayoutBuilder, { features, cpus }: FeatureSizes) => {
  const has = features.forkRegions > 0
  const most = 2 * features.forkRegions
  return {
    /** mm->write_protect_seq of the app. Odd while fork() write-protects pages. */
    writeProtectSeq: b.column('writeProtectSeq', has ? 1 : 0, most),
    /** By CPU: what GUP-fast read of it. */
    gupSeq: b.column('gupSeq', has ? cpus.length : 0, most),
    /** By CPU: the reference that it got in GUP-fast is a pin. */
    gupPin: b.column('gupPin', features.pins ? cpus.length : 0, 1),
  }
}

/** raw_read_seqcount(). Answers whether fork() is at work: the number is odd. */
export function readWriteProtectSeq(s: Shape, m: Machine, cpu: number): boolean {
  if (s.writeProtectSeq.length === 0) return false
  const seq = get(m, s.writeProtectSeq, 0)
  set(m, s.gupSeq, cpu, seq)
  return seq % 2 === 1
}

/** read_seqcount_retry() */
export const writeProtectSeqMoved = (s: Shape, m: Machine, cpu: number): boolean =>
  s.writeProtectSeq.length > 0 && get(m, s.writeProtectSeq, 0) !== get(m, s.gupSeq, cpu)

/** raw_write_seqcount_begin(), raw_write_seqcount_end() */
export const bumpWriteProtectSeq = (s: Shape, m: Machine): void =>
  set(m, s.writeProtectSeq, 0, get(m, s.writeProtectSeq, 0) + 1)

/** The walk is over. */
export function forgetWriteProtectSeq(s: Shape, m: Machine, cpu: number): void {
  if (s.gupSeq.length > 0) set(m, s.gupSeq, cpu, 0)
}

export const setGupPin = (s: Shape, m: Machine, cpu: number, pins: boolean): void => {
  if (s.gupPin.length > 0) set(m, s.gupPin, cpu, pins ? 1 : 0)
}

/** page_maybe_dma_pinned(): here it is exact. */
export function isPinned(s: Shape, m: Machine, pfn: number): boolean {
  for (let cpu = 0; cpu < s.gupPin.length; cpu++) {
    if (get(m, s.gupPin, cpu) === 1 && gupHeldAt(s, m, cpu) === pfn) return true
  }
  return false
}
