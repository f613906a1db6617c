import { hexAddr } from '../../units.ts'
import { BUF, type Simulation } from './simulation.ts'

/** What one entry of a PMD table maps. */
const HUGE = 512

/** __split_huge_pmd() of an anonymous huge page, whatever call needed it. */
export const thpSplit: Simulation = {
  of: ['thp-split'],
  whyNot: ({ range, pages }) => {
    if (range.end - range.start !== HUGE || range.start % HUGE !== 0)
      return 'its notifiers are told of another range than one huge page, or of none'
    if (pages.length > 0 && !pages.some(p => p.order === 9)) return 'no huge page is mapped there at start()'
    return pages.some(p => p.ofFile)
      ? 'it is a huge page of a file: its entry is dropped instead, and no recording of that was at hand'
      : null
  },
  regions: ({ range }) => [
    {
      name: `${BUF}0`,
      at: hexAddr(range.start),
      pages: HUGE,
      kind: 'anon',
      protection: 'rw',
      present: 'all',
      huge: true,
    },
  ],
  script: () => [{ do: 'thp-split', region: `${BUF}0` }],
}
