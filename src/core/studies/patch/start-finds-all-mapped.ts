import type { Claim, Part } from './claim.ts'
import { TOO_LARGE } from './claim.ts'
import { mappedToItsOwn, pagesIn } from './frames.ts'
import { everyTime, type Moment } from './moments.ts'
import { bothGaps, subjectOf, variation } from './subjects.ts'

/** Every page of the range is mapped, and to a frame of its own, when start() is called. */
const allMapped = ({ lab, before, events, note }: Moment): void => {
  for (const e of events) {
    if (e.type !== 'invalidate-range-started') continue
    note(!pagesIn(lab.setup, e.range).every(page => mappedToItsOwn(lab, before, page)))
  }
}

const check: Part['check'] = (subject, limits) => everyTime(['cpu'], allMapped, subject, limits)

const TWO_THREADS = variation(
  'B01',
  'two-threads',
  'munmap() beside madvise() of the same pages',
  ({ cpus, devices }) => ({
    purpose: 'A second thread drops the pages of buf with madvise(MADV_DONTNEED) while the first one unmaps them.',
    lookFor: 'The start() that is called second may find pages unmapped, and freed.',
    cpus: [
      ...cpus.slice(0, 1),
      { task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'buf' }] },
    ],
    devices: devices.map(d => ({ ...d, script: d.script.slice(0, 1) })),
  }),
)

export const startFindsAllMapped = {
  id: 'start-finds-all-mapped',
  name: 'start() finds all pages mapped',
  never: 'never called',
  question:
    'When mmu_notifier_invalidate_range_start() is called for a munmap(), is every page of the range still mapped, and none of them freed?',
  why: 'So start() is too early for a TLB that fills itself: what it drops there, the next walk brings back.',
  parts: [
    {
      id: 'munmap',
      about: '',
      counted: 'calls of start()',
      all: true,
      of: bothGaps,
      check,
      says: {
        yes: 'Yes, at every call, in every run.',
        no: 'No: a run calls start() with a page of the range unmapped already.',
        'never-asked': 'start() is never called here.',
        undecided: TOO_LARGE,
      },
    },
    {
      id: 'two-threads',
      about: 'Held against it: a second thread calls madvise(MADV_DONTNEED) on the same pages.',
      counted: 'calls of start()',
      all: true,
      of: policy => [subjectOf(policy, TWO_THREADS)],
      check,
      says: {
        yes: 'Even then, at every call.',
        no: 'Then it is not so: whoever calls start() second may find pages unmapped by the other.',
        'never-asked': 'start() is never called here.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
