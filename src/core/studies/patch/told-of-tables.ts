import { get } from '../../machine/cells.ts'
import { type Claim, TOO_LARGE } from './claim.ts'
import { ever, type Moment } from './moments.ts'
import { bothGaps } from './subjects.ts'

/** Asked of every call that is about freed page tables: is no start/end pair open? */
const withoutPair = ({ lab, before, events, note }: Moment): void => {
  for (const e of events) {
    if (e.type !== 'secondary-tlb-invalidate-called' || !e.tables) continue
    note(get(before, lab.setup.shape.openPairs, 0) === 0)
  }
}

export const toldOfTables = {
  id: 'told-of-tables',
  name: 'told of page tables',
  never: 'never called',
  question:
    'Is a driver told when page-table pages go, though no start()/end() pair is open around free_pgtables() and tlb_finish_mmu()?',
  why: 'Before, nothing at all was called there: a walk cache could go on naming a table that was freed.',
  parts: [
    {
      id: 'tables',
      about: '',
      counted: 'calls about page tables',
      all: false,
      of: bothGaps,
      check: (subject, limits) => ever(['cpu'], withoutPair, subject, limits),
      says: {
        yes: 'Yes: tlb_finish_mmu() makes the call, after end() and before the tables are freed.',
        no: 'No: it is made inside a pair only.',
        'never-asked': 'No run tells a driver of page tables.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
