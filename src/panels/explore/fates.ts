import { type Fate, isHarm, type Target } from '../../core/studies/witness.ts'

const READ: Readonly<Record<Target, string>> = {
  own: 'read its own page',
  unmapped: 'read its page, unmapped and not yet freed',
  freed: 'read a freed frame',
  process: 'read a page of another process',
  kernel: 'read a page of the kernel',
  'page-cache': 'read a page of the page cache',
  elsewhere: 'read another page of its process',
}

/** What became of an access, after the name of who made it: `wrote into a page of another process`. */
export function fateText(fate: Fate): string {
  if (fate.kind === 'walk-after-free') return 'a walk for it read a freed page table'
  const { write, target } = fate
  if (!write) return READ[target]
  return READ[target].replace(/^read /, isHarm(fate) ? 'wrote into ' : 'wrote ')
}

export type FateTone = 'harm' | 'unmapped' | 'own'

export const fateTone = (fate: Fate): FateTone =>
  isHarm(fate) ? 'harm' : fate.kind === 'access' && fate.target === 'unmapped' ? 'unmapped' : 'own'
