import { CHANGED_BEFORE, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { did, isCall, type Kind, ofCall, ofPairs } from './kind.ts'

const called = isCall('mprotect', 'pkey_mprotect')
const protects = did('start(PROTECTION_VMA)')

/** mprotect(2), pkey_mprotect(2): mm/mprotect.c */
export const mprotect: Kind = {
  name: 'mprotect',
  title: 'mprotect(), or NUMA hints',
  // Without its call nobody knows what it asked for; the pairs are checked all the same.
  is: s => called(s) || (s.by === 'itself' && protects(s)),
  range: (s, seen) => ofCall(s, seen) ?? ofPairs(s, seen),
  promises: [MAPPED, CHANGED_BEFORE, KEPT, PAIRED],
}
