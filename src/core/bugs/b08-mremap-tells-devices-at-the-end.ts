import type { Bug } from './bug.ts'
import { movedAnonPage } from './scenarios/moved-anon-page.ts'

export const B08: Bug = {
  id: 'B08',
  title: 'mremap() tells secondary TLBs only in end()',
  wrong:
    'From 3.19 to 6.5 a move flushed the CPUs under the page-table locks and told IOMMUs only at the end of the pair. In between the moved page can be unmapped at its new place and freed, while a device still reaches it at the old one.',
  affected: {
    from: '3.19',
    until: '6.6',
    evidence: ['mail', 'id'],
    note: 'Played in 3.19. From 4.13 to 6.5 neither reclaim nor truncation leads there, says the search: they come to the old address too, and the end() of that pair tells the IOMMU before the page is freed.',
  },
  introducedBy: [],
  fixedBy: [
    { id: '6bbd42e2df8f', what: 'lets the architectures’ flushes call the notifier', release: '6.6', evidence: ['id'] },
    { id: 'ec8832d007cb', what: 'takes the call out of end()', release: '6.6', evidence: ['id'] },
  ],
  cves: [],
  tags: { consumers: ['SVA'], hardware: ['IOTLB'], operations: ['mremap', 'reclaim'] },
  invariants: ['I1'],
  actors: 'One CPU that moves a page, kswapd that reclaims it, and a device that knows the old address',
  rule: 'I1',
  present: { kernel: '3.19', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '6.6', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'archFlushNotifies', value: false },
  scenario: movedAnonPage,
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
      says: 'kswapd unmaps the page at its new address, tells the IOMMU of that address, and frees the frame.',
      moves: [['CPU 1', 'through', 'page-freed']],
    },
    {
      says: 'The GPU writes through the old translation, into a free frame.',
      moves: [['GPU 0', 'through', 'used-after-free']],
    },
  ],
}
