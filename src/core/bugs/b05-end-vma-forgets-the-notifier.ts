import type { Bug } from './bug.ts'
import { vmaFlush } from './scenarios/vma-flush.ts'

export const B05: Bug = {
  id: 'B05',
  title: 'The flush at the end of a VMA forgets the notifier',
  wrong:
    'Where each VMA is flushed by itself, as on arm64, the generic tlb_end_vma() flushed the CPUs and reset the gathered range without a call of the notifier. What is flushed later in the same munmap() names other pages. The call that end() makes from 3.19 to 6.5 covers this up, unless pages are freed before it: then a device still reaches a page of the first VMA that is another’s.',
  affected: {
    from: '3.19',
    until: '4.19',
    evidence: ['id'],
    note: 'arm64 and others; the mechanism is not verified in source',
  },
  introducedBy: [
    { id: '34ee645e83b6', what: 'calls the notifier for the gather, and not here', release: '3.19', evidence: ['id'] },
  ],
  fixedBy: [{ id: 'fd1102f0aade', what: 'keeps the range for the notifier', release: '4.19', evidence: ['id'] }],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB', 'SMMU'], operations: ['munmap'] },
  invariants: ['I5', 'I1'],
  actors: 'One CPU that unmaps two VMAs on arm64, a device, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '4.15', arch: 'arm64', driver: 'notifier', switches: {} },
  fixed: { kernel: '4.19', arch: 'arm64', driver: 'notifier', switches: {} },
  toggle: { field: 'endVmaFlushNotifies', value: false },
  scenario: vmaFlush,
  run: [
    {
      says: 'The GPU reads buf[0]: the translation is in the IOTLB.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 0 unmaps both VMAs: start(), and the PTE of buf[0] is cleared.',
      moves: [['CPU 0', 'through', 'clear the PTE of buf[0]']],
    },
    {
      says: 'tlb_end_vma() flushes the CPUs and forgets the range. The notifier is not called.',
      moves: [['CPU 0', 'until', 'clear the PTE of heap[0]']],
    },
    {
      says: 'The PTE of heap[0] is cleared, and the batch is full. The forced flush tells the IOMMU of heap[0] alone, and both frames are freed.',
      moves: [
        ['CPU 0', 'through', 'page-freed'],
        ['CPU 0', 'through', 'page-freed'],
      ],
    },
    { says: 'Another process gets the frame of buf[0].', moves: [['CPU 1', 'through', 'alloc_pages']] },
    {
      says: 'The GPU reads buf[0] through the old entry: another’s data. end() is still to come.',
      moves: [['GPU 0', 'through', 'used-after-free']],
    },
  ],
}
