import { known } from '../base/assert.ts'
import { scenarioById } from '../scenarios/scenario-list.ts'
import type { Bug } from './bug.ts'

export const B01: Bug = {
  id: 'B01',
  title: 'The IOTLB is filled again between start() and the PTE clear',
  wrong:
    'Up to 3.18 a driver whose IOMMU walks the process’s own page table heard of an unmap twice: in start(), with every page still mapped, and in end(). A device can fill the IOTLB again right after the flush in start(). When the gather has to flush early, its pages are freed before end(), and only the CPUs have been flushed.',
  affected: {
    from: null,
    until: '3.19',
    evidence: ['id', 'source'],
    note: 'drivers that flush in start() and end() only, on a page table shared with the CPU',
  },
  introducedBy: [],
  fixedBy: [
    { id: '1897bdc4d331', what: 'adds the hook, empty', release: '3.19', evidence: ['id'] },
    { id: '34ee645e83b6', what: 'calls it wherever TLBs are flushed', release: '3.19', evidence: ['id', 'source'] },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB'], operations: ['munmap'] },
  invariants: ['I1', 'I4'],
  actors: 'One CPU that unmaps, a device, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '3.18', arch: 'x86', driver: 'naive', switches: {} },
  fixed: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'gatherFlushNotifies', value: false },
  scenario: known(scenarioById('munmap-forced-flush'), 'scenario'),
  run: [
    {
      says: 'CPU 0 calls start(). The driver flushes the IOTLB.',
      moves: [
        ['CPU 0', 'through', '__mmu_notifier_invalidate_range_start'],
        ['CPU 0', 'until', 'pte_offset_map_lock'],
      ],
    },
    {
      says: 'The GPU writes buf[0]: a miss, a walk, and the translation is in the IOTLB again.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 0 clears the PTE. The page goes into the gather, and the batch is full.',
      moves: [['CPU 0', 'through', 'clear the PTE of buf[0]']],
    },
    {
      says: 'The forced flush reaches the CPUs only, and the frame is freed.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 1', 'through', 'page-allocated']] },
    {
      says: 'The GPU writes buf[0] through the entry it still has: into the other process’s frame. The flush in end() comes too late.',
      moves: [['GPU 0', 'through', 'used-after-free']],
    },
  ],
}
