import type { RecordedOperation } from '../../trace/operation.ts'
import { hexAddr } from '../../units.ts'
import { BUF, type Simulation } from './simulation.ts'

/** What one entry of a PMD table maps. */
const HUGE = 512

/** __split_huge_pmd() of an anonymous huge page, whatever call needed it. Where there is none, it has told the notifiers all the same. */
export const thpSplit: Simulation = {
  of: ['thp-split'],
  whyNot: ({ range, pages }) => {
    if (range.end - range.start !== HUGE || range.start % HUGE !== 0)
      return 'its notifiers are told of another range than one huge page, or of none'
    return pages.some(p => p.ofFile)
      ? 'it is a huge page of a file: its entry is dropped instead, and no recording of that was at hand'
      : null
  },
  regions: operation => [
    {
      name: `${BUF}0`,
      at: hexAddr(operation.range.start),
      pages: HUGE,
      kind: 'anon',
      protection: 'rw',
      ...(isHuge(operation)
        ? { present: 'all', huge: true }
        : { present: operation.pages.map(p => p.vpn - operation.range.start) }),
    },
  ],
  script: () => [{ do: 'thp-split', region: `${BUF}0` }],
}

/** Not if start() found small pages or none: the kernel calls it for whatever may be huge, and looks under the lock. */
const isHuge = ({ pages, pagesKnown }: RecordedOperation): boolean =>
  pages.some(p => p.order === 9) || (pages.length === 0 && pagesKnown === 'unknown')
