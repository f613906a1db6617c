import { known } from '../base/assert.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import type { Bug } from './bug.ts'

export const B12: Bug = {
  id: 'B12',
  title: 'A page is replaced, and the device sees writes in the wrong order',
  wrong:
    'When a PTE is made to name another page, the secondary TLB must be told between the clear and the set. If it is told in end() only, the new page can be written, and after it a flag, while the device still reads the old page: it sees the flag and then the data from before the flag was set.',
  affected: {
    from: null,
    until: null,
    evidence: ['source'],
    note: 'a hazard that the kernel’s documentation describes since 4.15; no kernel is named',
  },
  introducedBy: [],
  fixedBy: [],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB'], operations: ['copy on write'] },
  invariants: ['I7'],
  actors: 'One CPU that copies a page, one that writes the copy and then a flag, and a device that reads both',
  rule: 'I7',
  present: { kernel: '4.13', arch: 'x86', driver: 'notifier', switches: { clearFlushNotifies: false } },
  fixed: { kernel: '4.13', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'clearFlushNotifies', value: false },
  scenario: known(scenarioById('copy-on-write'), 'scenario'),
  run: [
    {
      says: 'The device reads data[0]: the IOTLB names the old page, which the child shares.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 0 writes data[0]. It copies the page, clears the PTE, flushes the CPUs, and maps the copy. The device has not been told.',
      moves: [['CPU 0', 'through', 'pte-set']],
    },
    {
      says: 'CPU 1 writes data[0], into the copy, and then flag[0].',
      moves: [
        ['CPU 1', 'through', 'cpu-accessed'],
        ['CPU 1', 'through', 'cpu-accessed'],
      ],
    },
    {
      says: 'The device reads flag[0]: it is set.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'The device reads data[0] through its IOTLB, from the old page: not written yet.',
      moves: [['GPU 0', 'through', 'seen-out-of-order']],
    },
  ],
}
