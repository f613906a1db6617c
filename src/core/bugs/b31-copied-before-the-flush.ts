import type { Bug } from './bug.ts'
import { unprotectedPage } from './scenarios/unprotected-page.ts'

export const B31: Bug = {
  id: 'B31',
  title: 'userfaultfd clears write bits, and copy on write copies too early',
  wrong:
    'userfaultfd_writeprotect() holds the mmap lock for reading only and flushes at its end. Asked to lift a protection that is not there, it clears the write bit all the same. A second thread faults and copies the page; the flush of the copy comes after the copying. In between a third thread still writes the old page through its TLB: the write is not in the copy.',
  affected: {
    from: '5.9',
    until: '5.12',
    evidence: ['id', 'mail', 'source'],
    note: 'the race is there since 5.7; pages are copied so readily since 5.9',
  },
  introducedBy: [
    {
      id: '292924b26024',
      what: 'protects pages through a userfaultfd, and flushes later',
      release: '5.7',
      evidence: ['mail'],
    },
    {
      id: '09854ba94c6a',
      what: 'copies every page to which somebody else has a reference',
      release: '5.9',
      evidence: ['mail'],
    },
  ],
  fixedBy: [
    {
      id: '6ce64428d620',
      what: 'flushes before the copy when a flush is pending',
      release: '5.12',
      evidence: ['id', 'mail'],
    },
  ],
  cves: [],
  tags: { consumers: ['CPU'], hardware: ['CPU TLB'], operations: ['userfaultfd', 'copy on write'] },
  invariants: ['I8', 'I6'],
  actors: 'One CPU that calls userfaultfd, one that faults, and one with the old translation in its TLB',
  rule: 'I8',
  present: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: { cowChecksFlushPending: false } },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'cowChecksFlushPending', value: false },
  scenario: unprotectedPage,
  run: [
    { says: 'CPU 2 writes buf[0]: its TLB has a writable entry.', moves: [['CPU 2', 'through', 'cpu-accessed']] },
    {
      says: 'CPU 0 clears the write bit of buf[0], and drops the page-table lock. The flush is still to come.',
      moves: [['CPU 0', 'through', 'pte_unmap_unlock']],
    },
    {
      says: 'CPU 1 writes buf[0]. It faults; somebody else has a reference to the page, so it is copied.',
      moves: [['CPU 1', 'through', 'page-copied']],
    },
    {
      says: 'CPU 2 writes buf[0] through its TLB, into the page that has been copied. The copy does not have it.',
      moves: [['CPU 2', 'through', 'write-lost']],
    },
  ],
}
