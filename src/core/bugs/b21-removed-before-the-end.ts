import type { Bug } from './bug.ts'

export const B21: Bug = {
  id: 'B21',
  title: 'An interval notifier is removed during an invalidation',
  wrong:
    'While an invalidation runs the interval tree must not change, so a removal is put on a list that the last end() works off. end() raises the sequence first and works off the list after it, under a lock. Whoever removed waited for another sequence without that lock: it could go on, and free its subscription, before end() had taken it out of the tree.',
  affected: { from: '5.5', until: '5.18', evidence: ['id', 'source'] },
  introducedBy: [{ id: '99cb252f5e68', what: 'adds interval notifiers', release: '5.5', evidence: ['id'] }],
  fixedBy: [
    {
      id: '319561669a59',
      what: 'reads the sequence under the lock',
      release: '5.18',
      evidence: ['id', 'source'],
    },
  ],
  cves: [],
  tags: { consumers: ['HMM'], hardware: [], operations: ['unregister', 'madvise'] },
  invariants: ['I13'],
  actors: 'One CPU that zaps a page, and a driver that gives its mirror up',
  rule: 'I13',
  present: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: {} },
  fixed: { kernel: '5.5', arch: 'x86', driver: 'notifier', switches: { deferredRemoveWait: 'seq-released' } },
  toggle: { field: 'deferredRemoveWait', value: 'seq-changed' },
  scenario: {
    format: 1,
    id: 'mirror-removed',
    title: 'A mirror is given up during a zap',
    purpose: 'A driver stops mirroring a page and frees its subscription while a zap of that page is under way.',
    lookFor: 'When does the subscription leave the tree, and when does the driver free it?',
    bugs: ['B21'],
    memory: {
      frames: 10,
      regions: [{ name: 'buf', at: '0x100000000000', pages: 1, kind: 'anon', protection: 'rw', present: 'all' }],
    },
    cpus: [{ task: 'app', tlb: 0, walkCache: 0, script: [{ do: 'madvise-dontneed', region: 'buf' }] }],
    devices: [],
    iommu: { iotlb: 0, walkCache: 0, queue: 1 },
    consumers: [{ kind: 'hmm', name: 'GPU 0', region: 'buf', script: [{ do: 'remove' }] }],
    batchSize: 16,
    switches: {},
    breaks: [],
  },
  run: [
    {
      says: 'CPU 0 zaps the page. start() makes the sequence odd and tells the driver.',
      moves: [
        ['CPU 0', 'through', 'mn_itree_inv_start_range'],
        ['CPU 0', 'through', 'device-tlb-flushed'],
      ],
    },
    {
      says: 'The driver gives the mirror up. The sequence is odd: its subscription goes on the deferred list, and it waits for another sequence.',
      moves: [['GPU 0 driver', 'until', 'wait_event']],
    },
    {
      says: 'CPU 0 comes to the end. It takes the lock and makes the sequence even. The list is not worked off yet.',
      moves: [['CPU 0', 'until', 'interval_tree_remove']],
    },
    {
      says: 'The driver reads the sequence without the lock: it is another. mmu_interval_notifier_remove() returns, and the subscription is freed.',
      moves: [['GPU 0 driver', 'through', 'kfree']],
    },
    {
      says: 'CPU 0 works off the list: it takes a freed subscription out of the tree.',
      moves: [['CPU 0', 'through', 'subscription-used-after-free']],
    },
  ],
}
