import type { Bug } from './bug.ts'
import { raisedPermission } from './scenarios/raised-permission.ts'

export const B13: Bug = {
  id: 'B13',
  title: 'arm64: a permission is raised and the SMMU never hears of it',
  wrong:
    'An SMMU may cache that a page is read-only. A write fault made the PTE writable and flushed the CPU only, so the device met the old entry again, and faulted again, for ever.',
  affected: {
    from: '5.11',
    until: '6.6',
    evidence: ['mail', 'source'],
    note: 'from 5.11: not verified; only without BTM',
  },
  introducedBy: [],
  fixedBy: [
    {
      id: '6bbd42e2df8f',
      what: 'lets the flush in ptep_set_access_flags() notify',
      release: '6.6',
      evidence: ['id', 'mail'],
    },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB', 'SMMU'], operations: ['page fault', 'clear_refs'] },
  invariants: ['L1'],
  actors: 'A device that reads a read-only page and then writes it, and the handler of its fault',
  rule: 'L1',
  present: { kernel: '6.1', arch: 'arm64', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.6', arch: 'arm64', driver: 'notifier', switches: {} },
  toggle: { field: 'upgradeNotifies', value: false },
  scenario: raisedPermission,
  run: [
    {
      says: 'CPU 0 write-protects all pages, flushes, and is done.',
      moves: [['CPU 0', 'through', 'syscall-returned']],
    },
    {
      says: 'The device reads buf[0]. The IOTLB has it from now on, as read-only.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'The device writes buf[0]. The IOTLB refuses it without a look at the page table, and the device asks for the page.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
    {
      says: 'The handler makes the PTE writable, tells no secondary TLB of it, and answers success.',
      moves: [['Fault worker', 'through', 'page-request-answered']],
    },
    {
      says: 'The device tries again. The IOTLB has not changed its mind.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
    {
      says: 'The handler finds the PTE writable: nothing to do. It answers success.',
      moves: [['Fault worker', 'through', 'page-request-answered']],
    },
    {
      says: 'The device tries again, and asks again. Everything is as it was two steps before.',
      moves: [['GPU 0', 'through', 'page-requested']],
    },
  ],
}
