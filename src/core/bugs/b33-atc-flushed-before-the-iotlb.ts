import { known } from '../base/assert.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import type { Bug } from './bug.ts'

export const B33: Bug = {
  id: 'B33',
  title: 'The device TLB is invalidated before the IOTLB',
  wrong:
    'A device with ATS asks the IOMMU for translations and keeps them. A driver that flushes the device’s cache first and the IOTLB after it leaves a gap: the device asks again, the IOMMU answers from the stale IOTLB entry, and the flush of the IOTLB does not reach what the device has kept.',
  affected: {
    from: null,
    until: null,
    evidence: ['not-verified'],
    note: 'no upstream driver is known to have had the order wrong: a what-if',
  },
  introducedBy: [],
  fixedBy: [],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['ATC', 'IOTLB'], operations: ['munmap'] },
  invariants: ['I11', 'I1'],
  actors: 'One CPU that unmaps, and a device with an ATC',
  rule: 'I1',
  present: { kernel: '6.6', arch: 'x86', driver: 'notifier', switches: { invalidateOrder: 'atc-first' } },
  fixed: { kernel: '6.6', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'invalidateOrder', value: 'atc-first' },
  scenario: known(scenarioById('ats-munmap'), 'scenario'),
  run: [
    {
      says: 'The GPU writes buf[0]: it asks the IOMMU, keeps the answer in its ATC, and uses it.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 0 clears the PTE and calls the driver, which queues two commands: the ATC first.',
      moves: [['CPU 0', 'through', 'secondary-tlb-invalidate-called']],
    },
    {
      says: 'The IOMMU sends the Invalidate Request. The GPU drops its entry and says so.',
      moves: [
        ['IOMMU', 'steps', 1],
        ['GPU 0 ATC', 'steps', 1],
      ],
    },
    {
      says: 'The GPU asks again. The IOTLB still has the old entry: the answer is stale, and goes into the ATC.',
      moves: [['GPU 0', 'through', 'take the translation of buf[0] into the ATC']],
    },
    {
      says: 'The IOTLB is flushed, too late. CPU 0 is told that all is done, and frees the frame.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    { says: 'The GPU writes through its ATC: into a free frame.', moves: [['GPU 0', 'through', 'used-after-free']] },
  ],
}
