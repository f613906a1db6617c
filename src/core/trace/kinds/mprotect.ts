import { CHANGED_BEFORE, KEPT, MAPPED, PAIRED } from '../promises.ts'
import { isCall, type Kind, ofCall } from './kind.ts'

/** mprotect(2), pkey_mprotect(2): mm/mprotect.c */
export const mprotect: Kind = {
  name: 'mprotect',
  title: 'mprotect()',
  is: isCall('mprotect', 'pkey_mprotect'),
  range: ofCall,
  promises: [MAPPED, CHANGED_BEFORE, KEPT, PAIRED],
}
