import type { InvalidateSite } from '../../machine/event.ts'
import { type Claim, TOO_LARGE } from './claim.ts'
import { lifeOf, pageAtStart, pagesIn, tablesAtStart } from './frames.ts'
import { everyTime, type Moment } from './moments.ts'
import { bothGaps } from './subjects.ts'

/** At every call from these places: each page that it covers, and each table that it is about, is unmapped and not freed. */
const inTheGap =
  (sites: readonly InvalidateSite[]) =>
  ({ lab, before, events, note }: Moment): void => {
    for (const e of events) {
      if (e.type !== 'secondary-tlb-invalidate-called' || !sites.includes(e.site)) continue
      const pages = pagesIn(lab.setup, e.range)
      const lives = pages.flatMap(page => pageAtStart(lab, page) ?? []).map(page => lifeOf(lab, before, page))
      const tables = e.tables ? tablesAtStart(lab, pages).map(table => lifeOf(lab, before, table)) : []
      // A table over these pages that others need too stays, and nobody is told of it.
      note(lives.some(life => life !== 'unmapped') || tables.includes('freed'))
    }
  }

export const toldInTheGap = {
  id: 'told-in-the-gap',
  name: 'the call comes in the gap',
  never: 'never called',
  question: 'Whenever the new call reaches a driver: is every page that it covers unmapped by then, and not freed yet?',
  why: 'That is the moment at which an invalidation lasts: nothing can fill the entry again, and nobody else has the frame yet.',
  parts: [
    {
      id: 'gather',
      about: '',
      counted: 'calls',
      all: true,
      of: bothGaps,
      check: (subject, limits) => everyTime(['cpu'], inTheGap(['inside', 'outside']), subject, limits),
      says: {
        yes: 'Yes, at every call from tlb_flush_mmu_tlbonly(), in every run.',
        no: 'No: a run makes the call too early or too late.',
        'never-asked': 'tlb_flush_mmu_tlbonly() calls no driver here.',
        undecided: TOO_LARGE,
      },
    },
    {
      id: 'by-end',
      about: 'Held against it: the same call, made by end().',
      counted: 'calls',
      all: true,
      of: bothGaps,
      check: (subject, limits) => everyTime(['cpu'], inTheGap(['by_end']), subject, limits),
      says: {
        yes: 'Made by end(), it comes in time as well.',
        no: 'Made by end(), it can come too late: a forced flush has freed a page of the range before.',
        'never-asked': 'end() does not make it here.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
