import { KEPT_MAPPED, MAPPED, NOT_WRITABLE, PAIRED } from '../promises.ts'
import { type Kind, ofPairs } from './kind.ts'

/**
 * ksmd write-protects a page, and when it has found one with the same contents, puts that in its place: write_protect_page(),
 * replace_page() mm/ksm.c. Told by the name of the thread: nothing else in it has a probe.
 */
export const ksm: Kind = {
  name: 'ksm',
  title: 'merge of equal pages (ksmd)',
  is: s => s.by === 'itself' && s.task === 'ksmd' && s.did.has('invalidate-range-started'),
  range: ofPairs,
  promises: [MAPPED, NOT_WRITABLE, KEPT_MAPPED, PAIRED],
}
