import type { Bug } from './bug.ts'
import { movedFile } from './scenarios/moved-file.ts'

export const B08: Bug = {
  id: 'B08',
  title: 'mremap() tells secondary TLBs only in end()',
  wrong:
    'From 3.19 to 6.5 a move flushed the CPUs under the page-table locks and told IOMMUs only at the end of the pair. In between the moved page can be unmapped at its new place and freed, while a device still reaches it at the old one.',
  affected: {
    from: '3.19',
    until: '6.6',
    evidence: ['mail', 'id'],
    note: 'Truncation alone does not lead there up to 6.5, says the search: it also comes to the old VMA, and the end() of that pair tells the IOMMU. It is the switch of 6.6 that is tried here.',
  },
  introducedBy: [],
  fixedBy: [
    { id: '6bbd42e2df8f', what: 'lets the architectures’ flushes call the notifier', release: '6.6', evidence: ['id'] },
    { id: 'ec8832d007cb', what: 'takes the call out of end()', release: '6.6', evidence: ['id'] },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB'], operations: ['mremap', 'truncate'] },
  invariants: ['I1'],
  actors: 'One CPU that moves a page of a file, one that truncates the file, and a device that knows the old address',
  rule: 'I1',
  present: { kernel: '6.6', arch: 'x86', driver: 'notifier', switches: { archFlushNotifies: false } },
  fixed: { kernel: '6.6', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'archFlushNotifies', value: false },
  scenario: movedFile({
    id: 'mremap-against-truncate-device',
    title: 'A page moves while a device uses its old address',
    purpose:
      'The flush under the page-table locks reaches the CPUs. Whether the IOMMU hears of it decides who may still write to the page.',
    lookFor: 'When does the IOMMU hear that the old address is over?',
    bugs: ['B08'],
    devices: [
      {
        name: 'GPU 0',
        script: [
          { do: 'write', page: 'old[0]' },
          { do: 'write', page: 'old[0]' },
        ],
      },
    ],
  }),
  run: [
    {
      says: 'The GPU writes to the page at its old address: the translation is in the IOTLB.',
      moves: [['GPU 0', 'through', 'device-accessed']],
    },
    {
      says: 'CPU 0 moves the PTE, flushes the CPUs, and drops the locks. Nobody has told the IOMMU.',
      moves: [['CPU 0', 'through', 'pte_unmap_unlock']],
    },
    {
      says: 'CPU 1 truncates the file: it unmaps the page at its new address, tells the IOMMU of that address, and frees the frame.',
      moves: [['CPU 1', 'through', 'page-freed']],
    },
    {
      says: 'The GPU writes through the old translation, into a free frame.',
      moves: [['GPU 0', 'through', 'used-after-free']],
    },
  ],
}
