import type { Bug } from './bug.ts'
import { faultStorm } from './scenarios/fault-storm.ts'

export const B04: Bug = {
  id: 'B04',
  title: 'Empty page table, and “success” as the answer: a fault storm',
  wrong:
    'Up to 3.18 the AMD IOMMUv2 driver pointed the PASID at an empty page table from start() to end(). Every access of the device faulted meanwhile, on any address, and the handler answered success without mapping anything, so the device tried again, and again. Newer GPUs give up after a number of faults and need a reset: the reason why the 2014 series was written.',
  affected: { from: null, until: '3.19', evidence: ['mail'], note: 'AMD IOMMUv2' },
  introducedBy: [],
  fixedBy: [
    {
      id: '1897bdc4d331',
      what: 'names the storm as its reason, and adds the hook that makes the empty table needless',
      release: '3.19',
      evidence: ['id', 'mail'],
    },
    { id: null, what: 'moves the AMD driver to the hook', release: '3.19', evidence: ['not-verified'] },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['page requests'], operations: ['madvise'] },
  invariants: ['L1'],
  actors: 'One CPU that zaps a page, and a device that wants another one',
  rule: 'L1',
  present: { kernel: '3.18', arch: 'x86', driver: 'empty-table', switches: {} },
  fixed: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'driver', value: 'empty-table' },
  scenario: faultStorm,
  run: [
    {
      says: 'CPU 0 calls start() for buf[0]. The driver installs the empty table, and the pair stays open for long.',
      moves: [['CPU 0', 'until', 'pte_offset_map_lock']],
    },
    {
      says: 'The GPU reads heap[0], which nobody changes. The table is empty: it asks for the page.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
    {
      says: 'The handler answers success, and has mapped nothing.',
      moves: [['Fault worker', 'through', 'page-request-answered']],
    },
    {
      says: 'The GPU tries again, and asks again. Everything is as it was in step 2: this can go on for as long as the pair is open.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
  ],
}
