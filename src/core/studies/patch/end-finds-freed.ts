import { type Claim, type Part, TOO_LARGE } from './claim.ts'
import { type Followed, iommuReaches, lifeOf, pageAtStart, pagesIn } from './frames.ts'
import { ever, type Moment } from './moments.ts'
import { Pairs } from './pairs.ts'
import { scenarioOfGap, subjectOf, variation } from './subjects.ts'

/** Asked of every call of end(): what of the frames of its range that have been freed by then? */
const atEnd = (decides: (freed: readonly Followed[], moment: Moment) => boolean): ((moment: Moment) => void) => {
  const pairs = new Pairs()
  return moment => {
    pairs.see(moment)
    const { lab, before, actor, note } = moment
    const { callsEnd, range } = pairs.at(lab, before, actor)
    if (!callsEnd || range === undefined) return
    const pages = pagesIn(lab.setup, range).flatMap(page => pageAtStart(lab, page) ?? [])
    note(
      decides(
        pages.filter(page => lifeOf(lab, before, page) === 'freed'),
        moment,
      ),
    )
  }
}

const check: Part['check'] = (subject, limits) =>
  ever(
    ['cpu'],
    atEnd(freed => freed.length > 0),
    subject,
    limits,
  )
const checkReached: Part['check'] = (subject, limits) =>
  ever(
    ['cpu'],
    atEnd((freed, { lab, before }) => freed.some(page => iommuReaches(lab, before, page))),
    subject,
    limits,
  )

const ROOM = variation('B01', 'with-room', 'munmap() with room in the batch', () => ({
  purpose: 'The gather has room for both pages, so nothing forces a flush before invalidate_range_end().',
  lookFor: 'Both pages wait in the gather until tlb_finish_mmu(), after end().',
  batchSize: 16,
}))

export const endFindsFreed = {
  id: 'end-finds-freed',
  name: 'end() can find a page freed',
  never: 'never called',
  question: 'Can mmu_notifier_invalidate_range_end() run when a page of the range has been freed already?',
  why: 'So end() may be too late: by then the frame can be somebody else’s, and the IOMMU may have used it.',
  parts: [
    {
      id: 'freed',
      about: '',
      counted: 'calls of end()',
      all: false,
      of: policy => [subjectOf(policy, scenarioOfGap('B01'))],
      check,
      says: {
        yes: 'Yes: a full batch forces a flush, and tlb_flush_mmu() frees the page before end().',
        no: 'No run does.',
        'never-asked': 'end() is never called here.',
        undecided: TOO_LARGE,
      },
    },
    {
      id: 'reached',
      about: 'And with the IOMMU still holding a translation to that freed page?',
      counted: 'calls of end()',
      all: false,
      of: policy => [subjectOf(policy, scenarioOfGap('B01'))],
      check: checkReached,
      says: {
        yes: 'Yes. That is the first gap.',
        no: 'No: in every run the IOMMU has let go of the page before it is freed.',
        'never-asked': 'end() is never called here.',
        undecided: TOO_LARGE,
      },
    },
    {
      id: 'room',
      about: 'Held against it: a batch with room for all pages.',
      counted: 'calls of end()',
      all: false,
      of: policy => [subjectOf(policy, ROOM)],
      check,
      says: {
        yes: 'Even then a page can be freed before end().',
        no: 'Then it cannot: without a forced flush all pages wait for tlb_finish_mmu(), after end().',
        'never-asked': 'end() is never called here.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
