import { known } from '../base/assert.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import type { Bug } from './bug.ts'

export const B03: Bug = {
  id: 'B03',
  title: 'The first end() puts the real page table back',
  wrong:
    'The first form of the AMD IOMMUv2 driver remembered that a start/end pair is open, not how many are. With two overlapping pairs the first end() installs the real page table again while the other operation is still unmapping. A device fills its IOTLB, and the other operation frees the page.',
  affected: {
    from: null,
    until: '3.18',
    evidence: ['source'],
    note: 'AMD IOMMUv2; code of both sides read, the releases between them are not verified',
  },
  introducedBy: [],
  fixedBy: [
    { id: null, what: 'counts the open pairs under the lock of the PASID', release: null, evidence: ['not-verified'] },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB'], operations: ['madvise'] },
  invariants: ['I1', 'I10'],
  actors: 'Two CPUs that zap neighbouring pages, a device, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '3.18', arch: 'x86', driver: 'empty-table', switches: { emptyTableNesting: 'boolean' } },
  fixed: { kernel: '3.18', arch: 'x86', driver: 'empty-table', switches: {} },
  toggle: { field: 'emptyTableNesting', value: 'boolean' },
  scenario: known(scenarioById('overlapping-zaps'), 'scenario'),
  run: [
    {
      says: 'CPU 0 calls start() for buf[0]. The driver installs the empty table.',
      moves: [['CPU 0', 'until', 'pte_offset_map_lock']],
    },
    {
      says: 'CPU 1 calls start() for buf[1]. The empty table is there already.',
      moves: [['CPU 1', 'until', 'pte_offset_map_lock']],
    },
    {
      says: 'CPU 0 zaps its page and calls end(). The driver puts the real table back, though CPU 1’s pair is open.',
      moves: [
        ['CPU 0', 'through', 'pairing-broken'],
        ['CPU 0', 'through', 'completion wait'],
      ],
    },
    {
      says: 'The GPU writes buf[1]: a walk of the real table, and the translation is in the IOTLB.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 1 clears that PTE. The batch is full: the CPUs are flushed, the frame is freed.',
      moves: [['CPU 1', 'through', 'page-freed']],
    },
    {
      says: 'Another process gets the frame.',
      moves: [['CPU 2', 'through', 'alloc_pages']],
    },
    {
      says: 'The GPU writes buf[1] through its entry. CPU 1’s end(), which would have flushed it, is still to come.',
      moves: [['GPU 0', 'through', 'used-after-free']],
    },
  ],
}
