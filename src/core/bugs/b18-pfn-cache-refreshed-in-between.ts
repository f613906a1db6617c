import type { Bug } from './bug.ts'
import { vmScenario } from './scenarios/vm.ts'

export const B18: Bug = {
  id: 'B18',
  title: 'KVM: the gfn-to-pfn cache is refreshed during an invalidation',
  wrong:
    'KVM keeps the frame of some guest pages at hand and uses it by its number. start() drops these caches first and raises mmu_invalidate_in_progress after it, under mmu_lock. A refresh that has found its page before, and looks at that count in between, sees no invalidation: it declares the cache valid, for a page that is about to be freed.',
  affected: { from: '5.17', until: '5.19', evidence: ['id', 'source'], note: 'both numbers are not verified' },
  introducedBy: [],
  fixedBy: [
    {
      id: '58cd407ca4c6',
      what: 'looks at the count that is raised before the caches are dropped',
      release: '5.19',
      evidence: ['id', 'source'],
    },
  ],
  cves: [],
  tags: { consumers: ['KVM'], hardware: [], operations: ['madvise', 'munmap'] },
  invariants: ['I9', 'I1'],
  actors: 'One CPU that zaps a page, KVM that refreshes its cache of it, and somebody who gets the freed frame',
  rule: 'I1',
  present: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: { pfnCacheRetryCounter: 'in_progress' } },
  fixed: { kernel: '6.1', arch: 'x86', driver: 'notifier', switches: {} },
  toggle: { field: 'pfnCacheRetryCounter', value: 'in_progress' },
  scenario: vmScenario({
    id: 'pfn-cache',
    title: 'A pfn cache of KVM against a zap',
    purpose:
      'KVM writes into a guest page whose frame it has found once. Between the search and the use the page may go.',
    lookFor: 'Which count is up between the moment at which the cache is dropped and that at which mmu_lock is taken?',
    bugs: ['B18'],
    vm: {
      memslots: [{ gfn: 0x10, region: 'ram' }],
      vcpus: [],
      pfnCache: { page: 'ram[0]', script: [{ do: 'write' }] },
    },
  }),
  run: [
    {
      says: 'KVM wants to write into ram[0] and finds its cache not valid. It samples the sequence, and finds the page.',
      moves: [['VM 0 cache', 'until', 'mmu_notifier_retry_cache']],
    },
    {
      says: 'CPU 0 zaps the page. start() drops the cache, which is not valid yet: nothing to drop. mmu_invalidate_in_progress is still 0.',
      moves: [
        ['CPU 0', 'through', 'gfn_to_pfn_cache_invalidate_start'],
        ['CPU 0', 'until', 'kvm_mmu_invalidate_begin'],
      ],
    },
    {
      says: 'KVM looks at that count and at the sequence: all quiet. The cache is declared valid, and the reference is dropped.',
      moves: [['VM 0 cache', 'through', 'kvm_release_pfn_clean']],
    },
    {
      says: 'CPU 0 goes on: the PTE is cleared, the page is freed. Nobody drops the cache any more.',
      moves: [['CPU 0', 'through', 'page-freed']],
    },
    { says: 'Another process gets the frame.', moves: [['CPU 1', 'through', 'alloc_pages']] },
    {
      says: 'KVM writes the guest’s data into it.',
      moves: [['VM 0 cache', 'through', 'used-after-free']],
    },
  ],
}
