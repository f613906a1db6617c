import type { Bug } from './bug.ts'
import { vmaFlush } from './scenarios/vma-flush.ts'

export const B05: Bug = {
  id: 'B05',
  title: 'The flush at the end of a VMA forgets the notifier',
  wrong:
    'Where each VMA is flushed by itself, as on arm64, the generic tlb_end_vma() flushed the CPUs and reset the gathered range without a call of the notifier. The last flush then has nothing left to tell. The call that end() makes from 3.19 to 6.5 covered this up, unless pages were freed before it; here that call is switched off, so that the bug is seen alone.',
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
  actors: 'One CPU that unmaps on arm64, a device, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '4.15', arch: 'arm64', driver: 'notifier', switches: { endImpliesInvalidate: false } },
  fixed: {
    kernel: '4.15',
    arch: 'arm64',
    driver: 'notifier',
    switches: { endImpliesInvalidate: false, endVmaFlushNotifies: true },
  },
  toggle: { field: 'endVmaFlushNotifies', value: false },
  scenario: vmaFlush,
  run: [
    {
      says: 'The GPU reads buf[0]: the translation is in the IOTLB.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 0 unmaps buf and clears the PTE.',
      moves: [['CPU 0', 'through', 'pte-cleared']],
    },
    {
      says: 'tlb_end_vma() flushes the CPUs and forgets the range. The notifier is not called.',
      moves: [['CPU 0', 'through', '__mmu_notifier_invalidate_range_end']],
    },
    {
      says: 'The last flush finds nothing to tell, and the frame is freed.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 1', 'through', 'alloc_pages']] },
    {
      says: 'The GPU reads buf[0] through the old entry: another’s data.',
      moves: [['GPU 0', 'through', 'used-after-free']],
    },
  ],
}
