import { asVpn } from '../../units.ts'
import { FLUSHED_FIRST, RELEASE_LAST, RELEASED_MAPPED } from '../promises.ts'
import { did, type Kind, ofPairs } from './kind.ts'

/** The address space goes, with the last task of it or at an exec: exit_mmap(), mm/mmap.c */
export const exit: Kind = {
  name: 'exit',
  title: 'exit_mmap()',
  is: did('exit_mmap', 'notifier-released'),
  range: (s, seen) => ofPairs(s, seen) ?? { start: asVpn(0), end: asVpn(0) },
  promises: [RELEASED_MAPPED, RELEASE_LAST, FLUSHED_FIRST],
}
