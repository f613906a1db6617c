import { type Claim, type Part, TOO_LARGE } from './claim.ts'
import { ever, type Moment } from './moments.ts'
import { Pairs } from './pairs.ts'
import { bothGaps } from './subjects.ts'

/** Asked of every fill of the IOMMU’s TLB: does it fall between start() and end() of a range in which the page lies? */
function fillsBetween(): (moment: Moment) => void {
  const pairs = new Pairs()
  return moment => {
    pairs.see(moment)
    const { lab, before, events, note } = moment
    for (const e of events) {
      if (e.type !== 'tlb-filled' || e.by.kind !== 'iommu') continue
      const open = lab.setup.cpus.map((_, cpu) => pairs.at(lab, before, cpu)).filter(at => at.where === 'between')
      note(open.some(({ range }) => range !== undefined && e.vpn >= range.start && e.vpn < range.end))
    }
  }
}

const check: Part['check'] = (subject, limits) => ever(['cpu', 'device'], fillsBetween(), subject, limits)

export const refilledBeforeEnd = {
  id: 'refilled-before-end',
  name: 'TLB can be filled between them',
  never: 'never filled',
  question:
    'After start() has returned, and before end() is called: can a hardware walk put a page of the range into the IOMMU’s TLB?',
  why: 'The IOMMU asks nobody: it walks the page table of the process, and the PTE is still there.',
  parts: [
    {
      id: 'driver',
      about: '',
      counted: 'fills of the TLB',
      all: false,
      of: bothGaps,
      check,
      says: {
        yes: 'Yes.',
        no: 'No: in no run is the TLB filled with such a page there.',
        'never-asked': 'The IOMMU’s TLB is never filled here.',
        undecided: TOO_LARGE,
      },
    },
    {
      id: 'empty-table',
      about: 'Held against it: AMD’s way out before the series, an empty page table from start() to end().',
      counted: 'fills of the TLB',
      all: false,
      of: policy => (policy.driver === 'empty-table' ? [] : bothGaps({ ...policy, driver: 'empty-table' })),
      check,
      says: {
        yes: 'Even then it can.',
        no: 'Then it cannot, and every access of the device faults meanwhile.',
        'never-asked': 'The IOMMU’s TLB is never filled here.',
        undecided: TOO_LARGE,
      },
    },
  ],
} as const satisfies Claim
