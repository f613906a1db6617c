import type { PageView } from '../../core/view/world.ts'

type Soft = NonNullable<PageView['soft']>

/** What a PTE that is not present says, in words of fewer and fewer letters. */
const SHORTER: Readonly<Record<Soft, readonly string[]>> = {
  'swap entry': ['swap entry', 'swap', 'sw'],
  'migration entry': ['migration', 'migr', 'mi'],
  PROT_NONE: ['PROT_NONE', 'PROT', 'pn'],
}

/** An entry without a frame in `letters` letters. It is empty, or a soft one: swapped out, under migration, a NUMA hint. */
export function absentText(soft: PageView['soft'], letters: number): string {
  if (soft !== undefined) return SHORTER[soft].find(word => word.length <= letters) ?? (SHORTER[soft].at(-1) as string)
  return letters < 4 ? '–' : 'none'
}
